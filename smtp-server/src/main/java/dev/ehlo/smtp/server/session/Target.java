package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.SmtpHandler;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the content of a message goes.
 *
 * @param sink what takes it; null if nothing does
 * @param refusal why nothing does
 */
record Target(@Nullable MessageSink sink, Reply refusal) {
    /** Asks the sink whether it wants content; aborts it if not. Done where the handler is asked. */
    static Target of(@Nullable MessageSink given, Conversation conversation) {
        MessageSink sink =
                conversation.driver.carry(Objects.requireNonNull(given, "no sink"), conversation.handler.mayBlock());
        Optional<Reply> refusal;
        try {
            refusal = sink.refusal().map(Conversation::checked);
        } catch (RuntimeException | Error e) {
            conversation.driver.sinkEnded();
            sink.abort();
            throw e;
        }
        if (refusal.isPresent()) {
            conversation.driver.sinkEnded();
            sink.abort();
            return new Target(null, refusal.get());
        }
        return new Target(sink, SmtpHandler.YES);
    }
}
