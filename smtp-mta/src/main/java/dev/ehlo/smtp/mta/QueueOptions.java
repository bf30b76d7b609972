package dev.ehlo.smtp.mta;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which messages are meant, in the options of the commands of {@code ehlo queue}. */
final class QueueOptions {
    @Parameters(paramLabel = "ID", arity = "0..*", description = "These messages.")
    private List<String> ids = List.of();

    @Option(
            names = "--from",
            paramLabel = "ADDRESS",
            description = "Messages of this sender; <> for notifications, which have none.")
    private String from = "";

    @Option(names = "--recipient", paramLabel = "ADDRESS", description = "This recipient of each message alone.")
    private String recipient = "";

    @Option(names = "--to", paramLabel = "DOMAIN", description = "Recipients at this domain alone.")
    private String to = "";

    @Option(names = "--older", paramLabel = "TIME", description = "Messages in the queue for longer, such as 6h or 2d.")
    private String older = "";

    @Option(names = "--younger", paramLabel = "TIME", description = "Messages in the queue for no longer.")
    private String younger = "";

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    QueueOptions() {}

    /** What to ask for; empty if nothing was said. */
    Map<String, String> words() throws Failure {
        Map<String, String> words = new LinkedHashMap<>();
        if (!ids.isEmpty()) {
            words.put("ids", String.join(",", ids));
        }
        if (!from.isEmpty()) {
            words.put("from", from.matches("<.*>") ? from.substring(1, from.length() - 1) : from);
        }
        put(words, "recipient", recipient);
        put(words, "to", to);
        try {
            put(words, "older", older.isEmpty() ? "" : Amount.time(older).toString());
            put(words, "younger", younger.isEmpty() ? "" : Amount.time(younger).toString());
        } catch (IllegalArgumentException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
        return words;
    }

    private static void put(Map<String, String> words, String name, String value) {
        if (!value.isEmpty()) {
            words.put(name, value);
        }
    }
}
