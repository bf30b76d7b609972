package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A message on its way into the queue: safe first, then answered for and handed to the scheduler. RFC 5321 §4.2.5. */
final class QueueSink implements MessageSink {
    private static final Logger LOG = LoggerFactory.getLogger(QueueSink.class);
    private static final EnhancedStatusCode OK = new EnhancedStatusCode(2, 0, 0);
    private static final Reply NOT_KEPT = Reply.of(452, "4.3.1", "message could not be stored, try again later");

    private final SpoolWriter writer;
    private final Scheduler scheduler;
    private long completed;

    QueueSink(SpoolWriter writer, Scheduler scheduler) {
        this.writer = writer;
        this.scheduler = scheduler;
    }

    @Override
    public void write(ByteBuffer slice) throws IOException {
        writer.write(slice);
    }

    @Override
    public void needsNoStuffing() {
        writer.needsNoStuffing();
    }

    @Override
    public CompletionStage<Reply> complete() {
        completed = System.nanoTime();
        return writer.complete().handle(this::reply);
    }

    private Reply reply(@Nullable SpooledMessage message, @Nullable Throwable failure) {
        if (message == null) {
            LOG.warn("{}: refused, not safe in the spool", writer.id(), failure);
            return NOT_KEPT;
        }
        scheduler.counts().acceptToCommit.add(System.nanoTime() - completed);
        scheduler.accept(message);
        return Reply.of(250, OK, "queued as " + message.id());
    }

    @Override
    public void abort() {
        writer.abort();
    }
}
