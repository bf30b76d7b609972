package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.OriginalRecipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.codec.MessageDate;
import dev.ehlo.smtp.grammar.Unitext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/**
 * The content of a delivery status notification: words for a person, fields for a program, and the header section of
 * the message in question. RFC 3464 §2, RFC 6522 §3.
 *
 * <p>What hosts and senders said is quoted as printable ASCII only, line by line, and the boundary can't be guessed: so
 * nobody can add a field or a part.
 */
final class StatusNotification {
    private final String hostname;
    private final String boundary;
    private final Instant now;
    private final StringBuilder out = new StringBuilder(2048);

    StatusNotification(String hostname, String boundary, Instant now) {
        this.hostname = QuotedText.ascii(hostname);
        this.boundary = boundary;
        this.now = now;
    }

    byte[] compose(SpooledMessage message, Mailbox sender, List<RecipientOutcome> outcomes, byte[] content) {
        header(message, sender);
        line("--" + boundary);
        explanation(message, outcomes);
        line("--" + boundary);
        fields(message, outcomes);
        line("--" + boundary);
        line("Content-Type: text/rfc822-headers; charset=us-ascii");
        line("");
        out.append(QuotedText.headerSection(content));
        line("");
        line("--" + boundary + "--");
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void header(SpooledMessage message, Mailbox sender) {
        line("Date: " + MessageDate.format(now, ZoneOffset.UTC));
        line("From: Mail Delivery System <MAILER-DAEMON@" + hostname + ">");
        line("To: <" + sender + ">");
        line("Subject: Undelivered mail returned to sender");
        line("Message-ID: <" + message.id() + '.' + boundary.substring(2) + '@' + hostname + ">");
        // RFC 3834 §5: keeps vacation messages and the like from answering.
        line("Auto-Submitted: auto-replied");
        line("MIME-Version: 1.0");
        line("Content-Type: multipart/report; report-type=delivery-status;");
        line(" boundary=\"" + boundary + '"');
        line("");
    }

    private void explanation(SpooledMessage message, List<RecipientOutcome> outcomes) {
        line("Content-Type: text/plain; charset=us-ascii");
        line("");
        line("This is the mail system at " + hostname + ".");
        line("");
        line("Your message of " + MessageDate.format(message.arrival(), ZoneOffset.UTC));
        line("could not be delivered to the recipients below. It will not be tried again.");
        for (RecipientOutcome outcome : outcomes) {
            line("");
            line("<" + address(outcome) + ">");
            if (outcome.status() != DeliveryStatus.FAILED) {
                line("    It was tried for too long. The last answer was:");
            }
            outcome.host().ifPresent(host -> line("    Host " + QuotedText.ascii(host) + " said:"));
            QuotedText.lines(outcome.reply()).forEach(text -> line("    " + text));
        }
        line("");
    }

    private void fields(SpooledMessage message, List<RecipientOutcome> outcomes) {
        line("Content-Type: message/delivery-status");
        line("");
        message.envelope()
                .parameters()
                .envelopeId()
                .ifPresent(id -> line("Original-Envelope-Id: " + QuotedText.ascii(id)));
        line("Reporting-MTA: dns; " + hostname);
        line("Arrival-Date: " + MessageDate.format(message.arrival(), ZoneOffset.UTC));
        for (RecipientOutcome outcome : outcomes) {
            line("");
            outcome.recipient().parameters().originalRecipient().ifPresent(this::originalRecipient);
            String type = outcome.recipient().mailbox().needsUtf8() ? "utf-8; " : "rfc822; ";
            line("Final-Recipient: " + type + address(outcome));
            line("Action: failed");
            line("Status: " + status(outcome));
            outcome.host().ifPresent(host -> line("Remote-MTA: dns; " + QuotedText.ascii(host)));
            line("Diagnostic-Code: smtp; " + String.join("\r\n ", QuotedText.lines(outcome.reply())));
            line("Last-Attempt-Date: " + MessageDate.format(now, ZoneOffset.UTC));
        }
        line("");
    }

    /** Decoded, but for the type utf-8, which stays in its form in ASCII. RFC 3464 §2.3.1, RFC 6533 §3. */
    private void originalRecipient(OriginalRecipient recipient) {
        String address =
                recipient.type().equals("utf-8") ? Unitext.encodeAscii(recipient.address()) : recipient.address();
        line("Original-Recipient: " + recipient.type() + "; " + QuotedText.ascii(address));
    }

    /** RFC 3463 §3.5: 4.4.7, delivery time expired, where it was the time that decided. */
    private static EnhancedStatusCode status(RecipientOutcome outcome) {
        if (outcome.status() != DeliveryStatus.FAILED) {
            return new EnhancedStatusCode(4, 4, 7);
        }
        EnhancedStatusCode said = outcome.reply().enhanced();
        return said != null && said.status() == 5 ? said : new EnhancedStatusCode(5, 0, 0);
    }

    private static String address(RecipientOutcome outcome) {
        return QuotedText.ascii(outcome.recipient().mailbox().toString());
    }

    private void line(String text) {
        out.append(text).append("\r\n");
    }
}
