package dev.ehlo.smtp.mta;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code ehlo}. Exit codes: 0 done, 1 not all was accepted, 2 the command can't do what it was told. */
@Command(
        name = "ehlo",
        description = "A mail server, and what goes with it.",
        mixinStandardHelpOptions = true,
        version = "ehlo 0.1.0-SNAPSHOT")
public final class Ehlo implements Runnable {
    static final int DONE = 0;
    static final int NOT_ALL_ACCEPTED = 1;
    static final int UNUSABLE = 2;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    Ehlo() {}

    /** Runs the command and ends the JVM with its exit code. */
    public static void main(String... arguments) {
        System.exit(commandLine(System.in).execute(arguments));
    }

    /** @param in what the commands read where they are told to read standard input */
    static CommandLine commandLine(InputStream in) {
        return new CommandLine(new Ehlo())
                .addSubcommand(new ServeCommand())
                .addSubcommand(new SendCommand(in))
                .addSubcommand(new SinkCommand())
                .addSubcommand(new LoadCommand())
                .addSubcommand(new UserCommand(in))
                .addSubcommand(new QueueCommand())
                .addSubcommand(new SelftestCommand())
                .setParameterExceptionHandler(Ehlo::explain)
                .setExecutionExceptionHandler((error, command, parsed) -> {
                    if (error instanceof Failure) {
                        command.getErr().println("ehlo: " + error.getMessage());
                    } else if (error instanceof IOException failed) {
                        command.getErr().println("ehlo: " + DataDirectory.reason(failed));
                    } else {
                        throw error;
                    }
                    return UNUSABLE;
                });
    }

    /** One line, in place of picocli's page of usage. */
    private static int explain(ParameterException error, String[] arguments) {
        PrintWriter err = error.getCommandLine().getErr();
        err.println("ehlo: " + String.valueOf(error.getMessage()).replace('\n', ' ') + " (try "
                + error.getCommandLine().getCommandSpec().qualifiedName() + " --help)");
        return UNUSABLE;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "which command? serve, send, sink, load, user, queue or selftest");
    }
}
