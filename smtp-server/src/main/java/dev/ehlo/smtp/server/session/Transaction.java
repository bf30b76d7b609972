package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.ReversePath;
import java.util.ArrayList;
import java.util.List;

/** The envelope of a transaction as it grows. RFC 5321 §3.3. */
final class Transaction {
    private final ReversePath reversePath;
    private final EsmtpParameters parameters;
    private final List<Recipient> recipients = new ArrayList<>(2);
    private boolean recipientRefused;

    Transaction(ReversePath reversePath, EsmtpParameters parameters) {
        this.reversePath = reversePath;
        this.parameters = parameters;
    }

    void add(Recipient recipient) {
        recipients.add(recipient);
    }

    ReversePath reversePath() {
        return reversePath;
    }

    /** Whether MAIL said SMTPUTF8. RFC 6531 §3.4. */
    boolean isUtf8() {
        return parameters.has(EsmtpKeyword.SMTPUTF8);
    }

    /** Whether the content is kept octet for octet, and comes by BDAT alone. RFC 3030 §3. */
    boolean isBinary() {
        return parameters.isBinary();
    }

    int recipientCount() {
        return recipients.size();
    }

    /** A client that pipelines sends DATA before it knows of it. RFC 2920 §3.1. */
    void noteRefusedRecipient() {
        recipientRefused = true;
    }

    boolean hasRefusedRecipient() {
        return recipientRefused;
    }

    Envelope toEnvelope() {
        return new Envelope(reversePath, parameters, recipients);
    }
}
