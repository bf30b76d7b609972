package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.TransactionSummary;
import dev.ehlo.smtp.server.TransactionSummary.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The envelope of a transaction as it grows. RFC 5321 §3.3. */
final class Transaction {
    private final ReversePath reversePath;
    private final EsmtpParameters parameters;
    private final List<Recipient> recipients = new ArrayList<>(2);
    private final long began;
    private int refusedRecipients;
    private @Nullable Reply lastRefused;
    private @Nullable Reply contentRefused;
    private int message;

    /** @param began when, by {@link SessionDriver#nanoTime} */
    Transaction(ReversePath reversePath, EsmtpParameters parameters, long began) {
        this.reversePath = reversePath;
        this.parameters = parameters;
        this.began = began;
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
    void noteRefusedRecipient(Reply reply) {
        refusedRecipients++;
        lastRefused = reply;
    }

    boolean hasRefusedRecipient() {
        return refusedRecipients > 0;
    }

    /** Nothing takes its content; the client may ask again. */
    void noteRefusedContent(Reply reply) {
        contentRefused = reply;
    }

    /** Its content is of that number in the session. */
    void noteMessage(int number) {
        message = number;
    }

    /** What it came to, and why. */
    TransactionSummary ended(SessionInfo session, long octets, long now, Outcome outcome, @Nullable Reply reply) {
        return new TransactionSummary(
                session,
                message,
                reversePath,
                recipients.size(),
                refusedRecipients,
                octets,
                now - began,
                outcome,
                reply);
    }

    /** What it came to where the client has given it up, or had to: refused, if nothing else was left to do. */
    TransactionSummary abandoned(SessionInfo session, long octets, long now, @Nullable Reply reply) {
        Reply refusal = recipients.isEmpty() ? lastRefused : contentRefused;
        return refusal == null
                ? ended(session, octets, now, Outcome.ABORTED, reply)
                : ended(session, octets, now, Outcome.REFUSED, refusal);
    }

    Envelope toEnvelope() {
        return new Envelope(reversePath, parameters, recipients);
    }
}
