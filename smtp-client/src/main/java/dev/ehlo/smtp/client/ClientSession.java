package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.client.sasl.SaslStep;
import dev.ehlo.smtp.codec.CommandEncoder;
import dev.ehlo.smtp.codec.ParseResult;
import dev.ehlo.smtp.codec.ReplyParser;
import dev.ehlo.smtp.codec.ReplyView;
import dev.ehlo.smtp.codec.Verb;
import dev.ehlo.smtp.tls.ChannelBinding;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of one SMTP session, for one mail transaction after the other. Given octets and the time, it gives
 * octets, a deadline and for each transaction an outcome; content it only says when to send. Used by one thread.
 *
 *     GREETING ─ 2yz → EHLO ─ 2yz → STARTTLS ─ 220 → TURNING
 *                       │ 5yz        │ not offered, refused, under TLS already
 *                       ↓            ↓
 *                     HELO ─ 2yz →  AUTH (→ 334 → SASL) ─ 2yz → TRANSACTION ─ done, the last → QUIT ─ any → OVER
 *                                                                  ↑    └─ done ─→ IDLE ─ too long ↗
 *                                                                  └─── another ─────┘
 *
 * {@link Opening} knows the way to the first transaction. From any state: 421, a reply out of turn, the deadline or a lost connection → OVER, with the outcome made out then.
 * A transaction on a session that was kept has lapsed by that, as long as its end of data was not sent: nobody has taken
 * the message, and it can go again elsewhere. TURNING ends this session: what follows under TLS is another, which begins at EHLO and knows nothing of this one.
 * RFC 5321 §3.1, §3.2, §4.1.4, RFC 3207 §4.2, RFC 4954 §4.
 */
final class ClientSession {
    private static final Reply UNREADABLE = Reply.of(451, "4.3.0", "the content can't be read");

    private final Opening opening;
    private final Dialogue dialogue;
    private final ReplyParser parser = new ReplyParser();
    private final ReplyView view = new ReplyView();
    private final long opened;

    private SessionPlan plan;
    private ClientState state;
    /** Whether the command of the state has yet to be put. */
    private boolean due;
    /** Whether octets have come that make no whole reply yet. */
    private boolean partial;

    private long deadline;
    private @Nullable MailTransaction transaction;
    private int transactions;
    private @Nullable SessionOutcome outcome;
    private @Nullable IOException contentFailure;

    /**
     * A session at its beginning.
     *
     * @param secured NONE: in clear, the server greets; IMPLICIT: under TLS, the server greets; STARTTLS: under TLS
     *     since that command, and EHLO is due
     */
    ClientSession(SessionPlan plan, TlsMode secured, long now) {
        this(plan, secured, Optional::empty, now);
    }

    /** The same, with what may bind a login to the connection. */
    ClientSession(SessionPlan plan, TlsMode secured, Supplier<Optional<ChannelBinding>> binding, long now) {
        this.plan = plan;
        this.opening = new Opening(plan, secured != TlsMode.NONE, binding);
        this.dialogue = new Dialogue(plan.dialogue());
        this.opened = now;
        this.state = secured == TlsMode.STARTTLS ? ClientState.EHLO : ClientState.GREETING;
        this.due = state == ClientState.EHLO;
        extend(now);
    }

    /** Begins another transaction of an idle session, with a plan that differs from the last in message alone. */
    void begin(SessionPlan next, long now) {
        if (state != ClientState.IDLE) {
            throw new IllegalStateException(state.name());
        }
        plan = next;
        outcome = null;
        contentFailure = null;
        beginTransaction(now);
        extend(now);
    }

