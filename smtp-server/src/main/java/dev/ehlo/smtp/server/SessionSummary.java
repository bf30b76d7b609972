package dev.ehlo.smtp.server;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a session came to.
 *
 * @param session as it was at its end
 * @param nanos from the connection to its end
 * @param octetsIn octets of SMTP that were taken, without those of TLS
 * @param octetsOut octets of SMTP that were sent, without those of TLS
 * @param transactions how many began
 * @param accepted how many of them brought a message that was accepted
 * @param failedLogins how many logins failed
 * @param errors replies of 4yz and 5yz
 * @param end how it ended
 * @param reason why the server refused something the last time; null if it never did for a reason that has a name
 */
public record SessionSummary(
        SessionInfo session,
        long nanos,
        long octetsIn,
        long octetsOut,
        int transactions,
        int accepted,
        int failedLogins,
        int errors,
        End end,
        @Nullable Refusal reason) {

    /** How a session ends. */
    public enum End {
        /** The client said QUIT. */
        QUIT,
        /** The client closed without a word. */
        CLIENT,
        /** The server closed. */
        SERVER,
        /** The network failed, or under TLS the octets ended without close_notify. */
        LOST,
        /** A TLS handshake failed. */
        TLS_FAILED
    }

    /** From the connection to its end. */
    public Duration duration() {
        return Duration.ofNanos(nanos);
    }

    /** Why the server refused something the last time, if it did for a reason that has a name. */
    public Optional<Refusal> lastRefusal() {
        return Optional.ofNullable(reason);
    }
}
