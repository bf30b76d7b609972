package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.grammar.Octets;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
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
    /** Of the columns that are as wide in each row, those on the right edge of theirs below 0. */
    private static final int[] WIDTHS = {13, -7, -8, 9, -3, -7};

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
                case JSON -> out.print(json(whole) + System.lineSeparator());
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
            row("FROM -> TO", "ID", "AGE", "OCTETS", "STATE", "TRY", "NEXT");
        }
        String age = span(time(whole, "arrival"), now);
        for (Map<String, String> recipient : recipients) {
            String reply = recipient.containsKey("reply") ? " (" + text(recipient, "reply") + ')' : "";
            row(
                    '<' + text(whole, "from") + "> -> <" + text(recipient, "to") + '>' + reply,
                    text(whole, "id"),
                    age,
                    text(whole, "octets"),
                    text(recipient, "state"),
                    text(recipient, "attempts"),
                    text(recipient, "state").equals("held") ? "-" : span(now, time(recipient, "next")));
        }
    }

    /** By hand, as a formatter takes longer to start than all else of it. */
    private void row(String last, String... columns) {
        StringBuilder row = new StringBuilder();
        for (int i = 0; i < columns.length; i++) {
            String blanks = " ".repeat(Math.max(0, Math.abs(WIDTHS[i]) - columns[i].length()));
            row.append(WIDTHS[i] < 0 ? blanks : "")
                    .append(columns[i])
                    .append(WIDTHS[i] < 0 ? "" : blanks)
                    .append(' ');
        }
        out.print(row.append(' ').append(last).append(System.lineSeparator()));
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
        List<String> to = new ArrayList<>();
        for (Map<String, String> recipient : recipients) {
            to.add(Json.object(recipient, NUMBERS));
        }
        String message = Json.object(whole, NUMBERS);
        return message.substring(0, message.length() - 1) + ",\"recipients\":[" + String.join(",", to) + "]}";
    }

    private static String text(Map<String, String> words, String name) {
        return Octets.printable(words.getOrDefault(name, "-"));
    }

    private static Instant time(Map<String, String> words, String name) {
        return seconds(words.getOrDefault(name, "1970-01-01T00:00:00Z"));
    }

    /** What {@link Instant#toString} says, to the second; for a table of them, as to parse the first thousand is slow. */
    static Instant seconds(String text) {
        return text.indexOf('T') != 10
                ? Instant.parse(text).truncatedTo(ChronoUnit.SECONDS) // a year of more than four digits
                : LocalDateTime.of(
                                number(text, 0, 4),
                                number(text, 5, 7),
                                number(text, 8, 10),
                                number(text, 11, 13),
                                number(text, 14, 16),
                                number(text, 17, 19))
                        .toInstant(ZoneOffset.UTC);
    }

    private static int number(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
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
