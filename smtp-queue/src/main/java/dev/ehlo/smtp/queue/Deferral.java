package dev.ehlo.smtp.queue;

import java.time.Instant;

/**
 * How it stands with a recipient who is to be tried again.
 *
 * @param attempts how many were made in all; less than 2^29
 * @param due when to try next
 * @param delayTold whether the sender was told of the delay
 * @param order what an operator has decided meanwhile
 */
public record Deferral(int attempts, Instant due, boolean delayTold, StandingOrder order) {
    /** One of which no operator has decided anything. */
    public Deferral(int attempts, Instant due, boolean delayTold) {
        this(attempts, due, delayTold, StandingOrder.NONE);
    }
}
