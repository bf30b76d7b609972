package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The recipients of one message that go one way together, attempt after attempt. Belongs to the scheduler thread once it
 * is handed over. There may be millions: what the message says is held only while it is attempted, or for as long as
 * few wait, and else read back from the spool when it is needed.
 *
 * <pre>
 *            read ┌──────────── slot given back ─────────────┐
 *   UNREAD ───────┴→ READY (in its lane) ─ slot free → IN FLIGHT ─┬─ some deferred → ASLEEP (timer)
 *     ↑ ↑  └ not yet due → ASLEEP  │                              ├─ some failed → TELLING → SETTLED
 *     │ └──── promise due ─────────┘                              └─ all taken → SETTLED
 *     └───────── due (to its lane at once, if there is nothing to read for) ── ASLEEP
 *
 *   any but the last two, once no attempt is in flight ─ operator → ON HOLD ─ operator → UNREAD or ASLEEP
 * </pre>
 */
final class Delivery {
    /** Where a delivery is, and so who refers to it beside the index. */
    enum State {
        /** With the timers, until it is due. */
        ASLEEP,
        /** On its way into a lane: its message has to be read first, or it is just being looked at. */
        UNREAD,
        READY,
        /** Holds a slot of its lane, while its message is read and attempted. */
        IN_FLIGHT,
        /** Its recipients have failed; the notification is on its way into the spool. */
        TELLING,
        /** Nobody's but the index's, until an operator releases it. */
        ON_HOLD,
        /** Nobody's: what refers to it still has only not come across it. */
        SETTLED
    }

    private static final Reply NOT_YET = Reply.of(451, "4.4.7", "not delivered yet");
    private static final Reply TOO_LATE = Reply.of(554, "5.4.7", "not delivered within the time that was asked for");
    /** Due, whatever the clock says now or later. */
    static final long NOW = 0;

    private static final int[] FIRST = {0};
    private static final List<Integer> FIRST_ALONE = List.of(0);
    private static final List<Reason> ONE_NOT_YET = List.of(new Reason(DeliveryStatus.DEFERRED, NOT_YET, null));

    /** Why a recipient was deferred, and by which host or on the way to which. */
    record Reason(
            DeliveryStatus status, Reply reply, @Nullable String host) {}

    final long id;
    /** Of its message, see {@link MessageTraits}. */
    long traits;

    State state = State.UNREAD;
    /** Indexes in the message's envelope, in its order; never changed in place. */
    int[] recipients;
    /** Why each was deferred last, or one for all of them; none where nobody is to be told. */
    List<Reason> reasons = List.of();
    /** What the message says; null where it has to be read when it is needed. */
    @Nullable
    LoadedMessage loaded;
    /** Null where it is not known, or to be found anew. */
    @Nullable
    Lane lane;
    /** The next one in the same line; in one at a time. */
    @Nullable
    Delivery behind;
    /** For the index. */
    @Nullable
    Delivery sameBucket;

    /** The next attempt, in milliseconds since 1970. */
    long next = NOW;
    /** When to look at it before its turn: at the next attempt, or for the sake of a promise. */
    long due;

    int attempts;
    /** A hash of who sent it. */
    short sender;

    byte priority;
    boolean delayTold;
    /** The next attempt is at a date, FUTURERELEASE, not after a delay. */
    boolean held;
    /** There is something to do at a time of its own, or may be: it is read when it is due, and not only at its turn. */
    boolean promised = true;
    /** It came to the front once, and was taken out for the sake of a promise, or put back as nothing may start now. */
    boolean waited;
    /** Another process has it, or nobody; what comes of what is under way is recorded. */
    boolean lost;

    /** What an operator wants of it. */
    StandingOrder order = StandingOrder.NONE;

    Delivery(long id, int[] recipients) {
        this.id = id;
        this.recipients = recipients;
    }

    static Delivery of(QueueId id, List<PendingRecipient> pending) {
        int[] recipients = new int[pending.size()];
        Arrays.setAll(recipients, i -> pending.get(i).index());
        return new Delivery(id.value(), compact(recipients));
    }

    /** Those of a message that the spool gave to us: one for all recipients that stand alike. */
    static List<Delivery> owned(QueueId id, List<PendingRecipient> pending, MessageTraits traits) {
        if (pending.size() == 1) {
            return List.of(owned(id, pending, pending.get(0).deferral(), traits));
        }
        Map<Deferral, List<PendingRecipient>> alike = new LinkedHashMap<>();
        pending.forEach(
                p -> alike.computeIfAbsent(p.deferral(), d -> new ArrayList<>()).add(p));
        return alike.entrySet().stream()
                .map(some -> owned(id, some.getValue(), some.getKey(), traits))
                .toList();
    }

