package dev.ehlo.smtp.server.limit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * Failed logins of one login, of one network, or of one login in one place, as one number: how many, and when the last
 * one was. Beyond those that are free each one locks out for twice as long as the one before, and each is forgotten a
 * while after the last. Thread-safe, without locks.
 */
final class Failures extends Entry {
    /** For how long the first failure that is not free locks out. */
    static final Duration FIRST_LOCK_OUT = Duration.ofSeconds(1);
    /** How long without a failure makes one less. */
    static final Duration FORGOTTEN_EACH = Duration.ofMinutes(30);
    /** Failures beyond the free ones that are counted: each makes a lock-out twice as long. */
    static final int MOST_BEYOND = 16;

    private static final int COUNT_BITS = 16;
    private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;
    private static final long NANOS = 1_000_000;
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Failures.class, "state", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final AtomicLongFieldUpdater<Failures> TRIES_FULL =
            AtomicLongFieldUpdater.newUpdater(Failures.class, "triesFull");

    private final long made;
    /** Milliseconds from when it was made to the last failure or try, and the number of failures behind them. */
    private volatile long state;

    private volatile long keptUntil;
    private volatile long triesFull;

    Failures(long key, long now) {
        super(key);
        this.made = now;
        this.keptUntil = now;
        this.triesFull = now;
    }

    @Override
    long forgottenAt() {
        long seen = state;
        long end = made + (seen >>> COUNT_BITS) * NANOS + (seen & COUNT_MASK) * FORGOTTEN_EACH.toNanos();
        return later(end, later(keptUntil, triesFull));
    }

    /** Keeps it until then, whatever it counts. */
    void keepUntil(long time) {
        keptUntil = time;
    }

    boolean isKept(long now) {
        return keptUntil - now > 0;
    }

    /** As {@link #mayTry}, with no more tries at that pace: many may be under way before the first one fails. */
    boolean mayTry(long now, int free, long longestNanos, Pace tries) {
        // Who is locked out takes no try from those who come when the lock-out has ended.
        return !isLocked(now, free, longestNanos)
                && tries.take(TRIES_FULL, this, now) == 0
                && mayTry(now, free, longestNanos);
    }

    /** Whether the lock-out of the last failure is still to end. */
    boolean isLocked(long now, int free, long longestNanos) {
        return isLocked(state, now, free, longestNanos);
    }

    /** Whether a try may be made now. Once none is free, one at a time: the others are locked out by it. */
    boolean mayTry(long now, int free, long longestNanos) {
        while (true) {
            long seen = state;
            if (isLocked(seen, now, free, longestNanos)) {
                return false;
            }
            int count = count(seen, now);
            if (count < free || STATE.compareAndSet(this, seen, state(count, now))) {
                return true;
            }
        }
    }

    void failed(long now, int free) {
        for (long seen = state; ; seen = state) {
            int count = Math.min(count(seen, now) + 1, free + MOST_BEYOND);
            if (STATE.compareAndSet(this, seen, state(count, now))) {
                return;
            }
        }
    }

    void forgive(long now) {
        state = state(0, now);
    }

    private boolean isLocked(long seen, long now, int free, long longestNanos) {
        int beyond = (int) (seen & COUNT_MASK) - free;
        if (beyond < 0) {
            return false;
        }
        long lockOut = Math.min(FIRST_LOCK_OUT.toNanos() << beyond, longestNanos);
        return now - made - (seen >>> COUNT_BITS) * NANOS < lockOut;
    }

    private int count(long seen, long now) {
        long since = now - made - (seen >>> COUNT_BITS) * NANOS;
        return (int) Math.max(0, (seen & COUNT_MASK) - Math.max(0, since) / FORGOTTEN_EACH.toNanos());
    }

    private long state(int count, long now) {
        return Math.max(0, now - made) / NANOS << COUNT_BITS | count;
    }
}
