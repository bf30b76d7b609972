package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of a mail transaction.
 *
 * @param session the session as it was then
 * @param message its number among those of the session that content was asked for, from 1, as it stands behind the id in
 *     the Received field; 0 if it did not come to content
 * @param sender its reverse-path
 * @param recipients those that were taken
 * @param refusedRecipients those that were not
 * @param octets of content that have come, without framing and without what was added
 * @param nanos from MAIL to the last reply
 * @param outcome what became of it
 * @param reply the one to the content, or to what ended the transaction; the first of several (LMTP); null if there was
 *     none
 */
public record TransactionSummary(
        SessionInfo session,
        int message,
        ReversePath sender,
        int recipients,
        int refusedRecipients,
        long octets,
        long nanos,
        Outcome outcome,
        @Nullable Reply reply) {

    /** What a transaction comes to. */
    public enum Outcome {
        /** The message was taken, for one recipient at least: it is this side's responsibility. */
        ACCEPTED,
        /** The content, or each recipient, was refused. */
        REFUSED,
        /** The client gave it up, or the connection was lost. */
        ABORTED
    }

    /** From MAIL to the last reply. */
    public Duration duration() {
        return Duration.ofNanos(nanos);
    }

    /** The id that the message has from now on, if it was accepted and the reply names one in a known form. */
    public Optional<String> queueId() {
        return reply == null || outcome != Outcome.ACCEPTED ? Optional.empty() : reply.queueId();
    }
}
