package dev.ehlo.smtp.mta;

import java.io.IOException;
import java.security.SecureRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/**
 * {@code ehlo user app-password}: a password for each of a user's applications, so that one that is lost is taken back
 * alone.
 */
@Command(
        name = "app-password",
        description = "Manage passwords for a login's applications, one each.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(add | list | remove | only)")
final class AppPasswordCommand {
    @Spec
    private CommandSpec spec;

    @ParentCommand
    private UserCommand parent;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    AppPasswordCommand() {}

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description = "Make a password for an application, and show it this once.")
    int add(
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "LABEL", description = "What the application or device is called.") String label)
            throws IOException, Failure {
        String password = Password.random(new SecureRandom());
        parent.users().addApplication(name, label, password);
        say("added " + label + " for " + name + ", password " + password + " (shown this once)");
        return Ehlo.DONE;
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "List the labels.")
    int list(@Parameters(paramLabel = "NAME") String name) throws IOException, Failure {
        parent.users().login(name).applications().forEach(this::say);
        return Ehlo.DONE;
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = "Take a password back; it is good for no login from now on.")
    int remove(@Parameters(paramLabel = "NAME") String name, @Parameters(paramLabel = "LABEL") String label)
            throws IOException, Failure {
        parent.users().removeApplication(name, label);
        say("removed " + label + " of " + name);
        return Ehlo.DONE;
    }

    @Command(
            name = "only",
            mixinStandardHelpOptions = true,
            description = "Take the login's own password away, until user add gives it one again.")
    int only(@Parameters(paramLabel = "NAME") String name) throws IOException, Failure {
        parent.users().applicationsOnly(name);
        say(name + " logs in with passwords of applications only");
        return Ehlo.DONE;
    }

    private void say(String line) {
        spec.commandLine().getOut().println(line);
    }
}
