package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.codec.ContentConsumer;
import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.server.SessionInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Brings the content of one message after the other, as its framing gives it out, into its sink, with the trace fields
 * before it. Once it is clear that the message will be refused the sink is aborted, and the rest falls by the wayside. Why
 * it is refused depends on the content alone, and not on how it was cut.
 */
final class ContentReceiver implements ContentConsumer {
    /** Content consumed beyond the size limit, for the sake of a reply, before the connection is closed. */
    private static final long MAX_EXCESS = 1 << 20;

    private final HeaderDuties duties;
    private final TraceFields trace;
    private final HeaderWatcher watcher;
    private final long maxOctets;
    private final SessionDriver driver;
    private MessageSink sink;
    private ReversePath reversePath = ReversePath.NULL;
    private long octets;
    private boolean needsNoStuffing;
    private @Nullable EncodedReply refusal;
    private @Nullable Authors authors;

    ContentReceiver(Role role, MessageSink sink, SessionDriver driver) {
        this.duties = HeaderDuties.of(role.profile());
        this.trace = new TraceFields(role);
        this.watcher = new HeaderWatcher(
                duties, role.limits(), (from, date, id) -> trace.missing(reversePath, from, date, id), sink);
        this.maxOctets = role.limits().maxMessageOctets();
        this.driver = driver;
        this.sink = sink;
    }

    /** Begins with a message, of that number in the session. */
    void begin(SessionInfo session, int message, Transaction transaction, MessageSink into) {
        sink = into;
        reversePath = transaction.reversePath();
        octets = 0;
        needsNoStuffing = false;
        refusal = null;
        authors = null;
        watcher.reset(into, transaction.isBinary());
        try {
            into.write(trace.front(session, message, reversePath, transaction.isUtf8()));
        } catch (IOException | RuntimeException e) {
            fail(e);
        }
    }

    /** The content is whole. */
    void finish() {
        if (refusal != null) {
            return;
        }
        try {
            watcher.finish();
        } catch (IOException | RuntimeException e) {
            fail(e);
            return;
        }
        if (watcher.hasBareNewline()) {
            refuse(Replies.BARE_NEWLINE);
        } else if (duties.keepsAuthors()) {
            authors = Authors.of(watcher, reversePath);
            if (authors == null) {
                refuse(Replies.BAD_AUTHORS);
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

    /** In whose name it is, once the content is whole; null where that is nobody's business. */
    @Nullable
    Authors authors() {
        return authors;
    }

    /** The content has come so that it can go after DATA as it is; so have the fields that are added. */
    void needsNoStuffing() {
        needsNoStuffing = true;
    }

    CompletionStage<Reply> complete() {
        endSink();
        return sink.complete();
    }

    /** RFC 2033 §4.2. */
    CompletionStage<List<Reply>> completeForEach(int recipients) {
        endSink();
        return sink.completeForEach(recipients);
    }

    private void endSink() {
        driver.sinkEnded();
        if (needsNoStuffing) {
            sink.needsNoStuffing();
        }
    }

    void abort() {
        refuse(Replies.LOCAL_ERROR);
    }

    @Override
    public void accept(ByteBuffer slice) {
        long room = maxOctets - octets;
        octets += slice.remaining();
        if (refusal != null) {
            return;
        }
        int limit = slice.limit();
        if (slice.remaining() > room) {
            slice.limit(slice.position() + (int) room);
        }
        try {
            EncodedReply refused = watcher.write(slice);
            if (refused != null) {
                refuse(refused);
            }
        } catch (IOException | RuntimeException e) {
            fail(e);
        }
        slice.limit(limit);
        if (octets > maxOctets) {
            refuse(Replies.TOO_LARGE);
        }
    }

    /** The message is to be refused so, unless it is for another reason already. */
    void refuse(EncodedReply reply) {
        if (refusal == null) {
            refusal = reply;
            driver.sinkEnded();
            try {
                sink.abort();
            } catch (RuntimeException e) {
                driver.failed(e);
            }
        }
    }

    private void fail(Exception e) {
        driver.failed(e);
        refuse(Replies.LOCAL_ERROR);
    }
}
