package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user's own module, compiled and run on the module path with one of ours and only what that one needs. */
class ConsumerIT {
    private static final Path LIB = Path.of("target", "lib").toAbsolutePath();
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"), "bin");
    private static final Set<String> TLS = Set.of(
            "smtp-tls",
            "slf4j-api",
            "jctools-core",
            "jctools-core-jdk11",
            "bcprov-jdk18on",
            "bcutil-jdk18on",
            "bcpkix-jdk18on");

    @TempDir
    private Path scratch;

    @Test
    void takesTheCodecAlone() throws Exception {
        String out = run(Set.of("smtp-codec"), "requires dev.ehlo.smtp.codec;", """
                import dev.ehlo.smtp.codec.*;
                import java.nio.ByteBuffer;
                public class Main {
                    public static void main(String[] args) {
                        ByteBuffer in = ByteBuffer.wrap("MAIL FROM:<a@example.org> SIZE=10\\r\\n".getBytes());
                        Command command = new Command();
                        ParseResult result = new CommandParser().parse(in, command);
                        System.out.println(result + " " + command.verb() + " " + command.toReversePath());
                    }
                }
                """);
        assertThat(out).isEqualTo("COMPLETE MAIL a@example.org\n");
    }

    @Test
    void takesTheServerAlone() throws Exception {
        String out = run(union(TLS, "smtp-codec", "smtp-server"), "requires dev.ehlo.smtp.server;", """
                import dev.ehlo.smtp.*;
                import dev.ehlo.smtp.server.*;
                import java.net.*;
                public class Main {
                    public static void main(String[] args) throws Exception {
                        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
                        SmtpHandler refusing = (session, envelope) ->
                                MessageSink.refusing(Reply.of(554, "nobody here"));
                        try (SmtpServer server = SmtpServer.builder().hostname("mx.example.org")
                                .handler(refusing).listen(Profile.mx().at(any)).start();
                                Socket client = new Socket(any.getAddress(), server.address("mx").getPort())) {
                            byte[] greeting = client.getInputStream().readNBytes(4);
                            System.out.println(new String(greeting) + "and up");
                        }
                    }
                }
                """);
        assertThat(out).isEqualTo("220 and up\n");
    }

    @Test
    void takesTheClientAlone() throws Exception {
        String out = run(union(TLS, "smtp-codec", "smtp-client", "dnsjava"), "requires dev.ehlo.smtp.client;", """
                import dev.ehlo.smtp.*;
                import dev.ehlo.smtp.client.*;
                import java.net.*;
                public class Main {
                    public static void main(String[] args) throws Exception {
                        int closed;
                        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                            closed = socket.getLocalPort();
                        }
                        try (SmtpClient client = SmtpClient.builder().localName("app.example.org").build()) {
                            DeliveryReport report = client.to(Smarthost.relay("127.0.0.1", closed))
                                    .deliver(Envelope.from("a@example.org").to("b@example.net"),
                                            MessageSource.of(new byte[] {'x'})).join();
                            System.out.println(report.outcomes().get(0).status());
                        }
                    }
                }
                """);
        assertThat(out).isEqualTo("NOT_SENT\n");
    }

    private static Set<String> union(Set<String> some, String... more) {
        return Stream.concat(some.stream(), Stream.of(more)).collect(Collectors.toSet());
    }

    private String run(Set<String> jars, String requires, String main) throws Exception {
        Path sources = Files.createDirectories(scratch.resolve("src"));
        Files.writeString(sources.resolve("module-info.java"), "module consumer { " + requires + " }");
        Files.createDirectories(sources.resolve("consumer"));
        Files.writeString(sources.resolve("consumer/Main.java"), "package consumer;\n" + main);
        String path = modulePath(jars);
        String classes = scratch.resolve("classes").toString();
        EhloProcess.Result compiled = EhloProcess.exec(
                scratch,
                "",
                Map.of(),
                List.of(
                        JAVA_HOME.resolve("javac").toString(),
                        "-Xlint:all",
                        "-Werror",
                        "-p",
                        path,
                        "-d",
                        classes,
                        sources.resolve("module-info.java").toString(),
                        sources.resolve("consumer/Main.java").toString()));
        assertThat(compiled.exitCode()).as(compiled.all()).isZero();
        EhloProcess.Result ran = EhloProcess.exec(
                scratch,
                "",
                Map.of(),
                List.of(
                        JAVA_HOME.resolve("java").toString(),
                        "-p",
                        path + File.pathSeparator + classes,
                        "-m",
                        "consumer/consumer.Main"));
        assertThat(ran.exitCode()).as(ran.all()).isZero();
        return ran.out();
    }

    /** A folder would make modules of everything in it; here each jar is named, and none is forgotten. */
    private static String modulePath(Set<String> names) throws Exception {
        try (Stream<Path> files = Files.list(LIB)) {
            List<String> jars = files.filter(f -> names.stream()
                            .anyMatch(n -> f.getFileName().toString().matches(n + "-[0-9].*\\.jar")))
                    .map(Path::toString)
                    .toList();
            assertThat(jars).hasSameSizeAs(names);
            return String.join(File.pathSeparator, jars);
        }
    }
}
