package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Envelope;
import java.time.Instant;
import java.util.List;

/**
 * A message in the queue, as it stood when it was looked at.
 *
 * @param id its name
 * @param arrival when it was opened
 * @param envelope as it was given, with recipients that are settled
 * @param octets of its content
 * @param recipients those not settled that were asked for; unmodifiable
 */
public record QueuedMessage(
        QueueId id, Instant arrival, Envelope envelope, long octets, List<QueuedRecipient> recipients) {
    /** Copies the list. */
    public QueuedMessage {
        recipients = List.copyOf(recipients);
    }
}
