package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Final delivery into the Maildirs of local users, with the one Return-Path that belongs to it. RFC 5321 §4.4. */
final class LocalDelivery implements DeliveryAgent {
    private static final Logger LOG = LoggerFactory.getLogger(LocalDelivery.class);
    private static final Reply DELIVERED = Reply.of(250, "2.0.0", "Delivered");
    private static final Reply NOT_WRITTEN = Reply.of(451, "4.3.0", "The mailbox cannot be written");

    private final Users users;
    private final Path mail;
    private final String host;
    private final Clock clock;
    private final Executor workers;

    /** @param workers where files are written; may be as slow as the disk */
    LocalDelivery(Users users, Path mail, String host, Clock clock, Executor workers) {
        this.users = users;
        this.mail = mail;
        this.host = host;
        this.clock = clock;
        this.workers = workers;
    }

    @Override
    public CompletableFuture<DeliveryReport> deliver(Envelope envelope, MessageSource content) {
        return CompletableFuture.supplyAsync(
                () -> DeliveryReport.forEach(envelope, recipient -> deliver(envelope, recipient, content)), workers);
    }

    private RecipientOutcome deliver(Envelope envelope, Recipient recipient, MessageSource content) {
        Reply reply = attempt(envelope, recipient, content);
        return reply.isPositive()
                ? new RecipientOutcome(recipient, DeliveryStatus.DELIVERED, reply, null)
                : RecipientOutcome.replied(recipient, reply, null);
    }

    private Reply attempt(Envelope envelope, Recipient recipient, MessageSource content) {
        try {
            Optional<String> user = users.mailboxOf(recipient.mailbox().localPart());
            if (user.isEmpty()) {
                return Users.NO_SUCH_USER;
            }
            String header = "Return-Path: <" + envelope.reversePath() + ">\r\nDelivered-To: " + recipient + "\r\n";
            new Maildir(mail.resolve(user.get()), host, clock).deliver(header, WithoutReturnPath.of(content));
            return DELIVERED;
        } catch (IOException e) {
            LOG.error("mail for {} cannot be written: {}", recipient, DataDirectory.reason(e));
            return NOT_WRITTEN;
        }
    }
}
