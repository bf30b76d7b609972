package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.queue.Suppression;
import dev.ehlo.smtp.queue.Suppressions;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an operator can say to a running server about whom nothing is delivered to, with words as {@link ControlWords}
 * has them.
 *
 * <pre>
 *   suppress target=… reason=… [for=DURATION]
 *   unsuppress target=…
 *   suppressions [text=…]        a line of target, since, until and reason for each target that has the text in it
 * </pre>
 */
final class SuppressionControl {
    static final String LINE = "suppression";

    private final Suppressions suppressions;

    SuppressionControl(Suppressions suppressions) {
        this.suppressions = suppressions;
    }

    Map<String, ControlSocket.Verb> verbs() {
        return Map.of(
                "suppress", ControlSocket.Verb.brief(this::add),
                "unsuppress", ControlSocket.Verb.brief(this::remove),
                "suppressions", ControlSocket.Verb.few(QueueControl.LENGTHY, this::list));
    }

    private Map<String, String> add(List<String> arguments) throws IOException {
        Map<String, String> words = ControlWords.read(arguments);
        String lasting = words.get("for");
        suppressions.add(
                needed(words, "target"), needed(words, "reason"), lasting == null ? null : Duration.parse(lasting));
        return Map.of();
    }

    private Map<String, String> remove(List<String> arguments) throws IOException {
        String target = needed(ControlWords.read(arguments), "target");
        if (!suppressions.remove(target)) {
            throw new IOException(target + " is not suppressed");
        }
        return Map.of();
    }

    private static String needed(Map<String, String> words, String name) {
        String value = words.get(name);
        if (value == null) {
            throw new IllegalArgumentException("needs a " + name);
        }
        return value;
    }

    private void list(List<String> arguments, ControlSocket.Lines lines) throws IOException {
        String text = ControlWords.read(arguments).getOrDefault("text", "");
        int count = 0;
        for (Suppression each : suppressions.list()) {
            if (each.target().contains(text)) {
                lines.say(LINE, line(each));
                count++;
            }
        }
        lines.say(ControlSocket.END, ControlWords.line(Map.of("count", String.valueOf(count))));
    }

    private static String line(Suppression one) {
        Map<String, String> words = new LinkedHashMap<>();
        words.put("target", one.target());
        words.put("since", one.since().toString());
        Instant until = one.until();
        if (until != null) {
            words.put("until", until.toString());
        }
        words.put("reason", one.reason());
        return ControlWords.line(words);
    }
}
