package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The mail transactions of one session that are under way, and the outcomes of those that were, both in their order. The
 * last is being sent, or is out as a whole; those before it wait for their replies. RFC 2920 §3.1. When the session is
 * lost, what was put with its end of data is unknown; what was not has lapsed if the session has served another: nobody
 * has taken the message, and it can go again elsewhere. Used by one thread.
 */
final class Flight {
    /** Transactions under way at most: so many replies may be lost with the connection. */
    static final int MAX_TRANSACTIONS = 16;

    /** Octets of content whose fate is open, from which on no other transaction begins. */
    static final long MAX_UNDECIDED_OCTETS = 512 * 1024;

    /** How long after its last reply an idle connection is taken to stand still, without a reply to say so. */
    static final long PROVEN_NANOS = Duration.ofMillis(200).toNanos();

    private final Dialogue dialogue;
    private final ContentBlocks blocks;
    private final ArrayDeque<MailTransaction> underWay = new ArrayDeque<>();
    private final ArrayDeque<SessionOutcome> outcomes = new ArrayDeque<>();
    private long octets;
    private int begun;
    /** Of those, how many were more than rehearsals. */
    private int messages;
    /** Whether the first one has begun, or has an outcome in its place. */
    private boolean served;
    /** Whether the one that was over last may have been left open. */
    private boolean leftOpen;

    private @Nullable IOException contentFailure;

    Flight(Dialogue dialogue, ContentBlocks blocks) {
        this.dialogue = dialogue;
        this.blocks = blocks;
    }

    boolean isEmpty() {
        return underWay.isEmpty();
    }

    /** How many messages there have been, with those under way. */
    int messages() {
        return messages;
    }

    /** The one that the next reply is for. */
    MailTransaction first() {
        return underWay.getFirst();
    }

    /** The one that is sent. */
    MailTransaction last() {
        return underWay.getLast();
    }

    /** Whether another one may be sent behind those that are under way. */
    boolean takesAnother() {
        return underWay.isEmpty()
                || last().isAllPut() && underWay.size() < MAX_TRANSACTIONS && octets < MAX_UNDECIDED_OCTETS;
    }

    /**
     * Begins another one.
     *
     * @param quietNanos since the server has said anything
     */
    void begin(SessionPlan plan, Opening opening, long quietNanos) {
        boolean proven = begun == 0 || !underWay.isEmpty() || quietNanos <= PROVEN_NANOS;
        begun++;
        messages += Rehearsal.is(plan.envelope()) ? 0 : 1;
        served = true;
        octets += plan.content().octets();
        underWay.addLast(transaction(plan, opening, proven));
    }

    private MailTransaction transaction(SessionPlan plan, Opening opening, boolean proven) {
        Offer offer = opening.offer();
        boolean reset = underWay.isEmpty() ? leftOpen : last().leavesOpen();
        if (Rehearsal.is(plan.envelope())) {
            return new MailTransaction(plan, offer, reset, dialogue, Rehearsal.passed(offer.remote()));
        }
        if (OfferedParameters.requiresTls(plan.envelope())
                && !(opening.isSecured() && offer.capabilities().has(Extension.REQUIRETLS))) {
            SessionOutcome unsuited =
                    new SessionOutcome.Unsuited(OfferedParameters.NO_REQUIRETLS, offer.remote(), DeliveryPhase.EHLO);
            return new MailTransaction(plan, offer, reset, dialogue, unsuited);
        }
        try {
            return new MailTransaction(plan, offer, reset, proven, dialogue, blocks);
        } catch (IOException e) {
            contentFailure = e;
            SessionOutcome unreadable = new SessionOutcome.Decided(plan.envelope().recipients().stream()
                    .map(r -> new RecipientOutcome(
                            r, DeliveryStatus.NOT_SENT, Content.UNREADABLE, offer.remote(), DeliveryPhase.MAIL))
                    .toList());
            return new MailTransaction(plan, offer, reset, dialogue, unreadable);
        }
    }

    /**
     * Makes out what is over.
     *
     * @return false if the session has to end with that
     */
    boolean settle() {
        while (!underWay.isEmpty() && (first().isDone() || first().isStopped())) {
            MailTransaction over = takeFirst();
            outcomes.addLast(over.outcome());
            if (over.isStopped() || over.isOutOfStep()) {
                return false;
            }
        }
        return true;
    }

    private MailTransaction takeFirst() {
        MailTransaction over = underWay.removeFirst();
        octets -= over.plan().content().octets();
        leftOpen = over.leavesOpen();
        return over;
    }

    /** The content of the last one can't be read. */
    void failed(IOException cause) {
        contentFailure = cause;
        stop(Content.UNREADABLE);
    }

    /** Has the session end when the last one, which is not out as a whole, is all that is left. */
    void stop(Reply reply) {
        last().end(DeliveryStatus.NOT_SENT, reply);
        last().stop();
    }

    /**
     * Nobody waits any more for the one in that place, counted from the first: what it came to as far as anybody can
     * know. What is not out as a whole is stopped.
     */
    SessionOutcome giveUp(int place, Reply reply) {
        Iterator<MailTransaction> each = underWay.iterator();
        MailTransaction given = each.next();
        for (int i = 0; i < place; i++) {
            given = each.next();
        }
        if (given.isEndPut() || given.isAllPut()) {
            given.end(given.isEndPut() ? DeliveryStatus.UNKNOWN : DeliveryStatus.NOT_SENT, reply);
        } else {
            stop(reply);
        }
        return given.outcome();
    }

    /** The first one took too long. */
    void late(Reply reply) {
        first().end(first().isEndPut() ? DeliveryStatus.UNKNOWN : DeliveryStatus.NOT_SENT, reply);
    }

    /** The last that the server says, which the first one takes for its reply if it may. */
    void lastWords(Reply reply) {
        if (first().isAwaitingEnd() || isFirstOfAll() && !first().isEndPut()) {
            first().decide(reply);
        }
    }

    private boolean isFirstOfAll() {
        return begun == underWay.size();
    }

    /**
     * Ends all: what is out as a whole may have been taken, and of what is not the server has nothing.
     *
     * @param mayLapse whether that may go again on another connection, unless it was the first of this one
     */
    void lose(Reply reply, boolean mayLapse) {
        boolean mayBeStale = !isFirstOfAll();
        while (!underWay.isEmpty()) {
            MailTransaction each = takeFirst();
            if (!each.isDecided() && !each.isEndPut() && mayLapse && mayBeStale) {
                outcomes.addLast(new SessionOutcome.Lapsed());
            } else {
                each.end(each.isEndPut() ? DeliveryStatus.UNKNOWN : DeliveryStatus.NOT_SENT, reply);
                outcomes.addLast(each.outcome());
            }
            mayBeStale = true;
        }
    }

    /** An outcome in place of the first transaction's, unless that has begun, or has one. */
    void unserved(SessionOutcome outcome) {
        if (!served) {
            served = true;
            outcomes.addLast(outcome);
        }
    }

    /** Takes the next outcome, if it is known. */
    @Nullable
    SessionOutcome pollOutcome() {
        return outcomes.pollFirst();
    }

    @Nullable
    IOException pollContentFailure() {
        IOException failure = contentFailure;
        contentFailure = null;
        return failure;
    }
}
