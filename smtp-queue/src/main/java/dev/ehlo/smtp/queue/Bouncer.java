package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DsnNotify;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.ReversePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether a sender is told of recipients that failed, and puts what tells it into the spool, by the same door as
 * all mail. Used by the scheduler thread. RFC 5321 §3.6.3, §6.1, RFC 3461 §4.1, §6.
 */
final class Bouncer {
    private static final Logger LOG = LoggerFactory.getLogger(Bouncer.class);
    /** Octets of the header section that are sent back. */
    private static final int HEADER_OCTETS = 32 << 10;

    private final Spool spool;
    private final String hostname;
    private final RandomGenerator random;

    Bouncer(Spool spool, String hostname, RandomGenerator random) {
        this.spool = spool;
        this.hostname = hostname;
        this.random = random;
    }

    /** Those of whom the sender is to hear: nobody for a null reverse-path, so that a bounce is never bounced. */
    List<RecipientOutcome> toReport(Envelope envelope, List<RecipientOutcome> failed) {
        return envelope.reversePath().isNull()
                ? List.of()
                : failed.stream()
                        .filter(outcome -> wantsFailure(outcome.recipient()))
                        .toList();
    }

    /** RFC 3461 §4.1: without NOTIFY, failures are told. */
    private static boolean wantsFailure(Recipient recipient) {
        return recipient
                .parameters()
                .notifications()
                .map(asked -> asked.contains(DsnNotify.FAILURE))
                .orElse(true);
    }

    /**
     * Spools the notification to the message's sender, which is not null.
     *
     * @param outcomes at least one
     */
    CompletionStage<SpooledMessage> bounce(SpooledMessage message, List<RecipientOutcome> outcomes, Instant now) {
        Mailbox sender = message.envelope().reversePath().mailbox();
        if (sender == null) {
            throw new IllegalArgumentException("a message with a null reverse-path is not answered: " + message.id());
        }
        Envelope envelope = Envelope.from(ReversePath.NULL).to(List.of(Recipient.of(sender)));
        if (sender.needsUtf8()) {
            envelope = envelope.with(EsmtpParameter.smtpUtf8());
        }
        String boundary = "=_" + Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
        byte[] content =
                new StatusNotification(hostname, boundary, now).compose(message, sender, outcomes, header(message));
        try {
            SpoolWriter writer = spool.open(envelope, now);
            try {
                writer.write(ByteBuffer.wrap(content));
            } catch (IOException e) {
                writer.abort();
                throw e;
            }
            return writer.complete();
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** The first octets of the content; none if they can't be read, which is no reason not to tell the sender. */
    private static byte[] header(SpooledMessage message) {
        ByteBuffer octets = ByteBuffer.allocate(
                (int) Math.min(HEADER_OCTETS, message.content().octets()));
        try (ReadableByteChannel channel = message.content().open()) {
            while (octets.hasRemaining() && channel.read(octets) >= 0) {
                // goes on until full
            }
        } catch (IOException e) {
            LOG.warn("{}: content not readable for the notification", message.id(), e);
            return new byte[0];
        }
        byte[] read = new byte[octets.position()];
        octets.flip().get(read);
        return read;
    }
}
