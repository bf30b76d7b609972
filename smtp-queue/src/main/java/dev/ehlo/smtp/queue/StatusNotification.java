package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.OriginalRecipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.codec.MessageDate;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.grammar.Unitext;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/**
 * The content of a delivery status notification: words for a person, fields for a program, and the message in question
 * or its header section. RFC 3464 §2, RFC 6522 §3. To a sender whose address is not ASCII it goes in the international
 * forms, which SMTPUTF8 carries (RFC 6533 §4), to any other in ASCII, which every server takes.
 *
 * <p>What hosts and senders said is quoted as printable ASCII only, line by line, and the boundary can't be guessed: so
 * nobody can add a field or a part. In the international forms addresses alone stand as they are.
 */
final class StatusNotification {
    private static final String UTF8 = "utf-8";

    private final Notice notice;
    private final String hostname;
    private final String boundary;
    private final Instant now;
    private final boolean international;
    private final StringBuilder out = new StringBuilder(2048);

    StatusNotification(Notice notice, String hostname, String boundary, Instant now, boolean international) {
        this.notice = notice;
        this.hostname = QuotedText.ascii(hostname);
        this.boundary = boundary;
        this.now = now;
        this.international = international;
    }

    byte[] compose(
            SpooledMessage message,
            Terms terms,
            Mailbox sender,
            List<RecipientOutcome> outcomes,
            ReturnedContent returned) {
        header(message, sender, returned.eightBit());
        line("--" + boundary);
        explanation(message, terms, outcomes);
        line("--" + boundary);
        fields(message, terms, outcomes);
        line("--" + boundary);
        returned.fields().forEach(this::line);
        line("");
        byte[] head = out.toString().getBytes(StandardCharsets.UTF_8);
        byte[] tail = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream whole = new ByteArrayOutputStream(head.length + returned.octets().length + tail.length);
        whole.writeBytes(head);
        whole.writeBytes(returned.octets());
        whole.writeBytes(tail);
        return whole.toByteArray();
    }

    /** By which a host knows its own. */
    static String from(String hostname) {
        return "From: Mail Delivery System <MAILER-DAEMON@" + QuotedText.ascii(hostname) + ">";
    }

    private void header(SpooledMessage message, Mailbox sender, boolean eightBit) {
        line("Date: " + date(now));
        line(from(hostname));
        line("To: <" + sender + ">");
        line("Subject: " + notice.subject());
        line("Message-ID: <" + message.id() + '.' + boundary.substring(2) + '@' + hostname + ">");
        // RFC 3834 §5: keeps vacation messages and the like from answering.
        line("Auto-Submitted: auto-replied");
        line("MIME-Version: 1.0");
        // RFC 6522 §3: the type is the subtype of the second part.
        line("Content-Type: multipart/report; report-type=" + (international ? "global-" : "") + "delivery-status;");
        line(" boundary=\"" + boundary + '"');
        if (eightBit || international) {
            line("Content-Transfer-Encoding: 8bit");
        }
        line("");
    }

    private void explanation(SpooledMessage message, Terms terms, List<RecipientOutcome> outcomes) {
        partHeader("text/plain; charset=" + (international ? "utf-8" : "us-ascii"));
        line("This is the mail system at " + hostname + ".");
        line("");
        line("Your message of " + date(message.arrival()));
        switch (notice) {
            case FAILURE -> line("could not be delivered to the recipients below. It will not be tried again.");
            case DELAY -> {
                line("could not yet be delivered to the recipients below. You need not send it again:");
                line("it will be tried until " + date(Instant.ofEpochMilli(terms.expiry())) + ".");
            }
            case SUCCESS -> line("was delivered to the recipients below, or handed on to their hosts.");
        }
        for (RecipientOutcome outcome : outcomes) {
            line("");
            line("<" + address(outcome.recipient().mailbox()) + ">");
            explain(outcome);
        }
        line("");
    }

    private void explain(RecipientOutcome outcome) {
        if (outcome.status() == DeliveryStatus.DELIVERED) {
            line("    It is in the mailbox.");
            return;
        }
        if (isTimeOver(outcome)) {
            line("    It was tried for too long. The last answer was:");
        }
        if (isSaid(outcome)) {
            outcome.host().ifPresent(host -> line("    Host " + QuotedText.ascii(host) + " said:"));
        } else {
            outcome.host().ifPresent(host -> line("    On the way to host " + QuotedText.ascii(host) + ":"));
        }
        QuotedText.lines(outcome.reply()).forEach(text -> line("    " + text));
        if (outcome.status() == DeliveryStatus.UNKNOWN) {
            line("    The host did not answer the end of the message, and may have it all the same.");
        }
    }

    /** Whether it was the time that decided, not what was said. */
    private boolean isTimeOver(RecipientOutcome outcome) {
        return notice == Notice.FAILURE && outcome.status() != DeliveryStatus.FAILED;
    }

