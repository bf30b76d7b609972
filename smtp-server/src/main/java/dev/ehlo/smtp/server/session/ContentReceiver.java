package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.ContentConsumer;
import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.codec.HeaderField;
import dev.ehlo.smtp.codec.HeaderScanner;
import dev.ehlo.smtp.server.SessionInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings the content of one message, as its framing gives it out, into its sink, with the trace field before it. Once it
 * is clear that the message will be refused the sink is aborted, and the rest falls by the wayside.
 */
final class ContentReceiver implements ContentConsumer {
    /** RFC 5321 §6.3. */
    static final int MAX_RECEIVED_FIELDS = 100;
    /**
     * Octets of a header, which no RFC limits: far beyond that of any letter to people, and little enough to be read
     * whole by whoever has to.
     */
    static final int MAX_HEADER_OCTETS = 256 * 1024;
    /** Fields of a header; RFC 5322 §3.6 allows any number of most. */
    static final int MAX_HEADER_FIELDS = 2000;
    /** Content consumed beyond the size limit, for the sake of a reply, before the connection is closed. */
    private static final long MAX_EXCESS = 1 << 20;

    private final MessageSink sink;
    private final HeaderWatcher watcher;
    private final long maxOctets;
    private final Consumer<Throwable> failures;
    private long octets;
    private @Nullable EncodedReply refusal;

    ContentReceiver(
            Role role, SessionInfo session, String id, boolean utf8, MessageSink sink, Consumer<Throwable> failures) {
        this.sink = sink;
        this.maxOctets = role.limits().maxMessageOctets();
        this.failures = failures;
        String hostname = role.server().hostname();
        Instant now = role.server().time().instant();
        boolean submission = role.isSubmission();
        this.watcher = new HeaderWatcher(
                sink,
                (date, messageId) -> !submission
                        ? ""
                        : (date ? "" : TraceFields.date(now))
                                + (messageId
                                        ? ""
                                        : TraceFields.messageId(
                                                role.server().messageIds().next())));
        String received = TraceFields.received(session, hostname, submission, id, utf8, now);
        try {
            sink.write(ByteBuffer.wrap(received.getBytes(StandardCharsets.US_ASCII)));
        } catch (IOException | RuntimeException e) {
            fail(e);
        }
    }

    /** The content is whole. */
    void finish() {
        if (refusal == null) {
            try {
                watcher.finish();
            } catch (IOException | RuntimeException e) {
                fail(e);
            }
        }
    }

    /** Octets of content so far. */
    long octets() {
        return octets;
    }

    /** Whether so much was consumed in vain that to go on serves nobody. */
    boolean isEndless() {
        return octets - maxOctets > Math.max(maxOctets, MAX_EXCESS);
    }

    /** Why the message is refused, or null; final once the content is whole. */
    @Nullable
    EncodedReply refusal() {
        return refusal;
    }

    CompletionStage<Reply> complete() {
        return sink.complete();
    }

    void abort() {
        refuse(Replies.LOCAL_ERROR);
    }

    @Override
    public void accept(ByteBuffer slice) {
        octets += slice.remaining();
        if (refusal == null && octets > maxOctets) {
            refuse(Replies.TOO_LARGE);
        }
        if (refusal != null) {
            return;
        }
        try {
            watcher.write(slice);
        } catch (IOException | RuntimeException e) {
            fail(e);
        }
        HeaderScanner header = watcher.header();
        if (header.octets() > MAX_HEADER_OCTETS || header.fields() > MAX_HEADER_FIELDS) {
            refuse(Replies.HEADER_TOO_LARGE);
        } else if (header.count(HeaderField.RECEIVED) > MAX_RECEIVED_FIELDS) {
            refuse(Replies.MAIL_LOOP);
        }
    }

    /** The message is to be refused so, unless it is for another reason already. */
    void refuse(EncodedReply reply) {
        if (refusal == null) {
            refusal = reply;
            try {
                sink.abort();
            } catch (RuntimeException e) {
                failures.accept(e);
            }
        }
    }

    private void fail(Exception e) {
        failures.accept(e);
        refuse(Replies.LOCAL_ERROR);
    }
}
