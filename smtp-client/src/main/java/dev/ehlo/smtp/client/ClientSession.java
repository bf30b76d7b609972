package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.Capabilities;
import dev.ehlo.smtp.codec.CommandEncoder;
import dev.ehlo.smtp.codec.CommandParser;
import dev.ehlo.smtp.codec.ParseResult;
import dev.ehlo.smtp.codec.ReplyParser;
import dev.ehlo.smtp.codec.ReplyView;
import dev.ehlo.smtp.codec.Verb;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of one SMTP session, for one mail transaction. Given octets and the time, it gives octets, a
 * deadline and an outcome; used by one thread.
 *
 *     GREETING ─ 2yz → EHLO ─ 2yz → STARTTLS ─ 220 → TURNING
 *                       │ 5yz        │ not offered, refused, under TLS already
 *                       ↓            ↓
 *                     HELO ─ 2yz →  AUTH (→ 334 → SASL) ─ 2yz → TRANSACTION ─ done → QUIT ─ any → OVER
 *
 * From any state: 421, a reply out of turn, the deadline or a lost connection → OVER, with the outcome made out then.
 * TURNING ends this session: what follows under TLS is another, which begins at EHLO and knows nothing of this one.
 * RFC 5321 §3.1, §3.2, §4.1.4, RFC 3207 §4.2, RFC 4954 §4.
 */
final class ClientSession {
    private final SessionPlan plan;
    private final boolean secured;
    private final Dialogue dialogue;
    private final ReplyParser parser = new ReplyParser();
    private final ReplyView view = new ReplyView();

    private ClientState state;
    /** Whether the command of the state has yet to be put. */
    private boolean due;
    /** Whether octets have come that make no whole reply yet. */
    private boolean partial;

    private long deadline;
    private Capabilities capabilities = Capabilities.NONE;
    private @Nullable MailTransaction transaction;
    private @Nullable SessionOutcome outcome;
    private @Nullable IOException contentFailure;

    /**
     * A session at its beginning.
     *
     * @param secured NONE: in clear, the server greets; IMPLICIT: under TLS, the server greets; STARTTLS: under TLS
     *     since that command, and EHLO is due
     */
    ClientSession(SessionPlan plan, TlsMode secured, long now) {
        this.plan = plan;
        this.secured = secured != TlsMode.NONE;
        this.dialogue = new Dialogue(plan.dialogue());
        this.state = secured == TlsMode.STARTTLS ? ClientState.EHLO : ClientState.GREETING;
        this.due = state == ClientState.EHLO;
        extend(now);
    }

    /** Takes what whole replies there are, and moves the position behind them. */
    void receive(ByteBuffer in, long now) {
        while (state != ClientState.OVER && state != ClientState.TURNING) {
            int from = in.position();
            ParseResult result = parser.parse(in, view);
            if (result == ParseResult.INCOMPLETE) {
                break;
            }
            if (result != ParseResult.COMPLETE) {
                violation("a reply that is none, or too long");
                break;
            }
            dialogue.received(in, from);
            reply(view.toReply(), in, now);
        }
        partial = in.hasRemaining();
    }

    private void reply(Reply reply, ByteBuffer in, long now) {
        if (reply.code() == 421) {
            // Allowed at any time, and the last that is said. RFC 5321 §3.8.
            refused(reply);
            return;
        }
        if (!isExpectingReply()) {
            unexpected(reply);
            return;
        }
        switch (state) {
            case GREETING -> {
                if (goOn(reply)) {
                    enter(ClientState.EHLO);
                }
            }
            case EHLO -> {
                if (reply.isPermanent()) {
                    // A server of old, or one that has taken offence at the name. RFC 5321 §3.2.
                    enter(ClientState.HELO);
                } else if (goOn(reply)) {
                    capabilities = Capabilities.of(reply);
                    chooseTls();
                }
            }
            case HELO -> {
                if (goOn(reply)) {
                    chooseTls();
                }
            }
            case STARTTLS -> startTls(reply, in);
            case AUTH, SASL -> auth(reply);
            case TRANSACTION -> transaction(reply);
            case QUIT -> enter(ClientState.OVER);
            case TURNING, OVER -> throw new IllegalStateException(state.name());
        }
        extend(now);
    }

    /** Whether the reply is positive; if it is not, it is the outcome. */
    private boolean goOn(Reply reply) {
        if (reply.isIntermediate()) {
            violation("3yz as " + state.waitingFor);
        } else if (!reply.isPositive()) {
            notServed(reply.isPermanent() ? DeliveryStatus.FAILED : DeliveryStatus.DEFERRED, reply);
        }
        return reply.isPositive();
    }

