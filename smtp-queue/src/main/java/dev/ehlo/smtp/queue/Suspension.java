package dev.ehlo.smtp.queue;

import java.time.Duration;

/**
 * Whether a destination is let alone. Times are nanoseconds of the same clock. Belongs to the scheduler thread.
 *
 * <pre>
 *   OPEN ── many failures in a row, or a rule ──→ SUSPENDED ── time is over ──→ PROBED by one attempt
 *    ↑                                               ↑  └── an attempt in flight is taken ──┐      │
 *    │                                               └────────────── fails again, longer ───│──────┤
 *    └──────────────────────────────────────────────────────────────────────────────────────┴─ taken
 * </pre>
 */
final class Suspension {
    private final LanePolicy policy;
    private int failures;
    /** One after the other, without a success between. */
    private int pauses;

    private long since;
    private long length;
    private boolean open = true;
    private boolean byRule;

    Suspension(LanePolicy policy) {
        this.policy = policy;
    }

    boolean isOpen() {
        return open;
    }

    boolean hasFailed() {
        return failures > 0;
    }

    /** How long until it is probed; 0 if it is not suspended. A clock that goes back ends it. */
    long left(long now) {
        long gone = now - since;
        return open || gone < 0 || gone >= length ? 0 : length - gone;
    }

    /** It serves. Answers whether that ends a suspension; the one of a rule lasts as long as it says. */
    boolean alive(long now) {
        failures = 0;
        if (open || byRule && left(now) > 0) {
            return false;
        }
        open = true;
        byRule = false;
        pauses = 0;
        length = 0;
        return true;
    }

    /**
     * An attempt has failed.
     *
     * @param fresh whether it began after the last one that told something new
     * @param chance 0 to 1, spreads the end
     * @return whether this suspends the destination
     */
    boolean failed(boolean fresh, long now, double chance) {
        failures++;
        if (!fresh || (open ? failures < policy.suspendAfter() : left(now) > 0)) {
            return false;
        }
        long longest = policy.longestPause().toNanos();
        long next = policy.firstPause().toNanos();
        for (int i = 0; i < pauses && next < longest; i++) {
            next *= 2;
        }
        pauses++;
        next = Math.min(next, longest);
        begin(now, next + (long) (next * chance / 4));
        return true;
    }

    /** As a rule says, unless it is suspended for longer. */
    void suspend(Duration pause, long now) {
        long next = pause.toNanos();
        if (next > left(now)) {
            begin(now, next);
            byRule = true;
        }
    }

    /** Is over, whoever began it; whether the destination serves is to be seen. */
    void probe() {
        length = 0;
    }

    private void begin(long now, long next) {
        since = now;
        length = next;
        open = false;
        byRule = false;
    }
}
