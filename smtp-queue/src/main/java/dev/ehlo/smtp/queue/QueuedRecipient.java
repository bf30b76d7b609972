package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.Reply;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A recipient of a message in the queue, and how it stands.
 *
 * @param recipient as in the envelope
 * @param state where it is
 * @param attempts how many were made
 * @param next when it is, or was, to be attempted next
 * @param reply what it was deferred for last; null if it was not, or that is not kept: only where somebody is to be told
 *     of the delay, and not over a restart
 * @param host who said so; null if nobody did
 */
public record QueuedRecipient(
        Recipient recipient,
        State state,
        int attempts,
        Instant next,
        @Nullable Reply reply,
        @Nullable String host) {
    /** Where a recipient is. */
    public enum State {
        /** Due, and waits for its turn. */
        READY,
        /** Being attempted. */
        IN_FLIGHT,
        /** To be tried again later. */
        DEFERRED,
        /** Not to be attempted before a date that the sender has asked for (RFC 4865). */
        SCHEDULED,
        /** Not to be attempted before an operator releases it. */
        HELD,
        /** Given up; its sender is just being told. */
        ENDING;

        static State of(Delivery delivery) {
            return switch (delivery.state) {
                case ASLEEP -> delivery.held ? SCHEDULED : DEFERRED;
                case UNREAD, READY -> READY;
                case IN_FLIGHT -> IN_FLIGHT;
                case ON_HOLD -> HELD;
                case TELLING, SETTLED -> ENDING;
            };
        }
    }
}
