package dev.ehlo.smtp.mta;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code ehlo queue}: what an operator asks of the queue of a running server. */
@Command(
        name = "queue",
        description = "Look at the queue of a running server, and control it.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(status | hold | release | resume)")
final class QueueCommand {
    /** Until the answer is whole: to resume waits for the disk. */
    private static final Duration LONGEST = Duration.ofMinutes(2);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "ehlo-data",
            scope = ScopeType.INHERIT,
            description = "The server's data directory (default: ./ehlo-data).")
    private Path data;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    QueueCommand() {}

    @Command(
            name = "status",
            mixinStandardHelpOptions = true,
            description = "Show how the queue is; the exit code is 1 while it is at fault.")
    int status(@Option(names = "--json", description = "As one object of JSON.") boolean json) throws Failure {
        Map<String, String> status = ask("status");
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(status));
        } else {
            print(out, status);
        }
        return status.containsKey("fault") ? Ehlo.NOT_ALL_ACCEPTED : Ehlo.DONE;
    }

    @Command(
            name = "hold",
            mixinStandardHelpOptions = true,
            description = "Start no more deliveries until release; mail is accepted still.")
    int hold() throws Failure {
        ask("hold");
        return Ehlo.DONE;
    }

    @Command(name = "release", mixinStandardHelpOptions = true, description = "Start deliveries again after hold.")
    int release() throws Failure {
        ask("release");
        return Ehlo.DONE;
    }

    @Command(
            name = "resume",
            mixinStandardHelpOptions = true,
            description = "Accept and deliver again after a fault of the disk that has been mended.")
    int resume() throws Failure {
        ask("resume");
        return Ehlo.DONE;
    }

    /** What the server says, by name. */
    private Map<String, String> ask(String request) throws Failure {
        Path socket = new DataDirectory(data.toAbsolutePath().normalize()).control();
        List<String> lines;
        try (ControlConnection connection = connect(socket)) {
            connection.write(request + '\n');
            lines = connection.readAll(ControlSocket.ANSWER_OCTETS).lines().toList();
        } catch (IOException e) {
            throw new Failure("no answer from the server at " + socket + ": " + DataDirectory.reason(e), e);
        }
        String first = lines.isEmpty() ? "" : lines.get(0);
        if (!first.equals(ControlSocket.OK)) {
            throw new Failure(
                    first.startsWith(ControlSocket.FAILED)
                            ? request + ": " + first.substring(ControlSocket.FAILED.length())
                            : "no answer from the server at " + socket);
        }
        Map<String, String> said = new LinkedHashMap<>();
        for (String line : lines.subList(1, lines.size())) {
            int space = line.indexOf(' ');
            said.put(line.substring(0, Math.max(space, 0)), line.substring(space + 1));
        }
        return said;
    }

    private static ControlConnection connect(Path socket) throws IOException, Failure {
        SocketChannel channel;
        try {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            throw new Failure("no server to be reached at " + socket + ": " + e.getMessage(), e);
        }
        return new ControlConnection(channel, LONGEST);
    }

    private static void print(PrintWriter out, Map<String, String> status) {
        String fault = status.get("fault");
        out.printf("%-12s %s%n", "queue", fault == null ? "sound" : "at fault: " + fault);
        out.printf("%-12s %s%n", "deliveries", "true".equals(status.get("held")) ? "held" : "running");
        out.printf(
                "%-12s %s: %s ready, %s deferred, %s in flight%n",
                "messages",
                status.get("messages"),
                status.get("ready"),
                status.get("deferred"),
                status.get("attempts"));
        out.printf(
                "%-12s %s since the start, with %s syncs%n", "accepted", status.get("accepted"), status.get("syncs"));
    }

    /** Numbers and what is true or false stand as they are. */
    private static String json(Map<String, String> said) {
        return said.entrySet().stream()
                .map(e -> Json.quoted(e.getKey())
                        + ':'
                        + (e.getValue().matches("[0-9]+|true|false") ? e.getValue() : Json.quoted(e.getValue())))
                .collect(Collectors.joining(",", "{", "}"));
    }
}