    private void chooseTls() {
        if (secured || !plan.policy().isTlsWanted()) {
            chooseAuth();
        } else if (capabilities.has("STARTTLS")) {
            enter(ClientState.STARTTLS);
        } else if (requiresTls()) {
            unsuited(Reply.quoting(550, "5.7.10", plan.host() + " does not offer STARTTLS, which the sender requires"));
        } else if (plan.policy().isTlsRequired()) {
            deferred("4.7.4", plan.host() + " does not offer STARTTLS, which is required");
        } else {
            chooseAuth();
        }
    }

    private void startTls(Reply reply, ByteBuffer in) {
        if (reply.code() == 220) {
            if (in.hasRemaining()) {
                // Replies injected before TLS, to be taken for replies under it: CVE-2021-38371. RFC 3207 §6.
                violation("octets in clear behind 220 to STARTTLS");
            } else {
                enter(ClientState.TURNING);
            }
        } else if (reply.isPositive() || reply.isIntermediate()) {
            violation(reply.code() + " to STARTTLS");
        } else if (plan.policy().isTlsRequired()) {
            notServed(DeliveryStatus.DEFERRED, reply);
        } else {
            chooseAuth();
        }
    }

    private void chooseAuth() {
        Login login = plan.login();
        if (login == null) {
            beginTransaction();
        } else if (!secured && !login.inClear()) {
            deferred("4.7.11", "credentials are not sent to " + plan.host() + " without TLS");
        } else if (!capabilities.authMechanisms().contains("PLAIN")) {
            deferred("4.7.4", plan.host() + " does not offer AUTH PLAIN");
        } else {
            enter(ClientState.AUTH);
        }
    }

    private void auth(Reply reply) {
        if (reply.isPositive()) {
            beginTransaction();
        } else if (reply.code() == 334 && state == ClientState.AUTH) {
            enter(ClientState.SASL);
        } else if (reply.isIntermediate()) {
            violation("another challenge in AUTH PLAIN");
        } else {
            // A wrong password is no fault of the message: whoever set it may set it right. RFC 4954 §6.
            notServed(DeliveryStatus.DEFERRED, reply);
        }
    }

    private void beginTransaction() {
        if (requiresTls() && !(secured && capabilities.has(Extension.REQUIRETLS))) {
            unsuited(OfferedParameters.NO_REQUIRETLS);
            return;
        }
        transaction = new MailTransaction(plan, capabilities, dialogue);
        enter(ClientState.TRANSACTION);
        endTransactionIfDone(transaction);
    }

    private void transaction(Reply reply) {
        MailTransaction current = running();
        if (current.receive(reply)) {
            endTransactionIfDone(current);
        } else {
            violation(reply.code() + " out of turn");
        }
    }

    private void endTransactionIfDone(MailTransaction current) {
        if (current.isDone()) {
            outcome = new SessionOutcome.Decided(current.outcomes());
            enter(ClientState.QUIT);
        }
    }

    private void unexpected(Reply reply) {
        boolean contentRefused = state == ClientState.TRANSACTION && running().isInContent() && reply.code() >= 400;
        if (contentRefused) {
            refused(reply);
        } else {
            violation(reply.code() + " before it was due");
        }
    }

    private boolean isExpectingReply() {
        return state == ClientState.TRANSACTION ? running().isExpectingReply() : !due;
    }

    /** Octets of room that {@link #send} needs; 0 if there is nothing to send for now. */
    int room() {
        // Who speaks out of turn is heard out first, so that it does not pass for the reply to what is sent next.
        if (partial && !isExpectingReply()) {
            return 0;
        }
        if (state == ClientState.TRANSACTION) {
            return running().room();
        }
        return !due ? 0 : state == ClientState.SASL ? CommandParser.MAX_AUTH_LINE : Login.MAX_COMMAND_LINE;
    }

