package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.ReversePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether a sender is told of recipients, and puts what tells it into the spool, by the same door as all mail:
 * one notification of all recipients that an attempt decided alike. Used by the scheduler thread. RFC 5321 §3.6.3, §6.1,
 * RFC 3461 §4.1, §6.
 */
final class Bouncer {
    private static final Logger LOG = LoggerFactory.getLogger(Bouncer.class);

    private static final int MEDIA = 6;

    private final Spool spool;
    private final String hostname;
    private final RandomGenerator random;
    /** Senders whose names nobody can have forged; null if the application does not tell. */
    private final @Nullable Function<Envelope, Boolean> knownSenders;

    private final Backscatter backscatter;
    private final QueueCounts counts;

    Bouncer(Spool spool, MailQueueBuilder settings, QueueCounts counts) {
        this.spool = spool;
        this.hostname = settings.hostname;
        this.random = settings.boundaries;
        Predicate<Envelope> known = settings.knownSenders;
        this.knownSenders = known == null ? null : new Asked<>("knownSenders", known::test, envelope -> false);
        this.backscatter = new Backscatter(settings.noticeLimit);
        this.counts = counts;
    }

    /**
     * Of whom a sender is to hear.
     *
     * @param counted whose share of notices it takes; null if nobody's
     */
    record Report(List<RecipientOutcome> outcomes, @Nullable Mailbox counted) {
        static final Report NONE = new Report(List.of(), null);

        boolean isEmpty() {
            return outcomes.isEmpty();
        }
    }

    /**
     * Those of whom the sender is to hear now: nobody for a null reverse-path, so that a bounce is never bounced, and
     * nobody where a sender who may be forged was told of so much lately. What is for one who is known is never left
     * out, unless it is a courtesy.
     */
    Report toReport(Notice notice, Delivery delivery, List<RecipientOutcome> outcomes, long now) {
        Envelope envelope = delivery.message().envelope();
        Mailbox sender = envelope.reversePath().mailbox();
        if (sender == null) {
            return Report.NONE;
        }
        List<RecipientOutcome> reported = List.of();
        boolean known = notice == Notice.DELAY && isKnown(envelope);
        boolean owed = false;
        for (RecipientOutcome outcome : outcomes) {
            if (notice.isWanted(outcome, delivery.terms(), known)) {
                reported = reported.isEmpty() ? new ArrayList<>() : reported;
                reported.add(outcome);
                owed |= notice.isOwed(outcome, delivery.terms());
            }
        }
        if (reported.isEmpty()) {
            return Report.NONE;
        } else if (owed && (known || isKnown(envelope))) {
            return new Report(reported, null);
        } else if (backscatter.takes(sender, now)) {
            return new Report(reported, sender);
        }
        counts.notificationsLeftOut.increment();
        LOG.info(
                "{}: notice of {} to <{}> left out, as that sender or its domain was sent too many lately",
                delivery.queueId(),
                notice,
                QuotedText.ascii(sender.toString()));
        return Report.NONE;
    }

    /** It could not be told: nobody was sent anything. */
    void giveBack(Report report) {
        if (report.counted != null) {
            backscatter.giveBack(report.counted);
        }
    }

    private boolean isKnown(Envelope envelope) {
        return knownSenders != null && knownSenders.apply(envelope);
    }

    /** Whether the sender is to hear of a delay when it is time, and has not heard of it. */
    boolean isDelayToBeTold(Delivery delivery) {
        Envelope envelope = delivery.message().envelope();
        if (delivery.delayTold || envelope.reversePath().isNull()) {
            return false;
        }
        return isDelayWanted(delivery, false) || isDelayWanted(delivery, true) && isKnown(envelope);
    }

    private static boolean isDelayWanted(Delivery delivery, boolean known) {
        for (int index : delivery.recipients) {
            if (Notice.isDelayWanted(delivery.recipient(index), delivery.terms(), known)) {
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
            byte[] content = new StatusNotification(notice, hostname, boundary, now, sender.needsUtf8())
                    .compose(
                            message,
                            delivery.terms(),
                            sender,
                            outcomes,
                            ReturnedContent.of(message, notice, sender.needsUtf8()));
            return write(envelope, content, now);
        } catch (Throwable e) {
            // A defect too, and want of memory: who fails to tell of a delivery has to go on, or it would be made
            // again.
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletionStage<SpooledMessage> write(Envelope envelope, byte[] content, Instant now) throws IOException {
        SpoolWriter writer = spool.open(envelope, now);
        try {
            writer.write(ByteBuffer.wrap(content));
        } catch (Throwable e) {
            writer.abort();
            throw e;
        }
        return writer.complete();
    }

    /**
     * Spools a notice of ours anew, with less in it, where a host did not take it for what it is made of.
     *
     * @return null if it is no such notice, and so nobody is to be told
     */
    @Nullable
    CompletionStage<SpooledMessage> tellLess(Delivery delivery, List<RecipientOutcome> failures, long millis) {
        SpooledMessage message = delivery.message();
        Envelope envelope = message.envelope();
        if (!envelope.reversePath().isNull()
                || message.content().octets() > AbridgedNotice.OCTETS
                || failures.stream().noneMatch(Bouncer::isOfMedia)) {
            return null;
        }
        try {
            byte[] less = AbridgedNotice.of(ReturnedContent.read(message, AbridgedNotice.OCTETS), hostname);
            return less == null ? null : write(envelope, less, Instant.ofEpochMilli(millis));
        } catch (Throwable e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** RFC 3463 §3.7: 5.6.1, media not supported; 5.6.3, a conversion that nobody makes. */
    private static boolean isOfMedia(RecipientOutcome outcome) {
        EnhancedStatusCode code = outcome.reply().enhanced();
        return outcome.status() == DeliveryStatus.FAILED && code != null && code.subject() == MEDIA;
    }
}