    private static Delivery owned(QueueId id, List<PendingRecipient> alike, Deferral state, MessageTraits traits) {
        Delivery delivery = of(id, alike);
        delivery.traits = traits.bits();
        delivery.order = state.order();
        delivery.attempts = state.attempts();
        delivery.next = state.due().toEpochMilli();
        // Due since its arrival, whatever the clock says of that now; or held until a date.
        delivery.held = state.attempts() == 0 && delivery.next > id.millis();
        delivery.delayTold = state.delayTold();
        return delivery;
    }

    /** Most messages have one recipient, and need no array of their own. */
    static int[] compact(int[] recipients) {
        return recipients.length == 1 && recipients[0] == 0 ? FIRST : recipients;
    }

    static int[] compact(List<Integer> recipients) {
        return compact(recipients.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Another delivery, of recipients that this one is to have no longer. */
    Delivery split(int[] others) {
        Delivery part = new Delivery(id, others);
        part.traits = traits;
        part.order = order;
        part.held = held;
        part.next = next;
        part.due = due;
        part.attempts = attempts;
        part.priority = priority;
        part.sender = sender;
        part.delayTold = delayTold;
        part.promised = promised;
        part.loaded = loaded;
        return part;
    }

    /** Has only those of these recipients left; another process may have settled some before we had them from it. */
    void retain(List<PendingRecipient> pending) {
        BitSet left = new BitSet();
        pending.forEach(p -> left.set(p.index()));
        retain(left::get);
    }

    /** Has not these recipients any more. */
    void remove(int[] others) {
        BitSet gone = new BitSet();
        Arrays.stream(others).forEach(gone::set);
        retain(index -> !gone.get(index));
    }

    private void retain(IntPredicate kept) {
        int[] rest = Arrays.stream(recipients).filter(kept).toArray();
        if (rest.length < recipients.length) {
            recipients = compact(rest);
            reasons = List.of();
        }
    }

    /** When the message was opened, in milliseconds since 1970. */
    long queueMillis() {
        return id >>> QueueId.COUNTER_BITS;
    }

    QueueId queueId() {
        return new QueueId(id);
    }

    SpooledMessage message() {
        return loaded().message();
    }

    Terms terms() {
        return loaded().terms();
    }

    private LoadedMessage loaded() {
        if (loaded == null) {
            throw new IllegalStateException("not read: " + queueId());
        }
        return loaded;
    }

    static List<Integer> list(int[] recipients) {
        return recipients.length == 1 && recipients[0] == 0
                ? FIRST_ALONE
                : Arrays.stream(recipients).boxed().toList();
    }

    Recipient recipient(int index) {
        return message().envelope().recipients().get(index);
    }

    /** The message's envelope with the recipients of this delivery alone, and what is left of its time. */
    Envelope envelope(long now) {
        Envelope whole = message().envelope();
        if (recipients.length == whole.recipients().size()) {
            return terms().handedOn(whole, now);
        }
        List<Recipient> mine = new ArrayList<>(recipients.length);
        for (int index : recipients) {
            mine.add(recipient(index));
        }
        return terms().handedOn(whole.only(mine), now);
    }

    /** How it stands, in words for the sender. */
    List<RecipientOutcome> delayed() {
        Reason ofLane = lane != null && lane.isSuspended() ? lane.refusal : null;
        List<Reason> unknown = ofLane == null ? ONE_NOT_YET : List.of(ofLane);
        List<Reason> known = reasons.isEmpty() ? unknown : reasons;
        List<RecipientOutcome> outcomes = new ArrayList<>(recipients.length);
        for (int i = 0; i < recipients.length; i++) {
            Reason reason = known.get(Math.min(i, known.size() - 1));
            outcomes.add(
                    new RecipientOutcome(recipient(recipients[i]), reason.status(), reason.reply(), reason.host()));
        }
        return outcomes;
    }

    /** That there is no time left. */
    List<RecipientOutcome> late() {
        List<RecipientOutcome> outcomes = new ArrayList<>(recipients.length);
        for (int index : recipients) {
            outcomes.add(new RecipientOutcome(recipient(index), DeliveryStatus.FAILED, TOO_LATE, null));
        }
        return outcomes;
    }

    /** Why the recipient at that place of it was deferred last, as far as that is kept. */
    @Nullable
    Reason reason(int at) {
        return reasons.isEmpty() ? null : reasons.get(Math.min(at, reasons.size() - 1));
    }

    static List<Reason> reasons(List<RecipientOutcome> outcomes) {
        List<Reason> reasons = outcomes.stream()
                .map(outcome -> new Reason(
                        outcome.status(), outcome.reply(), outcome.host().orElse(null)))
                .toList();
        return reasons.stream().allMatch(reasons.get(0)::equals) ? List.of(reasons.get(0)) : reasons;
    }
}
