package dev.ehlo.smtp.tls.reactor;

import dev.ehlo.smtp.tls.LoopHealth;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Counts what a loop does. Written by the loop alone, with stores that wait for nothing; read from any thread. The clock
 * is read once where a turn's work begins and once behind each callback: the end of one is the beginning of the next.
 */
final class LoopMeter {
    /** How long the longest callback is remembered at least; twice that at most. */
    static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final LongSupplier clock;
    private final AtomicLong iterations = new AtomicLong();
    private final AtomicLong busyNanos = new AtomicLong();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger buffersLent = new AtomicInteger();
    private final AtomicLong longest = new AtomicLong();
    private final AtomicLong longestBefore = new AtomicLong();
    private final AtomicLong windowBegan;
    /** When the last callback ended, or the turn began. */
    private final AtomicLong mark;

    private final AtomicBoolean working = new AtomicBoolean();
    private long turnBegan;

    LoopMeter(LongSupplier clock) {
        this.clock = clock;
        long now = clock.getAsLong();
        this.mark = new AtomicLong(now);
        this.windowBegan = new AtomicLong(now);
        this.turnBegan = now;
    }

    /** When the clock was read the last time. */
    long now() {
        return mark.getPlain();
    }

    boolean isWorking() {
        return working.getPlain();
    }

    /** The loop has waited, and has something to do. */
    void begin() {
        turnBegan = clock.getAsLong();
        mark.setOpaque(turnBegan);
        working.setRelease(true);
    }

    /** A callback has ended. */
    void lap() {
        long now = clock.getAsLong();
        long nanos = now - mark.getPlain();
        long window = now - windowBegan.getPlain();
        if (window > WINDOW_NANOS) {
            longestBefore.setOpaque(window > 2 * WINDOW_NANOS ? 0 : longest.getPlain());
            longest.setOpaque(0);
            windowBegan.setOpaque(now);
        }
        if (nanos > longest.getPlain()) {
            longest.setOpaque(nanos);
        }
        mark.setOpaque(now);
    }

    /** The turn is over. */
    void end(int lent) {
        working.setOpaque(false);
        iterations.setOpaque(iterations.getPlain() + 1);
        busyNanos.setOpaque(busyNanos.getPlain() + mark.getPlain() - turnBegan);
        buffersLent.setOpaque(lent);
    }

    void connectionCame() {
        connections.setOpaque(connections.getPlain() + 1);
    }

    void connectionWent() {
        connections.setOpaque(connections.getPlain() - 1);
    }

    /** From any thread. */
    LoopHealth health(String name) {
        long now = clock.getAsLong(); // before the mark: what is past the mark by then was work, and not waiting
        boolean busy = working.getAcquire();
        long current = busy ? Math.max(0, now - mark.getOpaque()) : 0;
        return new LoopHealth(
                name,
                iterations.getOpaque(),
                busyNanos.getOpaque(),
                Math.max(current, remembered(now)),
                connections.getOpaque(),
                buffersLent.getOpaque());
    }

    private long remembered(long now) {
        long window = now - windowBegan.getOpaque();
        if (window > 2 * WINDOW_NANOS) {
            return 0; // the loop has been asleep since
        }
        return window > WINDOW_NANOS ? longest.getOpaque() : Math.max(longest.getOpaque(), longestBefore.getOpaque());
    }
}
