package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Rate;

/**
 * Keeps a {@link Rate}: a bucket that fills evenly and holds a burst. Within any time of the rate goes what the bucket
 * held at its begin, what came into it, and what the last one took beyond it; these together are the rate. Times are
 * nanoseconds of the same clock. Belongs to the scheduler thread.
 */
final class Pace {
    private final long interval;
    private final long burst;
    /** When the bucket would be full again. */
    private long full;

    Pace(Rate rate, long now) {
        long most = burst(rate);
        this.interval = Math.max(1, ceiling(rate.within().toNanos(), rate.events() - 2 * most + 2));
        this.burst = most * interval;
        this.full = now;
    }

    /** How much may go at once, so that together with what comes free meanwhile it is never more than the rate. */
    static int burst(Rate rate) {
        return Math.max(1, rate.events() / 20);
    }

    private static long ceiling(long dividend, long divisor) {
        return (dividend + divisor - 1) / divisor;
    }

    /** How long until one may go; 0 if it may now. */
    long delay(long now) {
        long empty = now + burst;
        // A clock that was ahead must not hold anybody for longer than an empty bucket does.
        full = Math.min(full, empty + burst);
        return Math.max(0, full + interval - empty);
    }

    boolean isFull(long now) {
        return full <= now;
    }

    /** Takes so many, a burst at most, when one may go. */
    void take(int count, long now) {
        full = Math.max(full, now) + count * interval;
    }
}
