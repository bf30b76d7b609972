package dev.ehlo.smtp.queue;

import org.jspecify.annotations.Nullable;

/**
 * How a queue is, at a glance.
 *
 * @param fault why new mail is refused and deliveries pause, for an operator to read; null while all is well
 * @param messages how many messages are in the queue
 * @param attempts how many delivery attempts are in flight
 */
public record QueueHealth(@Nullable String fault, int messages, int attempts) {
    /** Whether mail is accepted and delivered. */
    public boolean isSound() {
        return fault == null;
    }
}
