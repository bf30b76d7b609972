package dev.ehlo.smtp.queue;

import org.jspecify.annotations.Nullable;

/** Deliveries of one lane, priority and sender; linked in the ring and the table of {@link Flows}, to which it belongs. */
final class Flow extends Fifo {
    /** A hash of the sender. */
    short sender;
    /** Turns to be passed over, for an attempt that was larger than others. */
    int debt;

    Flow next = this;
    Flow before = this;

    @Nullable
    Flow sameBucket;

    Flow(short sender) {
        this.sender = sender;
    }
}