    /** Puts the next command or some of the content; to be called while {@link #room()} is not 0. */
    void send(ByteBuffer out, long now) {
        int from = out.position();
        switch (state) {
            case EHLO -> CommandEncoder.command(out, Verb.EHLO, plan.localName());
            case HELO -> CommandEncoder.command(out, Verb.HELO, plan.localName());
            case STARTTLS -> CommandEncoder.command(out, Verb.STARTTLS, "");
            case QUIT -> CommandEncoder.command(out, Verb.QUIT, "");
            case AUTH -> {
                String command = login().command();
                CommandEncoder.line(out, command);
                dialogue.sentMasked(command.endsWith("PLAIN") ? command : "AUTH PLAIN " + Dialogue.MASK);
            }
            case SASL -> {
                CommandEncoder.line(out, login().response());
                dialogue.sentMasked(Dialogue.MASK);
            }
            case TRANSACTION -> sendTransaction(out);
            case GREETING, TURNING, OVER -> throw new IllegalStateException(state.name());
        }
        if (due && state != ClientState.AUTH && state != ClientState.SASL) {
            dialogue.sent(out, from);
        }
        due = false;
        extend(now);
    }

    private void sendTransaction(ByteBuffer out) {
        try {
            running().send(out);
        } catch (IOException e) {
            contentFailure = e;
            lost(Reply.quoting(451, "4.3.0", "the content can't be read"));
        }
    }

    /** When the phase is to be over, in the time that {@link #receive} and {@link #send} are told. */
    long deadline() {
        return deadline;
    }

    /** The phase has lasted too long. */
    void deadlineReached() {
        lost("time is up for " + waitingFor() + " from " + plan.host());
    }

    /** The connection is gone. */
    void connectionLost() {
        lost("connection with " + plan.host() + " lost while waiting for " + waitingFor());
    }

    /** This side gives up. */
    void givenUp() {
        lost("given up while waiting for " + waitingFor() + " from " + plan.host());
    }

    private void lost(String what) {
        lost(Reply.quoting(451, "4.4.2", what));
    }

    private void violation(String what) {
        lost(Reply.quoting(451, "4.5.0", "protocol error by " + plan.host() + ": " + what));
    }

    private void refused(Reply reply) {
        if (transaction != null && outcome == null) {
            transaction.decide(reply);
        }
        lost(reply);
    }

    /** Ends the session at once; what has no outcome yet gets this one. */
    private void lost(Reply reply) {
        if (outcome == null && transaction == null) {
            outcome = new SessionOutcome.NotServed(DeliveryStatus.DEFERRED, reply);
        } else if (outcome == null) {
            MailTransaction current = running();
            current.decide(current.isUnknown() ? DeliveryStatus.UNKNOWN : DeliveryStatus.DEFERRED, reply);
            outcome = new SessionOutcome.Decided(current.outcomes());
        }
        enter(ClientState.OVER);
    }

    private void deferred(String enhanced, String text) {
        notServed(DeliveryStatus.DEFERRED, Reply.quoting(451, enhanced, text));
    }

    private boolean requiresTls() {
        return OfferedParameters.requiresTls(plan.envelope());
    }

    private void unsuited(Reply reply) {
        outcome = new SessionOutcome.Unsuited(reply);
        enter(ClientState.QUIT);
    }

    private void notServed(DeliveryStatus status, Reply reply) {
        outcome = new SessionOutcome.NotServed(status, reply);
        enter(ClientState.QUIT);
    }

    /** The outcome, as soon as it is known; QUIT comes after it. */
    Optional<SessionOutcome> outcome() {
        return Optional.ofNullable(outcome);
    }

    /** Why the content could not be read, if that is what ended the session. */
    Optional<IOException> contentFailure() {
        return Optional.ofNullable(contentFailure);
    }

    /** Whether the server is ready for TLS, and this session has ended with that. */
    boolean isTurning() {
        return state == ClientState.TURNING;
    }

    /** Whether there is nothing more to send or to receive. */
    boolean isOver() {
        return state == ClientState.OVER;
    }

    private String waitingFor() {
        return state == ClientState.TRANSACTION ? running().waitingFor() : state.waitingFor;
    }

    private void enter(ClientState next) {
        state = next;
        due = next != ClientState.TRANSACTION && next != ClientState.OVER && next != ClientState.TURNING;
        if (next == ClientState.OVER && transaction != null) {
            transaction.close();
        }
    }

    private void extend(long now) {
        SessionTimeouts timeouts = plan.timeouts();
        Duration time = switch (state) {
            case GREETING -> timeouts.greeting();
            case QUIT, TURNING, OVER -> timeouts.quit();
            case TRANSACTION -> running().timeout();
            case EHLO, HELO, STARTTLS, AUTH, SASL -> timeouts.command();
        };
        deadline = now + time.toNanos();
    }

    private MailTransaction running() {
        if (transaction == null) {
            throw new IllegalStateException(state.name());
        }
        return transaction;
    }

    private Login login() {
        Login login = plan.login();
        if (login == null) {
            throw new IllegalStateException(state.name());
        }
        return login;
    }
}
