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
 *
 * <p>What no server needs to set is constant: a command has {@link dev.ehlo.smtp.codec.CommandParser#MAX_COMMAND_LINE}
 * octets at most, a line of AUTH {@link dev.ehlo.smtp.codec.CommandParser#MAX_AUTH_LINE}, a command {@link
 * dev.ehlo.smtp.codec.Command#MAX_PARAMETERS} parameters.
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
        int maxHeaderOctets = 256 * 1024;
        int maxHeaderFields = 2000;
        int maxReceivedFields = 100;
        SessionTimes times = SessionTimes.STANDARD;
        int maxErrors = 20;
        int maxIdleCommands = 100;
        int maxRefusedRecipients = 1000;
        int maxAuthFailures = 3;
        int maxTransactions = UNBOUNDED;
        Duration maxHold = Duration.ofDays(30);
        ErrorDelay errorDelay = ErrorDelay.STANDARD;
        ErrorDelay userErrorDelay = ErrorDelay.NONE;

        List<Object> values() {
            return List.of(
                    maxMessageOctets,
                    maxRecipients,
                    maxHeaderOctets,
                    maxHeaderFields,
                    maxReceivedFields,
                    times,
                    maxErrors,
                    maxIdleCommands,
                    maxRefusedRecipients,
                    maxAuthFailures,
                    maxTransactions,
                    maxHold,
                    errorDelay,
                    userErrorDelay);
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
     * Octets of a message's header: 256 KiB, unless said, far beyond that of any letter to people, and little enough to be
     * read whole by whoever has to. No RFC has a limit.
     */
    public int maxHeaderOctets() {
        return parts.maxHeaderOctets;
    }

    /** These limits with another {@linkplain #maxHeaderOctets() size of a header}. */
    public SessionLimits maxHeaderOctets(int octets) {
        return with(p -> p.maxHeaderOctets = positive("maxHeaderOctets", octets));
    }

    /** Fields of a message's header: 2000, unless said; RFC 5322 §3.6 allows any number of most. */
    public int maxHeaderFields() {
        return parts.maxHeaderFields;
    }

    /** These limits with another {@linkplain #maxHeaderFields() number of fields}. */
    public SessionLimits maxHeaderFields(int fields) {
        return with(p -> p.maxHeaderFields = positive("maxHeaderFields", fields));
    }

    /** Received fields, beyond which a message is in a loop: 100, unless said, the least of RFC 5321 §6.3. */
    public int maxReceivedFields() {
        return parts.maxReceivedFields;
    }

    /** These limits with another {@linkplain #maxReceivedFields() number of hops}. */
    public SessionLimits maxReceivedFields(int hops) {
        return with(p -> p.maxReceivedFields = positive("maxReceivedFields", hops));
    }

    /** What a client may take: {@link SessionTimes#STANDARD}, unless said. */
    public SessionTimes times() {
        return parts.times;
    }

    /** These limits with other {@linkplain #times() times}. */
    public SessionLimits times(SessionTimes times) {
        return with(p -> p.times = times);
    }

    /** How replies to errors are held back before a login: {@link ErrorDelay#STANDARD}, unless said. */
    public ErrorDelay errorDelay() {
        return parts.errorDelay;
    }

    /** These limits with another {@linkplain #errorDelay() delay of errors}. */
    public SessionLimits errorDelay(ErrorDelay delay) {
        return with(p -> p.errorDelay = delay);
    }

    /** How replies to errors are held back after a login, and from a trusted client: not at all, unless said. */
    public ErrorDelay userErrorDelay() {
        return parts.userErrorDelay;
    }

    /** These limits with another {@linkplain #userErrorDelay() delay of users' errors}. */
    public SessionLimits userErrorDelay(ErrorDelay delay) {
        return with(p -> p.userErrorDelay = delay);
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
