package dev.ehlo.smtp.server;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * How much of each thing a session may have. Start from {@link #STANDARD}, and derive what differs; limits never change:
 *
 * <pre>{@code SessionLimits.STANDARD.maxRecipients(100).maxErrors(5)}</pre>
 *
 * <p>Each of the methods with an argument refuses, by an {@link IllegalArgumentException}, what is not positive, or more
 * than can be told to a client.
 */
public final class SessionLimits {
    /** As many transactions as the other limits allow. */
    public static final int UNBOUNDED = Integer.MAX_VALUE;
    /** What each accessor tells of. */
    public static final SessionLimits STANDARD = new SessionLimits(new Parts());
    /** Six digits, RFC 9422 §4. */
    private static final int MOST_TRANSACTIONS = 999_999;

    private static final long MOST_HOLD_SECONDS = 999_999_999;

    /** The parts, while limits are made; none is touched once they are. */
    private static final class Parts implements Cloneable {
        long maxMessageOctets = 50L << 20;
        int maxRecipients = 1000;
        Duration commandTime = Duration.ofMinutes(5);
        Duration contentTime = Duration.ofMinutes(5);
        int maxErrors = 20;
        int maxIdleCommands = 100;
        int maxRefusedRecipients = 1000;
        int maxAuthFailures = 3;
        int maxTransactions = UNBOUNDED;
        Duration maxHold = Duration.ofDays(30);

        List<Object> values() {
            return List.of(
                    maxMessageOctets,
                    maxRecipients,
                    commandTime,
                    contentTime,
                    maxErrors,
                    maxIdleCommands,
                    maxRefusedRecipients,
                    maxAuthFailures,
                    maxTransactions,
                    maxHold);
        }

        Parts copy() {
            try {
                return (Parts) clone();
            } catch (CloneNotSupportedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private final Parts parts;

    private SessionLimits(Parts parts) {
        this.parts = parts;
    }

    private SessionLimits with(Consumer<Parts> change) {
        Parts changed = parts.copy();
        change.accept(changed);
        return new SessionLimits(changed);
    }

    private static int positive(String name, int value) {
        return (int) positive(name, (long) value);
    }

    private static long positive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " must be positive: " + value);
        }
        return value;
    }

    private static Duration positive(String name, Duration value) {
        positive(name, value.toMillis());
        return value;
    }

    /** Octets of content, after dot-unstuffing: 50 MiB, unless said; RFC 5321 §4.5.3.1.7 asks for 64 KiB at least. */
    public long maxMessageOctets() {
        return parts.maxMessageOctets;
    }

    /** These limits with another {@linkplain #maxMessageOctets() size}. */
    public SessionLimits maxMessageOctets(long octets) {
        return with(p -> p.maxMessageOctets = positive("maxMessageOctets", octets));
    }

    /** Recipients of one transaction: 1000, unless said; RFC 5321 §4.5.3.1.8 asks for 100 at least. */
    public int maxRecipients() {
        return parts.maxRecipients;
    }

    /** These limits with another {@linkplain #maxRecipients() number of recipients}. */
    public SessionLimits maxRecipients(int recipients) {
        return with(p -> p.maxRecipients = positive("maxRecipients", recipients));
    }

    /**
     * For each command or line of a dialogue, from the reply before it to its end: five minutes, unless said, the least
     * that RFC 5321 §4.5.3.2.7 asks for.
     */
    public Duration commandTime() {
        return parts.commandTime;
    }

    /** For each 4 KiB of content, so that a client that drips is not served for ever: five minutes, unless said. */
    public Duration contentTime() {
        return parts.contentTime;
    }

    /** These limits with another {@link #commandTime} and {@link #contentTime}. */
    public SessionLimits times(Duration command, Duration content) {
        return with(p -> {
            p.commandTime = positive("commandTime", command);
            p.contentTime = positive("contentTime", content);
        });
    }

    /** Commands refused by the server itself, before the session ends with 421: 20, unless said. RFC 5321 §7.8. */
    public int maxErrors() {
        return parts.maxErrors;
    }

    /** These limits with another {@linkplain #maxErrors() number of errors}. */
    public SessionLimits maxErrors(int errors) {
        return with(p -> p.maxErrors = positive("maxErrors", errors));
    }

    /** Commands that bring no message on its way, counted since the last message: 100, unless said. RFC 5321 §7.8. */
    public int maxIdleCommands() {
        return parts.maxIdleCommands;
    }

    /** These limits with another {@linkplain #maxIdleCommands() number of commands without effect}. */
    public SessionLimits maxIdleCommands(int commands) {
        return with(p -> p.maxIdleCommands = positive("maxIdleCommands", commands));
    }

    /** RCPT commands refused in one session: 1000, unless said. RFC 5321 §7.8. */
    public int maxRefusedRecipients() {
        return parts.maxRefusedRecipients;
    }

    /** These limits with another {@linkplain #maxRefusedRecipients() number of refused recipients}. */
    public SessionLimits maxRefusedRecipients(int recipients) {
        return with(p -> p.maxRefusedRecipients = positive("maxRefusedRecipients", recipients));
    }

    /** Failed AUTH commands, with the last of which the session ends: 3, unless said. RFC 4954 §9. */
    public int maxAuthFailures() {
        return parts.maxAuthFailures;
    }

    /** These limits with another {@linkplain #maxAuthFailures() number of failed logins}. */
    public SessionLimits maxAuthFailures(int failures) {
        return with(p -> p.maxAuthFailures = positive("maxAuthFailures", failures));
    }

    /** MAIL commands in one session, told by LIMITS (RFC 9422 §4); {@link #UNBOUNDED} unless said. */
    public int maxTransactions() {
        return parts.maxTransactions;
    }

    /** These limits with that many {@linkplain #maxTransactions() transactions}: 1 to 999,999, or {@link #UNBOUNDED}. */
    public SessionLimits maxTransactions(int transactions) {
        if (transactions > MOST_TRANSACTIONS && transactions != UNBOUNDED) {
            throw new IllegalArgumentException("maxTransactions: " + transactions);
        }
        return with(p -> p.maxTransactions = positive("maxTransactions", transactions));
    }

    /** How long a user may have a message held, told by FUTURERELEASE (RFC 4865 §3): 30 days, unless said. */
    public Duration maxHold() {
        return parts.maxHold;
    }

    /** These limits with another {@linkplain #maxHold() time to hold}, up to 999,999,999 s. */
    public SessionLimits maxHold(Duration time) {
        positive("maxHold", time.toSeconds());
        if (time.toSeconds() > MOST_HOLD_SECONDS) {
            throw new IllegalArgumentException("maxHold: " + time);
        }
        return with(p -> p.maxHold = time);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SessionLimits that && parts.values().equals(that.parts.values());
    }

    @Override
    public int hashCode() {
        return parts.values().hashCode();
    }

    @Override
    public String toString() {
        return "limits " + parts.values();
    }
}
