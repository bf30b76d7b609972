package dev.ehlo.smtp.mta;

import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code ehlo queue top}: the destinations for which most waits, over and over until it is ended. */
@Command(
        name = "top",
        mixinStandardHelpOptions = true,
        description = {
            "Show live where mail waits, and how it goes there, until Ctrl-C.",
            "RATE/S is of the lane, that is all mail which goes the same way; REPLY why it was refused last."
        })
final class TopCommand implements Callable<Integer> {
    private static final int ROWS_OF_ONE = 50;
    private static final int COLUMNS_OF_ONE = 1000;
    /** Of a screen, for all but the destinations. */
    private static final int HEAD_ROWS = 5;

    private static final String HOME = "\u001b[H";
    private static final String END_OF_LINE = "\u001b[K";
    private static final String END_OF_SCREEN = "\u001b[J";

    @Spec
    private CommandSpec spec;

    @ParentCommand
    private QueueCommand queue;

    @Option(names = "--once", description = "Look once, and print it as plain lines.")
    private boolean once;

    @Option(
            names = "--every",
            paramLabel = "SECONDS",
            defaultValue = "2",
            description = "Seconds between two looks (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    TopCommand() {}

    @Override
    public Integer call() throws Failure, InterruptedException {
        if (seconds < 1) {
            throw new Failure("not a number of seconds from 1 on: " + seconds);
        }
        QueueClient server = queue.server();
        TopScreen screen = new TopScreen();
        PrintWriter out = spec.commandLine().getOut();
        int rows = once ? ROWS_OF_ONE : Math.max(HEAD_ROWS + 1, size("LINES", 24));
        int columns = once ? COLUMNS_OF_ONE : size("COLUMNS", 132);
        while (true) {
            server.askForMany("top", Map.of("rows", String.valueOf(rows - HEAD_ROWS)), screen);
            List<String> lines = screen.lines(Instant.now(), System.nanoTime(), columns);
            if (once) {
                lines.forEach(line -> out.println(line.stripTrailing()));
                out.flush();
                return Ehlo.DONE;
            }
            StringBuilder frame = new StringBuilder(HOME);
            lines.forEach(line -> frame.append(line).append(END_OF_LINE).append("\r\n"));
            out.print(frame.append(END_OF_SCREEN));
            out.flush();
            TimeUnit.SECONDS.sleep(seconds);
        }
    }

    /** As the shell tells it. */
    private static int size(String variable, int unknown) {
        String said = System.getenv(variable);
        return said != null && said.matches("[1-9][0-9]{0,3}") ? Math.min(Integer.parseInt(said), 1000) : unknown;
    }
}
