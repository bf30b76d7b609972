package dev.ehlo.smtp.queue;

import org.jspecify.annotations.Nullable;

/**
 * How a queue is, at a glance.
 *
 * @param fault why new mail is refused and deliveries pause, for an operator to read; null while all is well
 * @param held whether an operator holds deliveries; mail is accepted nevertheless
 * @param messages how many messages are in the queue
 * @param deferred how many deliveries wait for their time: recipients of a message that go one way are one
 * @param ready how many deliveries are due, and wait for their turn
 * @param attempts how many delivery attempts are in flight
 */
public record QueueHealth(@Nullable String fault, boolean held, int messages, int deferred, int ready, int attempts) {
    static final QueueHealth EMPTY = new QueueHealth(null, false, 0, 0, 0, 0);

    /** Whether mail is accepted, and delivered unless it is held. */
    public boolean isSound() {
        return fault == null;
    }

    QueueHealth at(@Nullable String otherFault) {
        return new QueueHealth(otherFault, held, messages, deferred, ready, attempts);
    }
}
