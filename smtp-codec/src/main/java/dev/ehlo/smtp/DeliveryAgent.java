package dev.ehlo.smtp;

import java.util.concurrent.CompletableFuture;

/**
 * One attempt to hand a message on: to a smarthost, to the hosts of a domain, into mailboxes. Called from any thread,
 * and does not block it.
 */
@FunctionalInterface
public interface DeliveryAgent {
    /**
     * Attempts the delivery once. The future completes with an outcome for each recipient of the envelope; it fails
     * only by a defect, never by what a server said or a network did. To cancel it is to give up the attempt.
     */
    CompletableFuture<DeliveryReport> deliver(Envelope envelope, MessageSource content);
}
