package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import java.io.IOException;

/**
 * Decides about mail. One handler serves all sessions: calls of one session come one after the other, those of several
 * at once. Whether it may block is for {@link SmtpServerBuilder} to say. A reply of 421 ends the session; what a
 * method throws is logged and answered as {@code 451 4.3.0}.
 *
 * <p>Asked only what is in order already: the sequence of commands, TLS, AUTH, relaying, limits and parameters are the
 * server's to guard.
 */
@FunctionalInterface
public interface SmtpHandler {
    /** To a client, and where nothing more is to be said: yes. */
    Reply YES = Reply.of(250, "2.0.0", "OK");
    /** To a reverse-path: yes. RFC 3463 §3.2. */
    Reply SENDER_OK = Reply.of(250, "2.1.0", "Sender OK");
    /** To a forward-path: yes. RFC 3463 §3.2. */
    Reply RECIPIENT_OK = Reply.of(250, "2.1.5", "Recipient OK");

    /**
     * Who decides in one connection: this handler for all, unless overridden. One that keeps something of a connection
     * returns an object of its own for each, with fields for it, which is asked of that connection alone: under TLS by
     * STARTTLS too, and anew, from {@link #connected} on, of each client that a peer names by XCLIENT. No two of its
     * calls overlap, and each sees what those before it wrote. Called on an event loop, which it must not block; what it
     * throws aborts the connection.
     */
    default SmtpHandler forConnection(SessionInfo session) {
        return this;
    }

    /**
     * A client has connected. A positive reply lets it in, with a greeting of the server's own; another one is its
     * greeting. RFC 5321 §3.1.
     */
    default Reply connected(SessionInfo session) {
        return YES;
    }

    /**
     * A client has said EHLO, HELO or LHLO, and what it calls itself. A positive reply is followed by the server's own;
     * another one is sent, and leaves all as it was. RFC 5321 §4.1.1.1.
     */
    default Reply hello(SessionInfo session) {
        return YES;
    }

    /** A mail transaction begins. RFC 5321 §4.1.1.2. */
    default Reply mail(SessionInfo session, ReversePath reversePath, EsmtpParameters parameters) {
        return SENDER_OK;
    }

    /** A recipient more, in the transaction that the last {@link #mail} of this session began. RFC 5321 §4.1.1.3. */
    default Reply rcpt(SessionInfo session, Recipient recipient) {
        return RECIPIENT_OK;
    }

    /**
     * Where the content goes, of the message with that envelope. The sink is asked for its refusal, and then written to
     * and completed, or aborted.
     *
     * @throws IOException if there is none to be had now
     */
    MessageSink data(SessionInfo session, Envelope envelope) throws IOException;

    /**
     * The connection is gone: to give back what was kept for it. The last call, also where {@link #connected} was never
     * answered.
     */
    default void disconnected(SessionInfo session) {}
}
