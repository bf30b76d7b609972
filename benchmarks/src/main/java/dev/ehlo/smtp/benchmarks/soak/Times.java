package dev.ehlo.smtp.benchmarks.soak;

import java.util.Arrays;
import java.util.Locale;

/** How long things took, each of them kept. Thread-safe. */
final class Times {
    private long[] nanos = new long[1024];
    private int count;

    synchronized void add(long one) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = one;
    }

    synchronized void addAll(Times others) {
        for (long one : others.toArray()) {
            add(one);
        }
    }

    synchronized long[] toArray() {
        return Arrays.copyOf(nanos, count);
    }

    synchronized int count() {
        return count;
    }

    /** Milliseconds within which that share of all was done; NaN if there was none. */
    synchronized double millis(double share) {
        if (count == 0) {
            return Double.NaN;
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(share * count) - 1)] / 1e6;
    }

    /** {@code 1.2, 3.4, 5.6 ms}: median, 99 %, longest. */
    @Override
    public String toString() {
        return count() == 0
                ? "none"
                : String.format(Locale.ROOT, "%.1f, %.1f, %.1f ms", millis(0.5), millis(0.99), millis(1));
    }
}
