package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.client.sasl.SaslStep;
import dev.ehlo.smtp.codec.ParseResult;
import dev.ehlo.smtp.codec.ReplyParser;
import dev.ehlo.smtp.codec.ReplyView;
import dev.ehlo.smtp.tls.ChannelBinding;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of one SMTP session, for one mail transaction after the other, or one behind the other. Given octets
 * and the time, it gives octets, a deadline and for each transaction an outcome, in their order; content it only says
 * when to send. Used by one thread.
 *
 *     GREETING ─ 2yz → EHLO ─ 2yz → STARTTLS ─ 220 → TURNING
 *                       │ 5yz        │ not offered, refused, under TLS already
 *                       ↓            ↓
 *                     HELO ─ 2yz →  AUTH (→ 334 → SASL) ─ 2yz → TRANSACTION ─ all done, the last → QUIT ─ any → OVER
 *                                                                ↑  │  └─ all done ─→ IDLE ─ too long ↗
 *                                                                │  └ another behind  │
 *                                                                └─── another ────────┘
 *
 * {@link Opening} knows the way to the first transaction, {@link Flight} those under way. From any state: 421, a reply
 * out of turn, the deadline or a lost connection → OVER, with the outcomes made out then. TURNING ends this session: what
 * follows under TLS is another, which begins at EHLO and knows nothing of this one. RFC 5321 §3.1, §3.2, §4.1.4,
 * RFC 3207 §4.2, RFC 4954 §4, RFC 2920 §3.1.
 */
final class ClientSession {
    private final Opening opening;
    private final Dialogue dialogue;
    private final ReplyParser parser = new ReplyParser();
    private final ReplyView view = new ReplyView();
    private final Flight flight;
    private final long opened;

    private SessionPlan plan;
    private ClientState state;
    /** Whether the command of the state has yet to be put. */
    private boolean due;
    /** Whether octets have come that make no whole reply yet. */
    private boolean partial;

    private long deadline;
    private long lastReply;
    /** Whether QUIT follows when all have been answered. */
    private boolean leaving;

    /**
     * A session at its beginning.
     *
     * @param remote the server, as outcomes tell it
     * @param secured NONE: in clear, the server greets; IMPLICIT: under TLS, the server greets; STARTTLS: under TLS
     *     since that command, and EHLO is due
     * @param binding what may bind a login to the connection
     */
    ClientSession(
            SessionPlan plan,
            RemoteHost remote,
            TlsMode secured,
            Supplier<Optional<ChannelBinding>> binding,
            ContentBlocks blocks,
            long now) {
        this.plan = plan;
        this.opening = new Opening(plan, remote, secured != TlsMode.NONE, binding);
        this.dialogue = new Dialogue(plan.dialogue());
        this.flight = new Flight(dialogue, blocks);
        this.opened = now;
        this.state = secured == TlsMode.STARTTLS ? ClientState.EHLO : ClientState.GREETING;
        this.due = state == ClientState.EHLO;
        extend(now);
    }

    /**
     * Whether another transaction can begin: the session is idle, or the one before is out as a whole and the server
     * takes one behind the other.
     */
    boolean takesAnother(long now) {
        return state == ClientState.IDLE
                || state == ClientState.TRANSACTION
                        && opening.offer().pipelining()
                        && flight.takesAnother()
                        && servesAnother(now);
    }

    /** Whether no other transaction will begin. */
    boolean isLast(long now) {
        return state == ClientState.TRANSACTION
                ? !servesAnother(now)
                : state == ClientState.QUIT || state == ClientState.OVER;
    }

    /** Begins another transaction, with a plan that differs from the last in message alone. */
    void begin(SessionPlan next, long now) {
        if (!takesAnother(now)) {
            throw new IllegalStateException(state.name());
        }
        plan = next;
        beginTransaction(now);
        extend(now);
    }

