package dev.ehlo.smtp.server;

import java.time.Duration;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * How long a client may take. Start from {@link #STANDARD}, and derive what differs; times never change:
 *
 * <pre>{@code SessionTimes.STANDARD.time(SessionPhase.AUTH, Duration.ofMinutes(1)).minContentRate(1000)}</pre>
 *
 * <p>Who is too slow is told {@code 421 4.4.2} and closed; who does not take in its replies is cut off.
 */
public final class SessionTimes {
    /** Over so much time the rate of content is averaged: a client that was fast may rest for as long. */
    public static final Duration RATE_WINDOW = Duration.ofMinutes(5);
    /** Five minutes for each phase (RFC 5321 §4.5.3.2.7), a day for a session, 250 octets of content in a second. */
    public static final SessionTimes STANDARD = standard();

    private final long[] phaseNanos;
    private final long sessionNanos;
    private final int minContentRate;

    private SessionTimes(long[] phaseNanos, long sessionNanos, int minContentRate) {
        this.phaseNanos = phaseNanos;
        this.sessionNanos = sessionNanos;
        this.minContentRate = minContentRate;
    }

    private static SessionTimes standard() {
        long[] nanos = new long[SessionPhase.values().length];
        Arrays.fill(nanos, Duration.ofMinutes(5).toNanos());
        return new SessionTimes(nanos, Duration.ofDays(1).toNanos(), 250);
    }

    private SessionTimes with(Consumer<long[]> change) {
        long[] nanos = phaseNanos.clone();
        change.accept(nanos);
        return new SessionTimes(nanos, sessionNanos, minContentRate);
    }

    private static long positive(String name, Duration time) {
        if (time.isZero() || time.isNegative() || time.compareTo(Duration.ofDays(365)) > 0) {
            throw new IllegalArgumentException(name + " must be positive, and a year at most: " + time);
        }
        return time.toNanos();
    }

    /** What a client has for that. */
    public Duration time(SessionPhase phase) {
        return Duration.ofNanos(nanos(phase));
    }

    /** As {@link #time(SessionPhase)}, in nanoseconds. */
    @SuppressWarnings("EnumOrdinal") // an index of an array, asked for at each flight
    public long nanos(SessionPhase phase) {
        return phaseNanos[phase.ordinal()];
    }

    /**
     * These times with another one for that phase.
     *
     * @throws IllegalArgumentException if it is not positive, or more than a year
     */
    @SuppressWarnings("EnumOrdinal")
    public SessionTimes time(SessionPhase phase, Duration time) {
        long nanos = positive(String.valueOf(phase), time);
        return with(all -> all[phase.ordinal()] = nanos);
    }

    /** These times with another one for all that is dialogue, and one for all that is content. */
    public SessionTimes times(Duration command, Duration content) {
        return time(SessionPhase.HELLO, command)
                .time(SessionPhase.COMMAND, command)
                .time(SessionPhase.AUTH, command)
                .time(SessionPhase.CONTENT_START, content)
                .time(SessionPhase.CONTENT, content);
    }

    /**
     * What a session may last, from its greeting, or its end of a STARTTLS handshake, on: a day, unless said. Content that
     * has begun is heard out nevertheless. No RFC has a limit.
     */
    public Duration session() {
        return Duration.ofNanos(sessionNanos);
    }

    /**
     * These times with sessions that last so long at most.
     *
     * @throws IllegalArgumentException if it is not positive, or more than a year
     */
    public SessionTimes session(Duration time) {
        return new SessionTimes(phaseNanos, positive("session", time), minContentRate);
    }

    /**
     * Octets of content in a second, below which a client that sends content is too slow, averaged over {@link
     * #RATE_WINDOW}: 250, unless said; 0 is no limit. The time of {@link SessionPhase#CONTENT} ends one that stands still;
     * this one ends one that drips. No RFC has a limit.
     */
    public int minContentRate() {
        return minContentRate;
    }

    /**
     * These times with another {@linkplain #minContentRate() rate}.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public SessionTimes minContentRate(int octetsPerSecond) {
        if (octetsPerSecond < 0) {
            throw new IllegalArgumentException("minContentRate: " + octetsPerSecond);
        }
        return new SessionTimes(phaseNanos, sessionNanos, octetsPerSecond);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SessionTimes that
                && Arrays.equals(phaseNanos, that.phaseNanos)
                && sessionNanos == that.sessionNanos
                && minContentRate == that.minContentRate;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(phaseNanos) * 31 + Long.hashCode(sessionNanos) + minContentRate;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (SessionPhase phase : SessionPhase.values()) {
            text.append(phase).append(' ').append(time(phase)).append(", ");
        }
        return text.append("session ").append(session()) + ", " + minContentRate + " octets/s";
    }
}
