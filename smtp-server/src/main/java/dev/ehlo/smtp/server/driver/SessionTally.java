package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.ServerEvents;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SessionSummary;
import dev.ehlo.smtp.server.TransactionSummary;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells what happens in one session that was let in, and counts what it comes to. Goes with the connection from handler
 * to handler; used on its loop.
 */
final class SessionTally {
    private final ServerEvents events;
    private final LongSupplier clock;
    private final long began;
    private long handshakeBegan;
    private long octetsIn;
    private long octetsOut;
    private int transactions;
    private int accepted;
    private int failedLogins;
    private int errors;
    private @Nullable Refusal lastRefusal;
    private boolean told;

    private SessionTally(ServerEvents events, LongSupplier clock) {
        this.events = events;
        this.clock = clock;
        this.began = clock.getAsLong();
        this.handshakeBegan = began;
    }

    /** That of a session which begins, and is told of. */
    static SessionTally begin(ServerRuntime server, SessionInfo info) {
        SessionTally tally = new SessionTally(server.events(), server.clock());
        tally.events.connected(info);
        return tally;
    }

    long nanoTime() {
        return clock.getAsLong();
    }

    void took(int octets) {
        octetsIn += octets;
    }

    void handshakeBegins() {
        handshakeBegan = clock.getAsLong();
    }

    void underTls(SessionInfo info) {
        events.tls(info, Duration.ofNanos(clock.getAsLong() - handshakeBegan));
    }

    void loggedIn(SessionInfo info, Mechanism mechanism) {
        events.loggedIn(info, mechanism);
    }

    void loginFailed(SessionInfo info, String login, Mechanism mechanism, Refusal reason) {
        failedLogins++;
        events.loginFailed(info, login, mechanism, reason);
    }

    void limited(SessionInfo info, Refusal reason) {
        lastRefusal = reason;
        events.limited(info, reason);
    }

    void replied(SessionInfo info, Reply reply, int octets) {
        octetsOut += octets;
        if (reply.code() >= 400) {
            errors++;
        }
        events.replied(info, reply);
    }

    void transactionBegan() {
        transactions++;
    }

    void transactionEnded(TransactionSummary summary) {
        if (summary.outcome() == TransactionSummary.Outcome.ACCEPTED) {
            accepted++;
        }
        events.transaction(summary);
    }

    /** The session is over; said once. */
    void end(SessionInfo info, SessionSummary.End end) {
        if (!told) {
            told = true;
            events.disconnected(new SessionSummary(
                    info,
                    clock.getAsLong() - began,
                    octetsIn,
                    octetsOut,
                    transactions,
                    accepted,
                    failedLogins,
                    errors,
                    end,
                    lastRefusal));
        }
    }

    /** The connection is gone; a handshake that failed is told of. */
    SessionSummary.End gone(SessionInfo info, CloseCause cause, boolean quit, boolean inputEnded) {
        if (cause.kind() == CloseCause.Kind.HANDSHAKE_FAILED) {
            events.tlsFailed(info, cause.cause().orElseGet(() -> new IllegalStateException("no cause")));
            return SessionSummary.End.TLS_FAILED;
        }
        if (quit) {
            return SessionSummary.End.QUIT;
        }
        return switch (cause.kind()) {
            case TRUNCATED, LOST, UNREADABLE, NOT_CONNECTED -> SessionSummary.End.LOST;
            default -> inputEnded ? SessionSummary.End.CLIENT : SessionSummary.End.SERVER;
        };
    }
}
