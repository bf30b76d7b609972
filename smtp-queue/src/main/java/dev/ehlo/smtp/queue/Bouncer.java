package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.ReversePath;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;

/**
 * Decides whether a sender is told of recipients, and puts what tells it into the spool, by the same door as all mail:
 * one notification of all recipients that an attempt decided alike. Used by the scheduler thread. RFC 5321 §3.6.3, §6.1,
 * RFC 3461 §4.1, §6.
 */
final class Bouncer {
    private final Spool spool;
    private final String hostname;
    private final RandomGenerator random;

    Bouncer(Spool spool, String hostname, RandomGenerator random) {
        this.spool = spool;
        this.hostname = hostname;
        this.random = random;
    }

    /** Those of whom the sender is to hear: nobody for a null reverse-path, so that a bounce is never bounced. */
    List<RecipientOutcome> toReport(Notice notice, Delivery delivery, List<RecipientOutcome> outcomes) {
        if (delivery.message().envelope().reversePath().isNull()) {
            return List.of();
        }
        List<RecipientOutcome> reported = List.of();
        for (RecipientOutcome outcome : outcomes) {
            if (notice.isWanted(outcome, delivery.terms())) {
                reported = reported.isEmpty() ? new ArrayList<>() : reported;
                reported.add(outcome);
            }
        }
        return reported;
    }

    /** Whether the sender is to hear of a delay when it is time, and has not heard of it. */
    boolean isDelayToBeTold(Delivery delivery) {
        if (delivery.delayTold || delivery.message().envelope().reversePath().isNull()) {
            return false;
        }
        for (int index : delivery.recipients) {
            if (Notice.isDelayWanted(delivery.recipient(index), delivery.terms())) {
                return true;
            }
        }
        return false;
    }

    /**
     * Spools the notification to the message's sender, which is not null.
     *
     * @param outcomes at least one
     */
    CompletionStage<SpooledMessage> tell(
            Notice notice, Delivery delivery, List<RecipientOutcome> outcomes, long millis) {
        Instant now = Instant.ofEpochMilli(millis);
        SpooledMessage message = delivery.message();
        Mailbox sender = message.envelope().reversePath().mailbox();
        if (sender == null) {
            throw new IllegalArgumentException("a message with a null reverse-path is not answered: " + message.id());
        }
        Envelope envelope = Envelope.from(ReversePath.NULL).to(List.of(Recipient.of(sender)));
        if (sender.needsUtf8()) {
            envelope = envelope.with(EsmtpParameter.smtpUtf8());
        }
        if (message.envelope().parameters().has(EsmtpKeyword.REQUIRETLS)) {
            // It tells of the message, and is protected as the message was. RFC 8689 §5.
            envelope = envelope.with(EsmtpParameter.requireTls());
        }
        try {
            String boundary = "=_" + Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
            byte[] content = new StatusNotification(notice, hostname, boundary, now)
                    .compose(message, delivery.terms(), sender, outcomes, ReturnedContent.of(message, notice));
            SpoolWriter writer = spool.open(envelope, now);
            try {
                writer.write(ByteBuffer.wrap(content));
            } catch (Throwable e) {
                writer.abort();
                throw e;
            }
            return writer.complete();
        } catch (Throwable e) {
            // A defect too, and want of memory: who fails to tell of a delivery has to go on, or it would be made
            // again.
            return CompletableFuture.failedFuture(e);
        }
    }
}
