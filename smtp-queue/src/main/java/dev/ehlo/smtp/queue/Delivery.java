package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Recipient;
import java.time.Instant;
import java.util.List;

/**
 * The recipients of one message that go one way together, attempt after attempt. Belongs to the scheduler thread.
 *
 * <pre>
 *   READY (in its lane) ─ slot free → IN FLIGHT ─ all settled → gone
 *     ↑                                   │ some deferred
 *     └───────── due ──── DEFERRED (timer) ┘
 * </pre>
 */
final class Delivery {
    final Tracked tracked;
    final String lane;
    /** Indexes in the message's envelope. */
    List<Integer> recipients;

    int attempts;
    Instant due;

    /** A message in the queue, and how many deliveries of it there are. */
    static final class Tracked {
        final SpooledMessage message;
        int deliveries;

        Tracked(SpooledMessage message) {
            this.message = message;
        }
    }

    Delivery(Tracked tracked, String lane, List<Integer> recipients, int attempts, Instant due) {
        this.tracked = tracked;
        this.lane = lane;
        this.recipients = recipients;
        this.attempts = attempts;
        this.due = due;
    }

    SpooledMessage message() {
        return tracked.message;
    }

    Recipient recipient(int index) {
        return message().envelope().recipients().get(index);
    }

    /** The message's envelope with the recipients of this delivery alone. */
    Envelope envelope() {
        return message()
                .envelope()
                .only(recipients.stream().map(this::recipient).toList());
    }
}
