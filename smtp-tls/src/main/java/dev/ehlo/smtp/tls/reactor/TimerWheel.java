package dev.ehlo.smtp.tls.reactor;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The deadlines of one loop. To set, move or take back one is a few stores, however many there are, and allocates
 * nothing: the {@link Timed} is its own node. Used on the loop's thread only.
 *
 * <p>Time is counted in ticks since the wheel was made, as digits of base 64. A level of 64 slots stands for each digit;
 * a deadline is on the level of the highest digit in which its tick differs from the present one, in the slot of its own
 * digit there:
 *
 * <pre>
 *     level 6    …      3         2         1         0
 *     slot of  … 73 h   70 min    65.5 s    1.024 s   16 ms
 * </pre>
 *
 * So all that is on a level comes before all that is above it, and before the present digit there is nothing: the next
 * slot to come up is the lowest bit of the lowest level that has one. When a slot above the lowest comes up, what is in
 * it moves down.
 *
 * <p>A session moves its deadline on with every command. That stores the time and leaves the node where it is; when the
 * old slot comes up, the node goes where it belongs by then.
 *
 * <p>A deadline is never told early, and at most a tick late, if the loop has time: it waits for the end of the tick in
 * which it falls. Times are of {@link System#nanoTime()} and may wrap around. If the clock jumps back, what is set
 * meanwhile is late by the jump at most.
 */
final class TimerWheel {
    /**
     * Coarse enough that a loop of many connections wakes 60 times a second at most for their deadlines, and fine
     * beside the shortest of them, which is of seconds.
     */
    static final long TICK_NANOS = 16_000_000;

    private static final int DIGIT_BITS = 6;
    private static final int DIGIT_MASK = (1 << DIGIT_BITS) - 1;

    /** As many as the ticks in all the nanoseconds that a long can count have digits. */
    private static final int LEVELS = 7;

    private final long origin;
    private final @Nullable Timed[] slots = new Timed[LEVELS << DIGIT_BITS];
    /** For each level, a bit for each slot that is not empty. */
    private final long[] occupied = new long[LEVELS];
    /** The tick up to which deadlines have been told. */
    private long present;

    /** Begins at that time. */
    TimerWheel(long now) {
        this.origin = now;
    }

    /** Sets the deadline, or moves it. */
    void set(Timed timed, long at) {
        timed.at = at;
        if (timed.slot != Timed.NOT_SET) {
            if (at - timed.placedAt >= 0) {
                return;
            }
            unlink(timed);
        }
        link(timed);
    }

    /** Takes the deadline back, if it is set. */
    void clear(Timed timed) {
        if (timed.slot != Timed.NOT_SET) {
            unlink(timed);
        }
    }

    /** Nanoseconds until {@link #advance} has something to do, 0 if it has now, {@link Long#MAX_VALUE} if never. */
    long nanosToNext(long now) {
        long next = nextTick();
        return next == Long.MAX_VALUE ? next : Math.max(0, origin + next * TICK_NANOS - now);
    }

    /**
     * Tells those that are due, each after its deadline was taken back.
     *
     * @param most nodes to look at before the caller has something else to do; the rest is left for the next call
     */
    void advance(long now, int most, Consumer<Timed> due) {
        long until = Math.floorDiv(now - origin, TICK_NANOS);
        for (int looked = 0; looked < most; ) {
            Timed first = firstPresent();
            if (first == null) {
                long next = nextTick();
                present = Math.max(present, Math.min(next, until));
                if (next > until) {
                    return;
                }
            } else if (present > until) {
                return; // the clock has jumped back
            } else {
                looked++;
                unlink(first);
                if (tick(first.at) > present) {
                    link(first);
                } else {
                    due.accept(first);
                }
            }
        }
    }

    /** One that is due, or one that has to move down, from a slot that has come up. */
    private @Nullable Timed firstPresent() {
        for (int level = LEVELS - 1; level >= 0; level--) {
            if (occupied[level] != 0) {
                Timed first = slots[slot(level, present)];
                if (first != null) {
                    return first;
                }
            }
        }
        return null;
    }

    /** When the next slot comes up; the present tick if one has, {@link Long#MAX_VALUE} if all are empty. */
    private long nextTick() {
        if (firstPresent() != null) {
            return present;
        }
        for (int level = 0; level < LEVELS; level++) {
            if (occupied[level] != 0) {
                int shift = level * DIGIT_BITS;
                long above = present >>> shift >>> DIGIT_BITS;
                return (above << DIGIT_BITS | Long.numberOfTrailingZeros(occupied[level])) << shift;
            }
        }
        return Long.MAX_VALUE;
    }

    private void link(Timed timed) {
        timed.placedAt = timed.at;
        // Not into the present slot: what sets itself anew as due at once would be served before all others there.
        long tick = Math.max(present + 1, tick(timed.at));
        int level = (Long.SIZE - 1 - Long.numberOfLeadingZeros(tick ^ present)) / DIGIT_BITS;
        int slot = slot(level, tick);
        Timed first = slots[slot];
        if (first != null) {
            first.previous = timed;
        }
        timed.next = first;
        timed.slot = slot;
        slots[slot] = timed;
        occupied[level] |= 1L << slot;
    }

    private void unlink(Timed timed) {
        int slot = timed.slot;
        Timed previous = timed.previous;
        Timed next = timed.next;
        if (next != null) {
            next.previous = previous;
        }
        if (previous != null) {
            previous.next = next;
        } else {
            slots[slot] = next;
            if (next == null) {
                occupied[slot >>> DIGIT_BITS] &= ~(1L << slot);
            }
        }
        timed.previous = null;
        timed.next = null;
        timed.slot = Timed.NOT_SET;
    }

    /** The first tick that is not before that time. */
    private long tick(long at) {
        return -Math.floorDiv(origin - at, TICK_NANOS);
    }

    private static int slot(int level, long tick) {
        return level << DIGIT_BITS | (int) (tick >>> level * DIGIT_BITS) & DIGIT_MASK;
    }
}
