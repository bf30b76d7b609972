package dev.ehlo.smtp.benchmarks.soak;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How often what happened; of a few kinds. Thread-safe. */
final class Tally {
    private final Map<String, Long> counts = new TreeMap<>();

    synchronized void add(String what) {
        counts.merge(what, 1L, Long::sum);
    }

    synchronized void addAll(Tally other) {
        other.copy().forEach((what, count) -> counts.merge(what, count, Long::sum));
    }

    private synchronized Map<String, Long> copy() {
        return new TreeMap<>(counts);
    }

    void add(int code) {
        add(String.valueOf(code));
    }

    synchronized long of(String what) {
        return counts.getOrDefault(what, 0L);
    }

    synchronized long all() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** {@code 250: 3, 421: 1}. */
    @Override
    public synchronized String toString() {
        return counts.isEmpty()
                ? "none"
                : counts.entrySet().stream()
                        .map(each -> each.getKey() + ": " + each.getValue())
                        .collect(Collectors.joining(", "));
    }
}
