package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.grammar.Octets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One look at a queue after the other, as text of so many columns: how it is, how old what is in it is, and destinations
 * by what waits. What others say is escaped, so that nothing but the columns and the lines here moves a terminal. Used by
 * one thread.
 */
final class TopScreen implements QueueClient.Taker {
    private static final String ROW = "%-30s %8s %8s %8s %6s %6s %7s %6s %7s  %s";

    private final Map<String, String> totals = new HashMap<>();
    private final List<Map<String, String>> ages = new ArrayList<>();
    private final List<Map<String, String>> destinations = new ArrayList<>();
    /** What had been relayed by each destination's lane at the last look, and when that was. */
    private Map<String, Long> before = Map.of();

    private long beforeNanos;

    @Override
    public void take(String name, String value) {
        Map<String, String> words = ControlWords.read(List.of(value.split(" ", -1)));
        switch (name) {
            case "totals" -> totals.putAll(words);
            case "age" -> ages.add(words);
            case "destination" -> destinations.add(words);
            default -> {}
        }
    }

    /**
     * The lines of this look, whose answer is whole; the next answer is of the next one.
     *
     * @param nanos when, to tell rates
     * @param columns no line is longer
     */
    List<String> lines(Instant now, long nanos, int columns) {
        List<String> lines = new ArrayList<>();
        String fault = totals.get("fault");
        lines.add("queue " + (fault == null ? "sound" : "at fault: " + Octets.printable(fault)) + ", deliveries "
                + ("true".equals(totals.get("held")) ? "held" : "running") + ", " + text(totals, "messages")
                + " messages: " + text(totals, "ready") + " ready, " + text(totals, "in-flight") + " in flight, "
                + text(totals, "deferred") + " deferred, " + text(totals, "on-hold") + " held");
        StringBuilder age = new StringBuilder("age");
        for (Map<String, String> each : ages) {
            age.append("  ").append(text(each, "below")).append(' ').append(text(each, "deliveries"));
        }
        lines.add(age.toString());
        lines.add("");
        lines.add(String.format(
                ROW,
                "DESTINATION",
                "READY",
                "DEFERRED",
                "HELD",
                "FLIGHT",
                "WINDOW",
                "RATE/S",
                "OLDEST",
                "PAUSE",
                "REPLY"));
        Map<String, Long> relayed = new HashMap<>();
        for (Map<String, String> each : destinations) {
            lines.add(String.format(
                    ROW,
                    cut(text(each, "domain"), 30),
                    text(each, "ready"),
                    text(each, "deferred"),
                    text(each, "held"),
                    text(each, "in-flight"),
                    text(each, "window"),
                    rate(each, relayed, nanos),
                    QueueRows.span(Instant.parse(each.getOrDefault("oldest", now.toString())), now),
                    text(each, "suspended"),
                    text(each, "reply")));
        }
        before = relayed;
        beforeNanos = nanos;
        totals.clear();
        ages.clear();
        destinations.clear();
        return lines.stream().map(line -> cut(line, columns)).toList();
    }

    private String rate(Map<String, String> destination, Map<String, Long> relayed, long nanos) {
        if (!destination.containsKey("relayed")) {
            return "-";
        }
        long now = Long.parseLong(destination.get("relayed"));
        String lane = destination.getOrDefault("lane", "");
        relayed.put(lane, now);
        Long last = before.get(lane);
        return last == null || last > now || nanos <= beforeNanos
                ? "-"
                : String.format(Locale.ROOT, "%.1f", (now - last) * 1e9 / (nanos - beforeNanos));
    }

    private static String text(Map<String, String> words, String name) {
        return Octets.printable(words.getOrDefault(name, "-"));
    }

    /** Not in the middle of a character. */
    private static String cut(String text, int columns) {
        return text.codePointCount(0, text.length()) <= columns
                ? text
                : text.substring(0, text.offsetByCodePoints(0, columns));
    }
}
