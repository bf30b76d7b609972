package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import java.time.Instant;
import java.util.List;

/**
 * A message that is safe in a spool and has recipients to settle.
 *
 * @param id its name
 * @param arrival when it was opened; its age for the retry schedule
 * @param envelope as it was given, with settled recipients too: a recipient is known by its index here
 * @param pending the recipients not settled, in the order of the envelope; unmodifiable
 * @param content readable until the last recipient is crossed off, by several readers at once
 */
public record SpooledMessage(
        QueueId id, Instant arrival, Envelope envelope, List<PendingRecipient> pending, MessageSource content) {
    /** Copies the list. */
    public SpooledMessage {
        pending = List.copyOf(pending);
    }

    static void checkSettles(DeliveryStatus status) {
        if (status != DeliveryStatus.RELAYED && status != DeliveryStatus.FAILED) {
            throw new IllegalArgumentException("does not settle a recipient: " + status);
        }
    }

    static void checkHasRecipients(Envelope envelope) {
        if (envelope.recipients().isEmpty()) {
            throw new IllegalArgumentException("a message without a recipient has nowhere to go");
        }
    }
}