    /** Ends the session in order, as soon as what is under way has been answered. */
    void quit(long now) {
        if (state == ClientState.IDLE) {
            enter(ClientState.QUIT);
            extend(now);
        } else {
            leaving = true;
        }
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
            lastReply = now;
            reply(in.hasRemaining(), now);
        }
        partial = in.hasRemaining();
        if (partial && state == ClientState.IDLE) {
            violation("octets after the reply to end of data");
        }
    }

    private void reply(boolean moreBehind, long now) {
        if (view.code() == 421) {
            // Allowed at any time, and the last that is said. RFC 5321 §3.8.
            lastWords(view.toReply());
        } else if (!isExpectingReply()) {
            unexpected();
        } else if (state == ClientState.TRANSACTION) {
            if (flight.first().receive(view)) {
                settle(now);
            } else {
                violation(view.code() + " out of turn");
            }
        } else if (state == ClientState.QUIT) {
            enter(ClientState.OVER);
        } else {
            goOn(opening.take(state, view.toReply(), moreBehind), now);
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
        } else if (next instanceof Opening.Next.Violation violation) {
            violation(violation.what());
        } else {
            flight.unserved(opening.outcome(next, state));
            enter(ClientState.QUIT);
        }
    }

    private void beginTransaction(long now) {
        flight.begin(plan, opening, now - lastReply);
        enter(ClientState.TRANSACTION);
        settle(now);
    }

    private void settle(long now) {
        if (!flight.settle()) {
            violation("BDAT is offered, and not known");
        } else if (flight.isEmpty()) {
            enter(servesAnother(now) ? ClientState.IDLE : ClientState.QUIT);
        }
    }

    /** Whether the session may serve another one. RFC 9422 §4. */
    private boolean servesAnother(long now) {
        ConnectionReuse reuse = plan.reuse();
        return !leaving
                && flight.messages() < reuse.messages()
                && flight.messages() < opening.offer().maxTransactions()
                && now - opened < reuse.age().toNanos();
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

    private void unexpected() {
        if (state == ClientState.TRANSACTION && flight.first().isInContent() && view.code() >= 400) {
            Reply reply = view.toReply();
            flight.first().decide(reply);
            lose(reply, true);
        } else {
            violation(view.code() + " before it was due");
        }
    }

    private boolean isExpectingReply() {
        return state == ClientState.TRANSACTION ? flight.first().isExpectingReply() : state != ClientState.IDLE && !due;
    }

    /** Octets of room that {@link #send} needs; 0 if no command is to be sent for now. */
    int room() {
        if (isHearing()) {
            return 0;
        }
        if (state == ClientState.TRANSACTION) {
            return flight.last().room();
        }
        return !due ? 0 : isAuth() ? opening.authentication().room() : Authentication.MAX_COMMAND_LINE;
    }

    /** Who speaks out of turn is heard out first, so that it does not pass for the reply to what is sent next. */
    private boolean isHearing() {
        return partial && !isExpectingReply();
    }

    /** Puts the next command; to be called while {@link #room()} is not 0. */
    void send(ByteBuffer out, long now) {
        if (state == ClientState.TRANSACTION) {
            flight.last().send(out);
            settle(now);
        } else {
            opening.put(state, out, dialogue);
            due = false;
        }
        extend(now);
    }

    /** Whether the content of the last plan is to be sent, and {@link #contentSent} or {@link #contentFailed} said then. */
    boolean isContentDue() {
        return state == ClientState.TRANSACTION && flight.last().isContentDue() && !isHearing();
    }

    /** Whether that content goes in a chunk, as it is. */
    boolean isContentChunk() {
        return flight.last().isChunk();
    }

    /** Some of the content is out, and there was room for more. */
    void contentProgressed(long now) {
        extend(now);
    }

    /** The whole content was put, with what ends it: from here on the server may have it. */
    void contentSent(long now) {
        flight.last().contentSent();
        extend(now);
    }

    /** The chunk is on its way to its end, and nobody may hear of it when it is there: the server may have it. */
    void contentMayBeWhole() {
        flight.last().contentMayBeWhole();
    }

    /** The content can't be read, and was not ended: once the others have been answered, the session is over. */
    void contentFailed(IOException cause, long now) {
        flight.failed(cause);
        settle(now);
    }

    /** Whether the last transaction is not out as a whole, so that it can be withdrawn. */
    boolean isSending() {
        return state == ClientState.TRANSACTION && !flight.last().isAllPut();
    }

    /**
     * Nobody waits any more for the transaction in that place, counted from the first of those without an outcome. One
     * that is not out as a whole goes no further, and once those before it have been answered the session is over; what
     * is said to one that is out changes nothing.
     *
     * @return what it came to
     */
    SessionOutcome giveUp(int place, long now) {
        SessionOutcome outcome = flight.giveUp(
                place, Reply.quoting(451, "4.4.2", "given up while others were served by " + plan.host()));
        settle(now);
        return outcome;
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
            String from = isAsking() ? " at " : " from ";
            Reply reply = Reply.quoting(451, "4.4.2", "time is up for " + waitingFor() + from + plan.host());
            if (state == ClientState.TRANSACTION) {
                flight.late(reply);
            }
            lose(reply, true);
        }
    }

    /** The connection is gone. */
    void connectionLost() {
        lost("connection with " + plan.host() + " lost while waiting for " + waitingFor(), true);
    }

    /** This side gives up. */
    void givenUp() {
        lost("given up while waiting for " + waitingFor() + " from " + plan.host(), false);
    }

    private void lost(String what, boolean mayLapse) {
        lose(Reply.quoting(451, "4.4.2", what), mayLapse);
    }

    private void violation(String what) {
        lose(Reply.quoting(451, "4.5.0", "protocol error by " + plan.host() + ": " + what), true);
    }

    /** The server says that it says no more. */
    private void lastWords(Reply reply) {
        if (state == ClientState.TRANSACTION) {
            flight.lastWords(reply);
        } else {
            flight.unserved(
                    new SessionOutcome.NotServed(DeliveryStatus.DEFERRED, reply, opening.remote(), state.phase));
        }
        lose(reply, true);
    }

    /** Ends the session at once; what has no outcome yet gets one by this. */
    private void lose(Reply reply, boolean mayLapse) {
        flight.unserved(new SessionOutcome.NotServed(DeliveryStatus.NOT_SENT, reply, opening.remote(), state.phase));
        flight.lose(reply, mayLapse);
        enter(ClientState.OVER);
    }

    /** Takes the outcome of the next transaction, once it is known; null if it is not yet. */
    @Nullable
    SessionOutcome pollOutcome() {
        return flight.pollOutcome();
    }

    /** Takes the reason why content could not be read, if that is what an outcome came by. */
    @Nullable
    IOException pollContentFailure() {
        return flight.pollContentFailure();
    }

    /** Whether it waits for another transaction. */
    boolean isIdle() {
        return state == ClientState.IDLE;
    }

    /** Whether the server is ready for TLS, and this session has ended with that. */
    boolean isTurning() {
        return state == ClientState.TURNING;
    }

    /** Whether TLS was wanted, and the server has none for us. */
    boolean isWithoutTls() {
        return opening.isWithoutTls();
    }

    /** Whether there is nothing more to send or to receive. */
    boolean isOver() {
        return state == ClientState.OVER;
    }

    /** Whether it is this side that has to come by something. */
    private boolean isAsking() {
        return isAuth() && opening.authentication().isAsking();
    }

    private String waitingFor() {
        if (isAsking()) {
            return "a token or proof to log in with";
        }
        return state == ClientState.TRANSACTION ? flight.first().waitingFor() : state.waitingFor;
    }

    private void enter(ClientState next) {
        state = next;
        due = next.isCommand;
    }

    private void extend(long now) {
        Duration time = state == ClientState.TRANSACTION ? flight.first().timeout() : state.timeout(plan);
        deadline = now + time.toNanos();
    }
}
