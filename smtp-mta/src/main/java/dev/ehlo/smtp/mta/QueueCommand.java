package dev.ehlo.smtp.mta;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code ehlo queue}: what an operator asks of the queue of a running server. */
@Command(
        name = "queue",
        description = {
            "Look at the queue of a running server, and control it.",
            "",
            "Messages are meant by their ids, or by all that is said of them: of sender, recipient, domain and age. Of a "
                    + "message those recipients alone are meant of whom it is true. What is being attempted is let be until "
                    + "the attempt has ended: whoever has the message by then has it. All of it survives a crash."
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel =
                "(status | top | list | show | hold | release | retry | remove | bounce | resume | suppress)",
        subcommands = {SuppressCommand.class, TopCommand.class})
final class QueueCommand {
    /** Messages that are listed where nothing is said of it. */
    private static final int SHOWN = 1000;

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
        Map<String, String> status = server().ask("status", Map.of());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.object(status, status.keySet()));
        } else {
            print(out, status);
        }
        return status.containsKey("fault") ? Ehlo.NOT_ALL_ACCEPTED : Ehlo.DONE;
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "List messages and how their recipients stand, oldest first.")
    int list(
            @Mixin QueueOptions which,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "" + SHOWN,
                            description = "Messages that are listed at most, 0 for all (default: " + SHOWN + ").")
                    int limit,
            @Option(names = "--json", description = "As an object of JSON for each message, each in a line.")
                    boolean json)
            throws Failure {
        Map<String, String> words = which.words();
        if (limit > 0) {
            words.put("limit", String.valueOf(limit));
        }
        PrintWriter out = spec.commandLine().getOut();
        QueueRows rows = new QueueRows(out, json ? QueueRows.Form.JSON : QueueRows.Form.TABLE, Instant.now());
        Map<String, String> end = server().askForMany("list", words, rows);
        rows.end();
        out.flush();
        if ("true".equals(end.get("more"))) {
            spec.commandLine().getErr().println("ehlo: there are more than " + limit + " (see --limit)");
        }
        return Ehlo.DONE;
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Show all that is known of a message; the exit code is 1 if it is not in the queue.")
    int show(
            @Parameters(paramLabel = "ID", description = "The message.") String id,
            @Option(names = "--json", description = "As one object of JSON.") boolean json)
            throws Failure {
        PrintWriter out = spec.commandLine().getOut();
        QueueRows rows = new QueueRows(out, json ? QueueRows.Form.JSON : QueueRows.Form.WHOLE, Instant.now());
        server().askForMany("list", Map.of("ids", id), rows);
        if (rows.end() == 0) {
            spec.commandLine().getErr().println("ehlo: not in the queue");
            return Ehlo.NOT_ALL_ACCEPTED;
        }
        out.flush();
        return Ehlo.DONE;
    }

    @Command(
            name = "hold",
            mixinStandardHelpOptions = true,
            description = {
                "Attempt none of these messages until they are released, also after a restart; they do not expire.",
                "Without any, start no more deliveries until release or a restart; mail is accepted still."
            })
    int hold(@Mixin QueueOptions which, @Option(names = "--all", description = ALL) boolean all) throws Failure {
        return change("hold", which, all, true);
    }

    @Command(
            name = "release",
            mixinStandardHelpOptions = true,
            description = "Take hold back: of these messages or, without any, of the queue.")
    int release(@Mixin QueueOptions which, @Option(names = "--all", description = ALL) boolean all) throws Failure {
        return change("release", which, all, true);
    }

    @Command(
            name = "retry",
            mixinStandardHelpOptions = true,
            description = "Try deferred messages again now, and not only when they are due.")
    int retry(@Mixin QueueOptions which, @Option(names = "--all", description = ALL) boolean all) throws Failure {
        return change("retry", which, all, false);
    }

    @Command(name = "remove", mixinStandardHelpOptions = true, description = "Forget messages, and tell nobody.")
    int remove(@Mixin QueueOptions which, @Option(names = "--all", description = ALL) boolean all) throws Failure {
        return change("remove", which, all, false);
    }

    @Command(
            name = "bounce",
            mixinStandardHelpOptions = true,
            description = "Give messages up, and tell their senders.")
    int bounce(@Mixin QueueOptions which, @Option(names = "--all", description = ALL) boolean all) throws Failure {
        return change("bounce", which, all, false);
    }

    private static final String ALL = "All messages.";

    @Command(
            name = "resume",
            mixinStandardHelpOptions = true,
            description = "Accept and deliver again after a fault of the disk that has been mended.")
    int resume() throws Failure {
        server().ask("resume", Map.of());
        return Ehlo.DONE;
    }

    private int change(String verb, QueueOptions which, boolean all, boolean orWhole) throws Failure {
        Map<String, String> words = which.words();
        if (words.isEmpty() ? !all && !orWhole : all) {
            throw new Failure(verb + (all ? ": all, or which messages?" : ": which messages? (--all for all)"));
        }
        if (all) {
            words.put("all", "true");
        }
        Map<String, String> change = server().ask(verb, words);
        if (!change.isEmpty()) {
            boolean flying = !"0".equals(change.get("in-flight"));
            spec.commandLine()
                    .getOut()
                    .printf(
                            "%s: %s messages, %s recipients%s%n",
                            verb,
                            change.get("messages"),
                            change.get("recipients"),
                            flying ? ", " + change.get("in-flight") + " of them once their attempt has ended" : "");
        }
        return Ehlo.DONE;
    }

    QueueClient server() {
        return new QueueClient(new DataDirectory(data.toAbsolutePath().normalize()).control());
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
}
