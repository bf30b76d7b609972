package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.server.SmtpHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** DATA, from the command over the content to the reply to end of data. RFC 5321 §4.1.1.4. */
final class DataCommand {
    /** Octets that count as progress. */
    private static final int BLOCK = 4096;

    private final Conversation conversation;
    private int messages;

    DataCommand(Conversation conversation) {
        this.conversation = conversation;
    }

    /** @param early whether octets stand behind the command */
    void begin(boolean early) {
        // Content before 354 is the beginning of smuggling; DATA comes last in a flight. RFC 2920 §3.1.
        if (early && !conversation.role.isSubmission()) {
            conversation.end(Replies.OUT_OF_STEP);
            return;
        }
        Envelope envelope = conversation.transaction().toEnvelope();
        conversation.ask(() -> target(envelope), this::answered, () -> conversation.send(Replies.LOCAL_ERROR));
    }

    /** A sink that takes content, or the reason why there is none. */
    private record Target(@Nullable MessageSink sink, Reply refusal) {}

    private Target target(Envelope envelope) throws IOException {
        SmtpHandler handler = conversation.role.server().handler();
        MessageSink sink = conversation.driver.carry(handler.data(conversation.info, envelope));
        Optional<Reply> refusal;
        try {
            refusal = sink.refusal().map(Conversation::checked);
        } catch (RuntimeException | Error e) {
            sink.abort();
            throw e;
        }
        if (refusal.isPresent()) {
            sink.abort();
            return new Target(null, refusal.get());
        }
        return new Target(sink, SmtpHandler.YES);
    }

    private void answered(Target target) {
        MessageSink sink = target.sink();
        if (sink == null) {
            conversation.send(target.refusal());
        } else if (conversation.isClosed()) {
            sink.abort();
        } else {
            messages++;
            conversation.content = new ContentReceiver(
                    conversation.role,
                    conversation.info,
                    conversation.info.id() + '.' + messages,
                    sink,
                    conversation.driver::failed);
            conversation.state = State.CONTENT;
            conversation.send(Replies.START_CONTENT);
        }
    }

    /** Takes content; whether there may be more to do with what has come. */
    boolean take(ByteBuffer in) {
        ContentReceiver receiver = conversation.content;
        if (receiver == null) {
            throw new IllegalStateException("no content in " + conversation.state);
        }
        long before = receiver.octets() / BLOCK;
        boolean whole = receiver.receive(in);
        conversation.progress += receiver.octets() / BLOCK - before;
        if (whole) {
            end(receiver, in.hasRemaining());
        } else if (receiver.isEndless()) {
            conversation.end(Replies.TOO_LARGE);
        }
        return whole || conversation.isClosed();
    }

    private void end(ContentReceiver receiver, boolean pipelined) {
        conversation.progress++;
        conversation.content = null;
        conversation.transaction = null;
        conversation.state = State.READY;
        Role role = conversation.role;
        boolean mayPipeline = role.isSubmission()
                || conversation.info.esmtp() && role.profile().offers("PIPELINING");
        EncodedReply refusal = receiver.refusal();
        if (pipelined && !mayPipeline) {
            receiver.abort();
            conversation.end(Replies.OUT_OF_STEP);
        } else if (refusal != null) {
            conversation.refuse(refusal);
        } else {
            conversation.question =
                    Question.ofSink(receiver::complete, this::completed, () -> conversation.send(Replies.LOCAL_ERROR));
        }
    }

    private void completed(Reply reply) {
        if (reply.isIntermediate()) {
            conversation.driver.failed(new IllegalStateException("the sink answered end of data with " + reply));
            conversation.send(Replies.LOCAL_ERROR);
        } else {
            conversation.messageAnswered(reply);
        }
    }
}
