package dev.ehlo.smtp.server;

import java.time.Duration;

/**
 * How long the reply to an error is held back, and with it all that the client has pipelined: nothing for the first few of
 * a session, then longer with each, up to a bound. Errors are what {@link SessionLimits#maxErrors} counts, and recipients
 * refused for good. It costs the server a timer, and no thread; who guesses addresses it costs the guessing. No RFC asks
 * for it; clients wait five minutes for a reply, RFC 5321 §4.5.3.2.3.
 *
 * @param free errors of a session that are answered at once
 * @param step what the next one is held back, and what each after it is held back longer
 * @param most what any is held back
 */
public record ErrorDelay(int free, Duration step, Duration most) {
    /** What a client waits for a reply, and so beyond any delay; stands before what is checked against it. */
    private static final Duration CLIENT_PATIENCE = Duration.ofMinutes(5);

    /** None at all. */
    public static final ErrorDelay NONE = new ErrorDelay(0, Duration.ZERO, Duration.ZERO);
    /** Ten errors at once, then a tenth of a second longer for each, up to five seconds. */
    public static final ErrorDelay STANDARD = new ErrorDelay(10, Duration.ofMillis(100), Duration.ofSeconds(5));

    /** @throws IllegalArgumentException if one is negative, or five minutes or more, which no client waits */
    public ErrorDelay {
        if (free < 0 || step.isNegative() || most.isNegative() || most.compareTo(CLIENT_PATIENCE) >= 0) {
            throw new IllegalArgumentException("delay of errors: " + free + " free, then " + step + " up to " + most);
        }
    }

    /** What the reply to that error is held back, in nanoseconds; the first one is 1. */
    public long nanosOf(int error) {
        long times = Math.max(0L, (long) error - free);
        long bound = most.toNanos();
        long one = Math.min(step.toNanos(), bound);
        return one == 0 || times <= bound / one ? times * one : bound;
    }
}
