package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.queue.Suppression;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code ehlo queue suppress}: whom a running server delivers nothing to. */
@Command(
        name = "suppress",
        description = "Never deliver to a mailbox or a domain: its mail is returned to the sender.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(add | remove | list)")
final class SuppressCommand {
    @Spec
    private CommandSpec spec;

    @ParentCommand
    private QueueCommand queue;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    SuppressCommand() {}

    @Command(name = "add", mixinStandardHelpOptions = true, description = "Deliver nothing there from now on.")
    int add(
            @Parameters(paramLabel = "TARGET", description = "A mailbox, or a domain.") String target,
            @Option(
                            names = "--reason",
                            paramLabel = "TEXT",
                            required = true,
                            description = "Why, for people; senders are told.")
                    String reason,
            @Option(
                            names = "--for",
                            paramLabel = "30d",
                            description = "For how long, in s, m, h or d (default: until it is removed).")
                    @Nullable
                    String lasting)
            throws Failure {
        Map<String, String> words = new LinkedHashMap<>(target(target));
        words.put("reason", reason);
        if (lasting != null) {
            words.put("for", duration(lasting).toString());
        }
        queue.server().ask("suppress", words);
        return Ehlo.DONE;
    }

    private static Map<String, String> target(String text) throws Failure {
        try {
            return Map.of("target", Suppression.target(text));
        } catch (IllegalArgumentException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
    }

    private static Duration duration(String text) throws Failure {
        try {
            return Amount.time(text);
        } catch (IllegalArgumentException e) {
            throw new Failure("--for: " + e.getMessage(), e);
        }
    }

    @Command(name = "remove", mixinStandardHelpOptions = true, description = "Deliver there again.")
    int remove(@Parameters(paramLabel = "TARGET", description = "A mailbox, or a domain.") String target)
            throws Failure {
        queue.server().ask("unsuppress", target(target));
        return Ehlo.DONE;
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Show what is suppressed.")
    int list(
            @Parameters(paramLabel = "TEXT", arity = "0..1", description = "Only what has this text in it.") @Nullable
                    String text,
            @Option(names = "--json", description = "As an object of JSON for each, each in a line.") boolean json)
            throws Failure {
        PrintWriter out = spec.commandLine().getOut();
        queue.server().askForMany("suppressions", text == null ? Map.of() : Map.of("text", text), (name, value) -> {
            Map<String, String> one = ControlWords.read(List.of(value.split(" ", -1)));
            out.println(json ? Json.object(one, Set.of()) : row(one));
        });
        out.flush();
        return Ehlo.DONE;
    }

    private static String row(Map<String, String> one) {
        return String.format(
                "%-40s %-24s %s", one.get("target"), one.getOrDefault("until", "for ever"), one.get("reason"));
    }
}
