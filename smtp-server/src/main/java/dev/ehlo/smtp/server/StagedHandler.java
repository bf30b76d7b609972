package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * As {@link SmtpHandler}, for those who have to wait for others and must not block meanwhile: each answer is a stage, which
 * may complete at once or later, on any thread. Called on the event loops; while a stage is open its session waits, and
 * no thread does. A stage that fails is as a method that throws.
 *
 * <pre>{@code
 * public CompletionStage<Reply> rcpt(SessionInfo session, Recipient recipient) {
 *     return directory.find(recipient.mailbox()).thenApply(found -> found ? RECIPIENT_OK : NO_SUCH_USER);
 * }
 * }</pre>
 */
@FunctionalInterface
public interface StagedHandler {
    /** As {@link SmtpHandler#forConnection}. */
    default StagedHandler forConnection(SessionInfo session) {
        return this;
    }

    /** As {@link SmtpHandler#connected}. */
    default CompletionStage<Reply> connected(SessionInfo session) {
        return CompletableFuture.completedFuture(SmtpHandler.YES);
    }

    /** As {@link SmtpHandler#hello}. */
    default CompletionStage<Reply> hello(SessionInfo session) {
        return CompletableFuture.completedFuture(SmtpHandler.YES);
    }

    /** As {@link SmtpHandler#mail}. */
    default CompletionStage<Reply> mail(SessionInfo session, ReversePath reversePath, EsmtpParameters parameters) {
        return CompletableFuture.completedFuture(SmtpHandler.SENDER_OK);
    }

    /** As {@link SmtpHandler#rcpt}. */
    default CompletionStage<Reply> rcpt(SessionInfo session, Recipient recipient) {
        return CompletableFuture.completedFuture(SmtpHandler.RECIPIENT_OK);
    }

    /**
     * As {@link SmtpHandler#data}. The sink is written to on the event loop and must not block there; one that can fall
     * behind is a {@link PacedSink}.
     */
    CompletionStage<MessageSink> data(SessionInfo session, Envelope envelope);

    /** As {@link SmtpHandler#disconnected}; on the event loop. */
    default void disconnected(SessionInfo session) {}
}
