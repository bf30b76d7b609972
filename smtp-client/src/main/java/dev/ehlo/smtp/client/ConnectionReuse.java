package dev.ehlo.smtp.client;

import java.time.Duration;

/**
 * How long a client keeps a connection for the next message to the same host; how many it has, {@link ConnectionLimits}
 * say. A kept one is used for the same host, demands on TLS and login alone. It is not asked first whether it still
 * stands: where it turns out that it does not, before end of data was sent, the message goes again by a new one.
 *
 * @param idle how long one waits for another message before it is given up with QUIT
 * @param messages transactions of one connection at most; what the server tells by MAILMAX of LIMITS (RFC 9422 §4)
 *     holds as well
 * @param age since it was opened, after which one is not kept
 */
public record ConnectionReuse(Duration idle, int messages, Duration age) {
    /**
     * Two seconds are what Postfix waits: whoever has more for a host comes back within milliseconds, and the others
     * are not to take up its sessions. After some messages, or minutes, a new connection finds another server where
     * several stand behind one name.
     */
    private static final ConnectionReuse STANDARD =
            new ConnectionReuse(Duration.ofSeconds(2), 100, Duration.ofMinutes(5));

    private static final ConnectionReuse NONE = new ConnectionReuse(Duration.ofSeconds(2), 1, Duration.ofMinutes(5));

    /** @throws IllegalArgumentException if a time is not positive or longer than a day, or the number is not */
    public ConnectionReuse {
        for (Duration time : new Duration[] {idle, age}) {
            if (time.isNegative() || time.isZero() || time.compareTo(Duration.ofDays(1)) > 0) {
                throw new IllegalArgumentException("not a time limit: " + time);
            }
        }
        if (messages < 1) {
            throw new IllegalArgumentException("not a number of messages: " + messages);
        }
    }

    /** Two seconds, 100 messages, five minutes. */
    public static ConnectionReuse standard() {
        return STANDARD;
    }

    /** A connection for each message. */
    public static ConnectionReuse none() {
        return NONE;
    }
}
