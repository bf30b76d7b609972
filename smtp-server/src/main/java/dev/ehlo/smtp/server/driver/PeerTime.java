package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.server.SessionPhase;
import dev.ehlo.smtp.server.SessionTimes;

/**
 * The time that a peer has for what is next: runs while it is the peer's turn, and is given anew only when it has got
 * somewhere, so that a drip does not count. Content has to come at a rate besides: each octet gives a little time, up to a
 * window of it, and a peer that has none left is too slow. RFC 5321 §4.5.3.2.7.
 */
final class PeerTime {
    /** The time that was told before stands. */
    static final long UNCHANGED = -1;

    private static final long WINDOW_NANOS = SessionTimes.RATE_WINDOW.toNanos();
    private static final long SECOND_NANOS = 1_000_000_000;

    private final SessionTimes times;
    private final long sessionNanos;
    /** The session's end is known. */
    private boolean begun;

    private long sessionEnd;
    private boolean running;
    private long phaseEnd;
    private long progressSeen;
    private SessionPhase phaseSeen = SessionPhase.HELLO;
    /** The rate is looked at, since that time and that octet. */
    private boolean metered;

    private long meteredAt;
    private long octetsSeen;
    /** What the octets that came have left to wait for others, in nanoseconds. */
    private long credit;

    PeerTime(SessionTimes times) {
        this.times = times;
        this.sessionNanos = times.session().toNanos();
    }

    /**
     * It is the peer's turn.
     *
     * @param progress differs if it has got somewhere
     * @param octets of content so far
     * @return how long it is from now on, in nanoseconds, 0 if that is over; or {@link #UNCHANGED}
     */
    long run(long now, SessionPhase phase, long progress, long octets) {
        if (!begun) {
            begun = true;
            sessionEnd = now + sessionNanos;
        }
        boolean anew = !running || progress != progressSeen || phase != phaseSeen;
        if (anew) {
            phaseEnd = now + times.nanos(phase);
            progressSeen = progress;
            phaseSeen = phase;
        }
        long left = UNCHANGED;
        if (phase == SessionPhase.CONTENT && times.minContentRate() > 0) {
            meter(now, octets);
            left = Math.max(0, Math.min(phaseEnd - now, credit));
        } else if (anew) {
            metered = false;
            // Content that has begun is heard out.
            left = phase.isContent() ? phaseEnd - now : Math.max(0, Math.min(phaseEnd - now, sessionEnd - now));
        }
        running = true;
        return left;
    }

    private void meter(long now, long octets) {
        if (metered) {
            // What passes while it is not the peer's turn is not held against it.
            long passed = running ? now - meteredAt : 0;
            credit = Math.min(WINDOW_NANOS, credit - passed + earned(octets - octetsSeen));
        } else {
            metered = true;
            credit = WINDOW_NANOS;
        }
        meteredAt = now;
        octetsSeen = octets;
    }

    private long earned(long octets) {
        int rate = times.minContentRate();
        // More than a window is never had, and would not fit when it is multiplied.
        return octets / rate >= WINDOW_NANOS / SECOND_NANOS ? WINDOW_NANOS : octets * SECOND_NANOS / rate;
    }

    /** What is waited for is not the peer's matter. */
    void stop(long now) {
        if (running && metered) {
            credit -= now - meteredAt;
        }
        running = false;
    }

    /** Whoever comes next begins with all of it, but for the session's. */
    void reset() {
        running = false;
        metered = false;
    }
}
