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
 * @param maxTransactions MAIL commands in one session, told by LIMITS (RFC 9422 §4); {@link #UNBOUNDED} unless said
 * @param maxHold how long a user may have a message held, told by FUTURERELEASE (RFC 4865 §3); up to 999,999,999 s
 */
public record SessionLimits(
        long maxMessageOctets,
        int maxRecipients,
        Duration commandTime,
        Duration contentTime,
        int maxErrors,
        int maxIdleCommands,
        int maxRefusedRecipients,
        int maxAuthFailures,
        int maxTransactions,
        Duration maxHold) {
    /** As many transactions as the other limits allow. */
    public static final int UNBOUNDED = Integer.MAX_VALUE;
    /** 50 MiB, 1000 recipients, the times of RFC 5321 §4.5.3.2.7, and 30 days to hold. */
    public static final SessionLimits STANDARD =
            new SessionLimits(50L << 20, 1000, Duration.ofMinutes(5), Duration.ofMinutes(5), 20, 100, 1000, 3);
    /** Six digits, RFC 9422 §4. */
    private static final int MOST_TRANSACTIONS = 999_999;

    private static final long MOST_HOLD_SECONDS = 999_999_999;

    /** @throws IllegalArgumentException if a limit is not positive, or more than can be told */
    public SessionLimits {
        positive("maxMessageOctets", maxMessageOctets);
        positive("maxRecipients", maxRecipients);
        positive("commandTime", commandTime.toMillis());
        positive("contentTime", contentTime.toMillis());
        positive("maxErrors", maxErrors);
        positive("maxIdleCommands", maxIdleCommands);
        positive("maxRefusedRecipients", maxRefusedRecipients);
        positive("maxAuthFailures", maxAuthFailures);
        positive("maxTransactions", maxTransactions);
        positive("maxHold", maxHold.toSeconds());
        if (maxTransactions > MOST_TRANSACTIONS && maxTransactions != UNBOUNDED) {
            throw new IllegalArgumentException("maxTransactions: " + maxTransactions);
        }
        if (maxHold.toSeconds() > MOST_HOLD_SECONDS) {
            throw new IllegalArgumentException("maxHold: " + maxHold);
        }
    }

    /** These limits, any number of transactions, and 30 days to hold. */
    public SessionLimits(
            long maxMessageOctets,
            int maxRecipients,
            Duration commandTime,
            Duration contentTime,
            int maxErrors,
            int maxIdleCommands,
            int maxRefusedRecipients,
            int maxAuthFailures) {
        this(
                maxMessageOctets,
                maxRecipients,
                commandTime,
                contentTime,
                maxErrors,
                maxIdleCommands,
                maxRefusedRecipients,
                maxAuthFailures,
                UNBOUNDED,
                Duration.ofDays(30));
    }

    private static void positive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " must be positive: " + value);
        }
    }

    /** These limits with another size. */
    public SessionLimits maxMessageOctets(long octets) {
        return with(octets, maxRecipients, commandTime, contentTime, maxTransactions, maxHold);
    }

    /** These limits with another number of recipients. */
    public SessionLimits maxRecipients(int recipients) {
        return with(maxMessageOctets, recipients, commandTime, contentTime, maxTransactions, maxHold);
    }

    /** These limits with other times. */
    public SessionLimits times(Duration command, Duration content) {
        return with(maxMessageOctets, maxRecipients, command, content, maxTransactions, maxHold);
    }

    /** These limits with that many transactions: 1 to 999,999, or {@link #UNBOUNDED}. */
    public SessionLimits maxTransactions(int transactions) {
        return with(maxMessageOctets, maxRecipients, commandTime, contentTime, transactions, maxHold);
    }

    /** These limits with another time to hold. */
    public SessionLimits maxHold(Duration time) {
        return with(maxMessageOctets, maxRecipients, commandTime, contentTime, maxTransactions, time);
    }

    private SessionLimits with(
            long octets, int recipients, Duration command, Duration content, int transactions, Duration hold) {
        return new SessionLimits(
                octets,
                recipients,
                command,
                content,
                maxErrors,
                maxIdleCommands,
                maxRefusedRecipients,
                maxAuthFailures,
                transactions,
                hold);
    }
}
