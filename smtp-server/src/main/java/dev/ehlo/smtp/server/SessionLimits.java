package dev.ehlo.smtp.server;

import java.time.Duration;

/**
 * How much of each thing a session may have.
 *
 * @param maxMessageOctets of content, after dot-unstuffing; RFC 5321 §4.5.3.1.7 asks for 64 KiB at least
 * @param maxRecipients of one transaction; RFC 5321 §4.5.3.1.8 asks for 100 at least
 * @param commandTime for each command or line of a dialogue, from the reply before it to its end; RFC 5321 §4.5.3.2.7
 *     asks for five minutes at least
 * @param contentTime for each 4 KiB of content, so that a client that drips is not served for ever
 * @param maxErrors commands refused by the server itself, before the session ends with 421
 * @param maxIdleCommands commands that bring no message on its way, counted since the last message
 * @param maxRefusedRecipients RCPT commands refused in one session
 * @param maxAuthFailures failed AUTH commands
 */
public record SessionLimits(
        long maxMessageOctets,
        int maxRecipients,
        Duration commandTime,
        Duration contentTime,
        int maxErrors,
        int maxIdleCommands,
        int maxRefusedRecipients,
        int maxAuthFailures) {
    /** 50 MiB, 1000 recipients, and the times of RFC 5321 §4.5.3.2.7. */
    public static final SessionLimits STANDARD =
            new SessionLimits(50L << 20, 1000, Duration.ofMinutes(5), Duration.ofMinutes(5), 20, 100, 1000, 3);

    /** @throws IllegalArgumentException if a limit is not positive */
    public SessionLimits {
        positive("maxMessageOctets", maxMessageOctets);
        positive("maxRecipients", maxRecipients);
        positive("commandTime", commandTime.toMillis());
        positive("contentTime", contentTime.toMillis());
        positive("maxErrors", maxErrors);
        positive("maxIdleCommands", maxIdleCommands);
        positive("maxRefusedRecipients", maxRefusedRecipients);
        positive("maxAuthFailures", maxAuthFailures);
    }

    private static void positive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " must be positive: " + value);
        }
    }

    /** These limits with another size. */
    public SessionLimits maxMessageOctets(long octets) {
        return new SessionLimits(
                octets,
                maxRecipients,
                commandTime,
                contentTime,
                maxErrors,
                maxIdleCommands,
                maxRefusedRecipients,
                maxAuthFailures);
    }

    /** These limits with another number of recipients. */
    public SessionLimits maxRecipients(int recipients) {
        return new SessionLimits(
                maxMessageOctets,
                recipients,
                commandTime,
                contentTime,
                maxErrors,
                maxIdleCommands,
                maxRefusedRecipients,
                maxAuthFailures);
    }

    /** These limits with other times. */
    public SessionLimits times(Duration command, Duration content) {
        return new SessionLimits(
                maxMessageOctets,
                maxRecipients,
                command,
                content,
                maxErrors,
                maxIdleCommands,
                maxRefusedRecipients,
                maxAuthFailures);
    }
}