    /** Whether the reply is a host's, not our own words for what happened. */
    private static boolean isSaid(RecipientOutcome outcome) {
        return outcome.remote() != null
                && outcome.status() != DeliveryStatus.NOT_SENT
                && outcome.status() != DeliveryStatus.UNKNOWN;
    }

    private void fields(SpooledMessage message, Terms terms, List<RecipientOutcome> outcomes) {
        EsmtpParameters parameters = message.envelope().parameters();
        partHeader("message/" + (international ? "global-" : "") + "delivery-status");
        parameters.envelopeId().ifPresent(id -> line("Original-Envelope-Id: " + QuotedText.ascii(id)));
        line("Reporting-MTA: dns; " + hostname);
        line("Arrival-Date: " + date(message.arrival()));
        // RFC 2852, RFC 4865: what was asked for comes back with the report.
        if (terms.by() != null) {
            line("Deliver-By-Date: " + date(Instant.ofEpochMilli(terms.deadline())));
        }
        parameters.find(EsmtpKeyword.HOLDFOR).ifPresent(p -> line("Future-Release-Request: for;" + p.value()));
        parameters.find(EsmtpKeyword.HOLDUNTIL).ifPresent(p -> line("Future-Release-Request: until;" + p.value()));
        for (RecipientOutcome outcome : outcomes) {
            line("");
            recipientFields(outcome, terms);
        }
        line("");
    }

    private void recipientFields(RecipientOutcome outcome, Terms terms) {
        Mailbox mailbox = outcome.recipient().mailbox();
        outcome.recipient().parameters().originalRecipient().ifPresent(this::originalRecipient);
        line("Final-Recipient: " + (mailbox.needsUtf8() ? UTF8 : "rfc822") + "; " + address(mailbox));
        line("Action: " + notice.action(outcome));
        line("Status: " + status(outcome));
        outcome.host().ifPresent(host -> line("Remote-MTA: dns; " + QuotedText.ascii(host)));
        if (outcome.status() != DeliveryStatus.DELIVERED) {
            // RFC 3464 §2.3.6: of type smtp is what a host said; our own words are not.
            String type = isSaid(outcome) ? "smtp; " : "x-ehlo; ";
            line("Diagnostic-Code: " + type + String.join("\r\n ", QuotedText.lines(outcome.reply())));
        }
        if (notice == Notice.DELAY) {
            line("Will-Retry-Until: " + date(Instant.ofEpochMilli(terms.expiry())));
        } else if (outcome.remote() != null || outcome.status() != DeliveryStatus.FAILED) {
            // What was decided here may never have been attempted, and a delay is told long after.
            line("Last-Attempt-Date: " + date(now));
        }
    }

    /** Decoded, but for the type utf-8, which stays in its form. RFC 3464 §2.3.1, RFC 6533 §3. */
    private void originalRecipient(OriginalRecipient recipient) {
        String address = recipient.address();
        if (recipient.type().equals(UTF8)) {
            address = isAsItIs(address) ? Unitext.encode(address) : Unitext.encodeAscii(address);
        }
        // One that came in UTF-8 may be too long for a line in ASCII; a part of it would be another address.
        if (address.length() <= QuotedText.LINE) {
            line("Original-Recipient: " + recipient.type() + "; " + address);
        }
    }

    /** RFC 6533 §3: of type utf-8 where it is not ASCII, and then in ASCII unless the notification is international. */
    private String address(Mailbox mailbox) {
        String address = mailbox.toString();
        return !mailbox.needsUtf8() || isAsItIs(address) && address.indexOf('\\') < 0
                ? address
                : isAsItIs(address) ? Unitext.encode(address) : Unitext.encodeAscii(address);
    }

    private boolean isAsItIs(String address) {
        return international && Octets.isPrintable(address);
    }

    /**
     * What was said, if it is of the class that the notice is of; 4.4.7, delivery time expired, where it was the time
     * that decided. RFC 3463 §3.5.
     */
    private EnhancedStatusCode status(RecipientOutcome outcome) {
        if (isTimeOver(outcome)) {
            return new EnhancedStatusCode(4, 4, 7);
        }
        int status = switch (notice) {
            case FAILURE -> 5;
            case DELAY -> 4;
            case SUCCESS -> 2;
        };
        EnhancedStatusCode said = outcome.reply().enhanced();
        return said != null && said.status() == status ? said : new EnhancedStatusCode(status, 0, 0);
    }

    private void partHeader(String type) {
        line("Content-Type: " + type);
        if (international) {
            line("Content-Transfer-Encoding: 8bit");
        }
        line("");
    }

    private static String date(Instant time) {
        return MessageDate.format(time, ZoneOffset.UTC);
    }

    private void line(String text) {
        out.append(text).append("\r\n");
    }
}