    /** Ends an idle session in order. */
    void quit(long now) {
        if (state != ClientState.IDLE) {
            throw new IllegalStateException(state.name());
        }
        enter(ClientState.QUIT);
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
            reply(view.toReply(), in.hasRemaining(), now);
        }
        partial = in.hasRemaining();
        if (partial && state == ClientState.IDLE) {
            violation("octets after the reply to end of data");
        }
    }

    private void reply(Reply reply, boolean moreBehind, long now) {
        if (reply.code() == 421) {
            // Allowed at any time, and the last that is said. RFC 5321 §3.8.
            refused(reply, mayLapse());
        } else if (!isExpectingReply()) {
            unexpected(reply);
        } else if (state == ClientState.TRANSACTION) {
            transaction(reply, now);
        } else if (state == ClientState.QUIT) {
            enter(ClientState.OVER);
        } else {
            goOn(opening.take(state, reply, moreBehind), now);
        }
        extend(now);
    }

    private void goOn(Opening.Next next, long now) {
        if (next instanceof Opening.Next.Enter step) {
            if (step.state() == ClientState.TRANSACTION) {
                beginTransaction(now);
            } else {
                enter(step.state());
            }
        } else if (next instanceof Opening.Next.NotServed notServed) {
            end(
                    new SessionOutcome.NotServed(notServed.status(), notServed.reply(), remote(), opening.phase(state)),
                    ClientState.QUIT);
        } else if (next instanceof Opening.Next.Unsuited unsuited) {
            end(new SessionOutcome.Unsuited(unsuited.reply(), remote(), state.phase), ClientState.QUIT);
        } else if (next instanceof Opening.Next.Violation violation) {
            violation(violation.what());
        }
    }

    private void beginTransaction(long now) {
        transactions++;
        boolean reset = transaction != null && transaction.isOpen();
        boolean served = opening.isSecured() && opening.capabilities().has(Extension.REQUIRETLS);
        if (OfferedParameters.requiresTls(plan.envelope()) && !served) {
            end(
                    new SessionOutcome.Unsuited(OfferedParameters.NO_REQUIRETLS, remote(), state.phase),
                    afterTransaction(now));
            return;
        }
        try {
            MailTransaction begun = new MailTransaction(plan, opening, reset, dialogue);
            transaction = begun;
            enter(ClientState.TRANSACTION);
            endTransactionIfDone(begun, now);
        } catch (IOException e) {
            contentFailure = e;
            end(new SessionOutcome.Decided(unreadable()), afterTransaction(now));
        }
    }

    private List<RecipientOutcome> unreadable() {
        return plan.envelope().recipients().stream()
                .map(r -> new RecipientOutcome(r, DeliveryStatus.DEFERRED, UNREADABLE, remote(), state.phase))
                .toList();
    }

    private RemoteHost remote() {
        return RemoteHost.named(plan.host());
    }

    private void transaction(Reply reply, long now) {
        MailTransaction current = running();
        if (current.receive(reply)) {
            endTransactionIfDone(current, now);
        } else {
            violation(reply.code() + " out of turn");
        }
    }

    private void endTransactionIfDone(MailTransaction current, long now) {
        if (current.isDone()) {
            end(new SessionOutcome.Decided(current.outcomes()), afterTransaction(now));
        }
    }

    /** IDLE if the session may serve another one. RFC 9422 §4. */
    private ClientState afterTransaction(long now) {
        ConnectionReuse reuse = plan.reuse();
        boolean serves = transactions < reuse.messages()
                && transactions < opening.capabilities().maxTransactions().orElse(Integer.MAX_VALUE)
                && now - opened < reuse.age().toNanos();
        return serves ? ClientState.IDLE : ClientState.QUIT;
    }

    /** What AUTH has to ask before it goes on, for {@link #answered}; null if nothing, and once it was taken. */
    SaslStep.@Nullable Ask takeQuestion() {
        return isAuth() ? opening.authentication().takeQuestion() : null;
    }

    /** That was asked, and this is the answer, or null if it failed. Meanwhile the session stood still. */
    void answered(SaslStep.Ask asked, byte @Nullable [] octets, long now) {
        Opening.Next next = isAuth() ? opening.authentication().answered(asked, octets, state) : null;
        if (next != null) {
            goOn(next, now);
            extend(now);
        }
    }

    private boolean isAuth() {
        return state == ClientState.AUTH || state == ClientState.SASL;
    }

    private void unexpected(Reply reply) {
        if (state == ClientState.TRANSACTION && running().isInContent() && reply.code() >= 400) {
            refused(reply, false);
        } else {
            violation(reply.code() + " before it was due");
        }
    }

    private boolean isExpectingReply() {
        return state == ClientState.TRANSACTION ? running().isExpectingReply() : state != ClientState.IDLE && !due;
    }

    /** Octets of room that {@link #send} needs; 0 if no command is to be sent for now. */
    int room() {
        if (isHearing()) {
            return 0;
        }
        if (state == ClientState.TRANSACTION) {
            return running().room();
        }
        return !due ? 0 : isAuth() ? opening.authentication().room() : Authentication.MAX_COMMAND_LINE;
    }

    /** Who speaks out of turn is heard out first, so that it does not pass for the reply to what is sent next. */
    private boolean isHearing() {
        return partial && !isExpectingReply();
    }

    /** Puts the next command; to be called while {@link #room()} is not 0. */
    void send(ByteBuffer out, long now) {
        int from = out.position();
        switch (state) {
            case EHLO -> CommandEncoder.command(out, Verb.EHLO, plan.localName());
            case HELO -> CommandEncoder.command(out, Verb.HELO, plan.localName());
            case STARTTLS -> CommandEncoder.command(out, Verb.STARTTLS, "");
            case QUIT -> CommandEncoder.command(out, Verb.QUIT, "");
            case AUTH, SASL -> opening.authentication().send(out, dialogue);
            case TRANSACTION -> running().send(out);
            case IDLE, GREETING, TURNING, OVER -> throw new IllegalStateException(state.name());
        }
        if (due && !isAuth()) {
            dialogue.sent(out, from);
        }
        due = false;
        extend(now);
    }

    /** Whether the content of the plan is to be sent, and {@link #contentSent} or {@link #contentFailed} said then. */
    boolean isContentDue() {
        return state == ClientState.TRANSACTION && running().isContentDue() && !isHearing();
    }

    /** Whether that content goes in a chunk, as it is. */
    boolean isContentBinary() {
        return running().isBinary();
    }

    /** Some of the content is out, and there was room for more. */
    void contentProgressed(long now) {
        extend(now);
    }

    /** The whole content was put, with what ends it: from here on the server may have it. */
    void contentSent(long now) {
        running().contentSent();
        extend(now);
    }

    /** The content can't be read, and was not ended. */
    void contentFailed(IOException cause) {
        contentFailure = cause;
        lost(UNREADABLE, false);
    }

    /** When the phase is to be over, in the time that {@link #receive} and {@link #send} are told. */
    long deadline() {
        return deadline;
    }

    /** The phase has lasted too long; an idle session ends in order by that. */
    void deadlineReached(long now) {
        if (state == ClientState.IDLE) {
            quit(now);
        } else {
            lost("time is up for " + waitingFor() + " from " + plan.host(), false);
        }
    }

    /** The connection is gone. */
    void connectionLost() {
        lost("connection with " + plan.host() + " lost while waiting for " + waitingFor(), mayLapse());
    }

    /** This side gives up. */
    void givenUp() {
        lost("given up while waiting for " + waitingFor() + " from " + plan.host(), false);
    }

    private void violation(String what) {
        lost(Reply.quoting(451, "4.5.0", "protocol error by " + plan.host() + ": " + what), mayLapse());
    }

    /** Whether the connection was kept too long perhaps, and nothing is lost yet. */
    private boolean mayLapse() {
        return transactions > 1
                && state == ClientState.TRANSACTION
                && !running().isUnknown();
    }

    private void lost(String what, boolean lapses) {
        lost(Reply.quoting(451, "4.4.2", what), lapses);
    }

    private void refused(Reply reply, boolean lapses) {
        if (state == ClientState.TRANSACTION && !lapses) {
            running().decide(reply);
        }
        lost(reply, lapses);
    }

    /** Ends the session at once; what has no outcome yet gets this one. */
    private void lost(Reply reply, boolean lapses) {
        if (outcome != null) {
            enter(ClientState.OVER);
        } else if (lapses) {
            end(new SessionOutcome.Lapsed(), ClientState.OVER);
        } else if (state != ClientState.TRANSACTION) {
            end(new SessionOutcome.NotServed(DeliveryStatus.DEFERRED, reply, remote(), state.phase), ClientState.OVER);
        } else {
            MailTransaction current = running();
            current.decide(current.isUnknown() ? DeliveryStatus.UNKNOWN : DeliveryStatus.DEFERRED, reply);
            end(new SessionOutcome.Decided(current.outcomes()), ClientState.OVER);
        }
    }

    private void end(SessionOutcome with, ClientState next) {
        outcome = with;
        enter(next);
    }

    /** The outcome of the last transaction, as soon as it is known; QUIT comes after it. */
    Optional<SessionOutcome> outcome() {
        return Optional.ofNullable(outcome);
    }

    /** Why the content could not be read, if that is what ended the session. */
    Optional<IOException> contentFailure() {
        return Optional.ofNullable(contentFailure);
    }

    /** Whether it waits for another transaction. */
    boolean isIdle() {
        return state == ClientState.IDLE;
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
        due = next.isCommand;
    }

    private void extend(long now) {
        SessionTimeouts timeouts = plan.timeouts();
        Duration time = switch (state) {
            case GREETING -> timeouts.greeting();
            case IDLE -> plan.reuse().idle();
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
}
