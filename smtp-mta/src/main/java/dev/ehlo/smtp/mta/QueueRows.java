package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.grammar.Octets;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Messages of a queue as they come from the server, printed: a line for each recipient, an object of JSON for each
 * message, or all that is known of each. What others say is escaped. Used by one thread.
 */
final class QueueRows implements QueueClient.Taker {
    /** How it is printed. */
    enum Form {
        TABLE,
        JSON,
        WHOLE
    }

    private static final Set<String> NUMBERS = Set.of("octets", "attempts");
    private static final String ROW = "%-13s %7s %8s %-9s %3s %7s  %s -> %s%s%n";

    private final PrintWriter out;
    private final Form form;
    private final Instant now;
    private final List<Map<String, String>> recipients = new ArrayList<>();
    private @Nullable Map<String, String> message;
    private int count;

    QueueRows(PrintWriter out, Form form, Instant now) {
        this.out = out;
        this.form = form;
        this.now = now;
    }

    @Override
    public void take(String name, String value) {
        Map<String, String> words = ControlWords.read(List.of(value.split(" ", -1)));
        if (name.equals("message")) {
            end();
            message = words;
        } else if (name.equals("recipient")) {
            recipients.add(words);
        }
    }

    /** The last one is there; answers how many there were. */
    int end() {
        Map<String, String> whole = message;
        if (whole != null) {
            switch (form) {
                case TABLE -> table(whole);
                case JSON -> out.println(json(whole));
                case WHOLE -> all(whole);
            }
            count++;
        }
        message = null;
        recipients.clear();
        return count;
    }

    private void table(Map<String, String> whole) {
        if (count == 0) {
            out.printf(ROW, "ID", "AGE", "OCTETS", "STATE", "TRY", "NEXT", "FROM", "TO", "");
        }
        for (Map<String, String> recipient : recipients) {
            out.printf(
                    ROW,
                    text(whole, "id"),
                    span(time(whole, "arrival"), now),
                    text(whole, "octets"),
                    text(recipient, "state"),
                    text(recipient, "attempts"),
                    text(recipient, "state").equals("held") ? "-" : span(now, time(recipient, "next")),
                    '<' + text(whole, "from") + '>',
                    '<' + text(recipient, "to") + '>',
                    recipient.containsKey("reply") ? " (" + text(recipient, "reply") + ')' : "");
        }
    }

    private void all(Map<String, String> whole) {
        out.printf("%-12s %s%n", "id", text(whole, "id"));
        out.printf("%-12s %s, %s ago%n", "arrival", text(whole, "arrival"), span(time(whole, "arrival"), now));
        out.printf("%-12s %s%n", "octets", text(whole, "octets"));
        out.printf("%-12s <%s> %s%n", "from", text(whole, "from"), text(whole, "parameters"));
        for (Map<String, String> recipient : recipients) {
            out.printf("%-12s <%s> %s%n", "to", text(recipient, "to"), text(recipient, "parameters"));
            out.printf(
                    "%-12s %s, %s attempts, next %s%n",
                    "",
                    text(recipient, "state"),
                    text(recipient, "attempts"),
                    text(recipient, "state").equals("held") ? "when it is released" : text(recipient, "next"));
            if (recipient.containsKey("reply")) {
                out.printf("%-12s %s: %s%n", "", text(recipient, "host"), text(recipient, "reply"));
            }
        }
    }

    private String json(Map<String, String> whole) {
        StringBuilder json = new StringBuilder("{");
        members(json, whole);
        json.append(",\"recipients\":[");
        for (int i = 0; i < recipients.size(); i++) {
            json.append(i == 0 ? "{" : ",{");
            members(json, recipients.get(i));
            json.append('}');
        }
        return json.append("]}").toString();
    }

    private static void members(StringBuilder json, Map<String, String> words) {
        int start = json.length();
        words.forEach((name, value) -> json.append(json.length() == start ? "" : ",")
                .append(Json.quoted(name))
                .append(':')
                .append(NUMBERS.contains(name) && value.matches("[0-9]+") ? value : Json.quoted(value)));
    }

    private static String text(Map<String, String> words, String name) {
        return Octets.printable(words.getOrDefault(name, "-"));
    }

    private static Instant time(Map<String, String> words, String name) {
        return Instant.parse(words.getOrDefault(name, Instant.EPOCH.toString()));
    }

    /** From one to the other, in one or two units; what has passed is now. */
    static String span(Instant from, Instant to) {
        Duration span = Duration.between(from, to);
        if (span.isNegative() || span.isZero()) {
            return "now";
        } else if (span.toDays() > 0) {
            return span.toDays() + "d" + span.toHoursPart() + 'h';
        } else if (span.toHours() > 0) {
            return span.toHours() + "h" + span.toMinutesPart() + 'm';
        } else if (span.toMinutes() > 0) {
            return span.toMinutes() + "m" + span.toSecondsPart() + 's';
        }
        return span.toSeconds() + "s";
    }
}
