package dev.ehlo.smtp;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

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

    /**
     * The same for whoever may wait: blocks until the report is there. To interrupt the thread is to give up the
     * attempt, of which nobody then tells how far it was.
     *
     * @throws InterruptedException if the thread is interrupted before the report is there
     * @throws CompletionException by a defect
     */
    default DeliveryReport deliverAndWait(Envelope envelope, MessageSource content) throws InterruptedException {
        CompletableFuture<DeliveryReport> report = deliver(envelope, content);
        try {
            return report.get();
        } catch (InterruptedException e) {
            report.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        }
    }
}
