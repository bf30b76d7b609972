package dev.ehlo.smtp.queue;

import java.time.Clock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What time it is, and whether the clock was set: a date comes when the clock says so, but a delay is not over because
 * of that. Belongs to the scheduler thread.
 */
final class Time {
    /** By how much the clock may go wrong between two looks before it counts as set. */
    private static final long SET_MILLIS = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(Time.class);

    private final Clock clock;
    private final @Nullable LongSupplier nanoTime;
    private long lastMillis;
    private long lastNanos;

    /** @param nanoTime which nobody sets; null to believe the clock */
    Time(Clock clock, @Nullable LongSupplier nanoTime) {
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.lastMillis = clock.millis();
        this.lastNanos = nanoTime == null ? 0 : nanoTime.getAsLong();
    }

    /** In milliseconds since 1970. */
    long millis() {
        return clock.millis();
    }

    /** For delays, and to be compared with one another only: of the clock that nobody sets, if there is one. */
    long nanos() {
        return nanoTime == null ? clock.millis() * 1_000_000 : nanoTime.getAsLong();
    }

    /** The time of day as above, and tells the timers if the clock was set since the last look. */
    long look(Timers timers) {
        long now = clock.millis();
        if (nanoTime != null) {
            long nanos = nanoTime.getAsLong();
            long set = now - lastMillis - (nanos - lastNanos) / 1_000_000;
            if (Math.abs(set) > SET_MILLIS) {
                LOG.warn("the clock was set by {} seconds; retries keep their delays", set / 1000);
                timers.clockWasSet(set);
            }
            lastNanos = nanos;
        }
        lastMillis = now;
        return now;
    }
}
