package dev.ehlo.smtp.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Time that stands still until it is advanced: the time of day, and beside it a {@code nanoTime} for deadlines
 * ({@code clock::nanoTime} is a {@link java.util.function.LongSupplier}). Both advance together. May be shared between
 * threads.
 */
public final class ManualClock extends Clock {
    private final Instant start;
    private final ZoneId zone;
    private final AtomicLong elapsedNanos;

    /** Stands at the beginning of 2026, UTC. */
    public ManualClock() {
        this(Instant.parse("2026-01-01T00:00:00Z"));
    }

    /** Stands at that instant, in UTC. */
    public ManualClock(Instant start) {
        this(start, ZoneOffset.UTC, new AtomicLong());
    }

    private ManualClock(Instant start, ZoneId zone, AtomicLong elapsedNanos) {
        this.start = start;
        this.zone = zone;
        this.elapsedNanos = elapsedNanos;
    }

    /**
     * Goes on by so much.
     *
     * @throws IllegalArgumentException if the duration is negative
     * @throws ArithmeticException past 292 years
     */
    public void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("time does not go back: " + duration);
        }
        long nanos = duration.toNanos();
        elapsedNanos.accumulateAndGet(nanos, Math::addExact);
    }

    /** In place of {@link System#nanoTime()}: zero at first, then the nanoseconds advanced by. */
    public long nanoTime() {
        return elapsedNanos.get();
    }

    @Override
    public Instant instant() {
        return start.plusNanos(elapsedNanos.get());
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    /** The same time in another zone: it goes on when this clock does. */
    @Override
    public ManualClock withZone(ZoneId other) {
        return new ManualClock(start, other, elapsedNanos);
    }
}
