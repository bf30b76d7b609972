package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import java.time.Instant;
import java.util.List;

/**
 * The recipients of one message that go one way together, attempt after attempt. Belongs to the scheduler thread.
 *
 * <pre>
 *   READY (in its lane) ─ slot free → IN FLIGHT ─ all settled → gone
 *     ↑                                   │ some deferred
 *     └───────── due ──── DEFERRED (timer) ┘ ←┐
 *                            └─ delay told ───┘
 * </pre>
 */
final class Delivery {
    private static final Reply NOT_YET = Reply.of(451, "4.4.7", "not delivered yet");
    private static final Reply TOO_LATE = Reply.of(554, "5.4.7", "not delivered within the time that was asked for");

    final Tracked tracked;
    final String lane;
    /** Indexes in the message's envelope. */
    List<Integer> recipients;
    /** Of the last attempt, in the order of the recipients; none if there was none since the start. */
    List<RecipientOutcome> outcomes = List.of();

    int attempts;
    /** The next attempt. */
    Instant next;
    /** When the timer is to go off: for the next attempt, or for something before it. */
    Instant due;

    boolean delayTold;
    /** When it came into its lane, counted in deliveries. */
    long turn;

    /** A message in the queue, and how many deliveries of it there are. */
    static final class Tracked {
        final SpooledMessage message;
        final Terms terms;
        final int priority;
        int deliveries;

        Tracked(SpooledMessage message, Terms terms) {
            this.message = message;
            this.terms = terms;
            this.priority = message.envelope().parameters().priority().orElse(0);
        }
    }

    Delivery(Tracked tracked, String lane, List<Integer> recipients, int attempts, Instant next, boolean delayTold) {
        this.tracked = tracked;
        this.lane = lane;
        this.recipients = recipients;
        this.attempts = attempts;
        this.next = next;
        this.due = next;
        this.delayTold = delayTold;
    }

    SpooledMessage message() {
        return tracked.message;
    }

    Terms terms() {
        return tracked.terms;
    }

    int priority() {
        return tracked.priority;
    }

    Recipient recipient(int index) {
        return message().envelope().recipients().get(index);
    }

    /** The message's envelope with the recipients of this delivery alone, and what is left of its time. */
    Envelope envelope(Instant now) {
        Envelope mine = message()
                .envelope()
                .only(recipients.stream().map(this::recipient).toList());
        return terms().handedOn(mine, now);
    }

    /** How it stands, in words for the sender. */
    List<RecipientOutcome> delayed() {
        return outcomes.isEmpty() ? decided(DeliveryStatus.DEFERRED, NOT_YET) : outcomes;
    }

    /** That there is no time left. */
    List<RecipientOutcome> late() {
        return decided(DeliveryStatus.FAILED, TOO_LATE);
    }

    private List<RecipientOutcome> decided(DeliveryStatus status, Reply reply) {
        return recipients.stream()
                .map(r -> new RecipientOutcome(recipient(r), status, reply, null))
                .toList();
    }
}
