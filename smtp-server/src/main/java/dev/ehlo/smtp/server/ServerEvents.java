package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.Reply;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * What can be seen of a server while it runs: whoever implements it is told by {@link SmtpServerBuilder#events}. All
 * methods do nothing unless overridden.
 *
 * <pre>
 *     refused                                                          who is not let in
 *     connected ─ tls ─ loggedIn ─ replied* ─ transaction* ─ disconnected    who is
 *           └ tlsFailed  └ loginFailed  └ limited                │
 *                                                              alert     at any time
 * </pre>
 *
 * Called on the event loops, those of one session on one of them, in order; those of several at once. Must not block.
 * What it throws is logged, and changes nothing. What comes from a peer, which is all that is text, is as the peer sent
 * it: to be escaped before it goes into a log.
 */
public interface ServerEvents {
    /** A client was let in; {@link #disconnected} follows in any case. Before the handshake of implicit TLS. */
    default void connected(SessionInfo session) {}

    /** Somebody was not let in. No other event tells of that connection. */
    default void refused(Refusal reason, InetSocketAddress remote, String profile) {}

    /**
     * A session is under TLS, as {@link SessionInfo#tls} says.
     *
     * @param handshake what the handshake took, the way of its octets included
     */
    default void tls(SessionInfo session, Duration handshake) {}

    /**
     * A TLS handshake failed, or was not over in time; the session ends.
     *
     * @param cause what the TLS engine or the system said, in part of the peer's making
     */
    default void tlsFailed(SessionInfo session, Throwable cause) {}

    /** AUTH has let a client in, as {@link SessionInfo#login} says. */
    default void loggedIn(SessionInfo session, Mechanism mechanism) {}

    /**
     * AUTH has not let a client in.
     *
     * @param login whom it claimed to be, of any length and any characters; empty where that did not become known
     */
    default void loginFailed(SessionInfo session, String login, Mechanism mechanism, Refusal reason) {}

    /**
     * A limit was met, or a rule of the server's broken; the reply says what becomes of the session. What the handler
     * refuses is told by {@link #replied} and {@link #transaction} alone.
     */
    default void limited(SessionInfo session, Refusal reason) {}

    /** The server has replied: several times for each transaction, so this should cost little. */
    default void replied(SessionInfo session, Reply reply) {}

    /** A mail transaction is over: from an accepted MAIL on, each is told of once. */
    default void transaction(TransactionSummary transaction) {}

    /** A session is over. */
    default void disconnected(SessionSummary session) {}

    /** What the server sheds is not what it was before. On a thread of its own. */
    default void strained(Strain strain) {}

    /** Something unusual goes on. On any thread. */
    default void alert(Alert alert) {}
}
