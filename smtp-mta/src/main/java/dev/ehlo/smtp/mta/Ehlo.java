package dev.ehlo.smtp.mta;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.List;
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

    private static final List<String> COMMANDS =
            List.of("serve", "send", "sink", "load", "user", "queue", "check", "selftest");

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    Ehlo() {}

    /** Runs the command and ends the JVM with its exit code. */
    public static void main(String... arguments) {
        System.exit(commandLine(System.in, arguments).execute(arguments));
    }

    /**
     * Of the commands the one alone that is named, if one is: to load all takes longer than some take to run.
     *
     * @param in what the commands read where they are told to read standard input
     */
    static CommandLine commandLine(InputStream in, String... arguments) {
        CommandLine ehlo = new CommandLine(new Ehlo());
        boolean isNamed = arguments.length > 0 && COMMANDS.contains(arguments[0]);
        for (String name : isNamed ? List.of(arguments[0]) : COMMANDS) {
            ehlo.addSubcommand(command(name, in));
        }
        return ehlo.setParameterExceptionHandler(Ehlo::explain)
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

    private static Object command(String name, InputStream in) {
        return switch (name) {
            case "serve" -> new ServeCommand();
            case "send" -> new SendCommand(in);
            case "sink" -> new SinkCommand();
            case "load" -> new LoadCommand();
            case "user" -> new UserCommand(in);
            case "queue" -> new QueueCommand();
            case "check" -> new CheckCommand();
            case "selftest" -> new SelftestCommand();
            default -> throw new IllegalArgumentException(name);
        };
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "which command? serve, send, sink, load, user, queue, check or selftest");
    }
}
