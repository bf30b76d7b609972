package dev.ehlo.smtp.mta;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code ehlo user}: who may log in. A running server sees each change at once. */
@Command(
        name = "user",
        description = "Manage logins; each is a mailbox at the local domains too.",
        mixinStandardHelpOptions = true,
        subcommands = {AppPasswordCommand.class, CertificateCommand.class},
        synopsisSubcommandLabel = "(add | list | remove | app-password | certificate)")
final class UserCommand {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "ehlo-data",
            scope = ScopeType.INHERIT,
            description = "The server's data directory (default: ./ehlo-data).")
    private Path data;

    private final InputStream in;

    @SuppressWarnings("NullAway.Init") // picocli fills the other fields
    UserCommand(InputStream in) {
        this.in = in;
    }

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description = "Add a login, or give it a new password beside those of its applications; a random one is "
                    + "shown if none is given.")
    int add(
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--password-stdin", description = "Read the password from standard input.")
                    boolean passwordStdin)
            throws IOException, Failure {
        String password =
                passwordStdin ? Password.firstLine(in, "on standard input") : Password.random(new SecureRandom());
        users().add(name, password);
        spec.commandLine()
                .getOut()
                .println(passwordStdin ? "added " + name : "added " + name + ", password " + password);
        return Ehlo.DONE;
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "List the logins.")
    int list() throws IOException, Failure {
        users().names().forEach(spec.commandLine().getOut()::println);
        return Ehlo.DONE;
    }

    @Command(name = "remove", mixinStandardHelpOptions = true, description = "Remove a login; its mail stays.")
    int remove(@Parameters(paramLabel = "NAME") String name) throws IOException, Failure {
        users().remove(name);
        spec.commandLine().getOut().println("removed " + name);
        return Ehlo.DONE;
    }

    Users users() throws Failure {
        return new Users(DataDirectory.at(data).users(), Set.of(), Clock.systemUTC());
    }
}
