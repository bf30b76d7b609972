package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What happens in a queue, for an application that counts, traces or tells its users of it; see
 * {@link MailQueueBuilder#events}. Each method does nothing unless it is implemented. Called on the queue's thread, in
 * the order in which it happens, so that it must not block; what it throws is logged and otherwise ignored.
 *
 * <p>What is told may be told again after a crash: who must not count twice goes by the id. What a remote host or a
 * sender says is told as it was said, and is to be escaped where it is shown.
 */
public interface QueueEvents {
    /** A message is safe in the spool and is to be delivered; a notification of the queue's own too. */
    default void accepted(QueueId id, Envelope envelope) {}

    /**
     * A delivery attempt has ended.
     *
     * @param lane where it went: the name of the recipients' lane
     * @param attempt the number of this attempt to these recipients, from 1
     * @param took from its start to its end
     * @param outcomes one for each recipient that it was for; unmodifiable
     */
    default void attempted(QueueId id, String lane, int attempt, Duration took, List<RecipientOutcome> outcomes) {}

    /**
     * Recipients are settled, and nothing is left to do for them.
     *
     * @param recipients how many
     * @param status {@link DeliveryStatus#RELAYED}, or {@link DeliveryStatus#FAILED} also where an operator removed them
     */
    default void settled(QueueId id, int recipients, DeliveryStatus status) {}

    /**
     * Recipients are to be tried again.
     *
     * @param recipients how many
     * @param next when
     */
    default void deferred(QueueId id, int recipients, Instant next) {}

    /**
     * The sender is told of recipients.
     *
     * @param recipients of how many
     * @param notification the message that tells it, which is accepted as one of its own
     */
    default void notified(QueueId id, int recipients, QueueId notification) {}

    /**
     * No more attempts are made to a destination until then.
     *
     * @param reply what it was suspended for
     */
    default void laneSuspended(String lane, Instant until, Reply reply) {}

    /** Attempts are made to a destination again that was suspended. */
    default void laneRestarted(String lane) {}
}
