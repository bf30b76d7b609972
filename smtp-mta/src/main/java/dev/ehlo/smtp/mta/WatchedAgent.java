package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.mta.selftest.Watch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** In place of all delivery: tells a watch what has left the queue, and lets nothing leave the machine. */
final class WatchedAgent implements DeliveryAgent {
    private static final Reply DELIVERED = Reply.of(250, "2.0.0", "Delivered to the rehearsal");
    private static final Reply REFUSED = Reply.of(550, "5.1.1", "Refused by the rehearsal");

    private final Watch watch;
    private final String refusing;

    /** @param refusing the local part of whoever can't be delivered to */
    WatchedAgent(Watch watch, String refusing) {
        this.watch = watch;
        this.refusing = refusing;
    }

    @Override
    public CompletableFuture<DeliveryReport> deliver(Envelope envelope, MessageSource content) {
        try {
            watch.leave(new Watch.Message(
                    "",
                    envelope.reversePath().toString(),
                    envelope.recipients().stream().map(Recipient::toString).toList(),
                    read(content)));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        return CompletableFuture.completedFuture(DeliveryReport.forEach(envelope, this::outcome));
    }

    private RecipientOutcome outcome(Recipient recipient) {
        return recipient.mailbox().localPart().equals(refusing)
                ? RecipientOutcome.replied(recipient, REFUSED, null)
                : new RecipientOutcome(recipient, DeliveryStatus.DELIVERED, DELIVERED, null);
    }

    private static String read(MessageSource content) throws IOException {
        ByteBuffer octets = ByteBuffer.allocate(Math.toIntExact(content.octets()));
        try (ReadableByteChannel channel = content.open()) {
            while (octets.hasRemaining() && channel.read(octets) >= 0) {}
        }
        return StandardCharsets.ISO_8859_1.decode(octets.flip()).toString();
    }
}
