package dev.ehlo.smtp.queue;

import java.time.Duration;

/**
 * How often attempts begin to a destination that has come back from an outage: one a second at first, and twice as many
 * after each further time, ten times; then it is over. Without it a lane empties as fast as the destination answers, and
 * puts it down again. Times are nanoseconds of the same clock. Belongs to the scheduler thread.
 */
final class Ramp {
    static final int DOUBLINGS = 10;
    private static final long SECOND = 1_000_000_000;
    /** By so much of it a wait that ended late is made up for in the next one. */
    private static final long LATE = SECOND / 20;

    private final long doubling;
    private long since;
    private long next;

    Ramp(Duration doubling, long now) {
        this.doubling = doubling.toNanos();
        this.since = now;
        this.next = now;
    }

    boolean isOver(long now) {
        return now - since >= DOUBLINGS * doubling;
    }

    /** How long until one may go: 0 if it may now. Never more than a second, whatever the clock does. */
    long delay(long now) {
        return Math.max(0, Math.min(next - now, SECOND));
    }

    /** One goes, as it may, before it is over. */
    void take(long now) {
        // A clock that was ahead must not make it last longer.
        since = Math.min(since, now);
        long interval = SECOND >> (now - since) / doubling;
        next = Math.max(Math.min(next, now), now - Math.min(interval, LATE)) + interval;
    }
}
