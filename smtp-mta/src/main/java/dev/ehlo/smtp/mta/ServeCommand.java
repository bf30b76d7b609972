package dev.ehlo.smtp.mta;

import java.io.IOException;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ehlo serve}: the mail server, until SIGTERM or Ctrl-C. */
@Command(name = "serve", description = "Run the mail server.", mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);
    private static final String FIRST_LOGIN = "user";

    @Spec
    private CommandSpec spec;

    @Mixin
    private ServerOptions options;

    @Option(
            names = "--metrics",
            paramLabel = "PORT",
            description =
                    "Tell figures by HTTP on this port of 127.0.0.1, under /metrics and in the format of OpenMetrics; "
                            + "0 takes any free port (default: not at all).")
    private @Nullable String metrics;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    ServeCommand() {}

    @Override
    public Integer call() throws Failure, IOException, InterruptedException {
        Settings settings = options.settings();
        MailServer server = MailServer.start(settings, Clock.systemUTC());
        Optional<String> password;
        try {
            if (metrics != null) {
                server.tellMetrics(metricsPort(metrics));
            }
            password = firstPassword(server.users());
        } catch (IOException | Failure e) {
            server.close();
            throw e;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "stop"));
        PrintWriter out = spec.commandLine().getOut();
        new Welcome(settings, server, FIRST_LOGIN, password).print(out);
        out.flush();
        new CountDownLatch(1).await();
        return Ehlo.DONE;
    }

    private static int metricsPort(String port) throws Failure {
        try {
            return HostAndPort.port(port, 0);
        } catch (IllegalArgumentException e) {
            throw new Failure("--metrics: " + e.getMessage(), e);
        }
    }

    /** A JVM that a signal ends would exit with 128 and the signal's number; asked to stop and stopped is success. */
    private static void stop(MailServer server) {
        int code = Ehlo.DONE;
        try {
            server.close();
        } catch (IOException | RuntimeException e) {
            LOG.error("stopped, but not cleanly", e);
            code = Ehlo.NOT_ALL_ACCEPTED;
        }
        Runtime.getRuntime().halt(code);
    }

    /** On the first start there is nobody who could log in, so somebody is made. */
    private static Optional<String> firstPassword(Users users) throws IOException, Failure {
        if (!users.names().isEmpty()) {
            return Optional.empty();
        }
        String password = Password.random(new SecureRandom());
        users.add(FIRST_LOGIN, password);
        return Optional.of(password);
    }
}
