package dev.ehlo.smtp.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** Records what became of recipients of one message: settled or deferred. */
final class ProgressCommit implements Commit {
    final CompletableFuture<Void> future = new CompletableFuture<>();
    private final QueueId id;
    private final byte type;
    private final byte[] payload;

    ProgressCommit(QueueId id, byte type, byte[] payload) {
        this.id = id;
        this.type = type;
        this.payload = payload;
    }

    /** It tells of what can't be undone: a recipient who has the message would get it again. */
    @Override
    public boolean waitsForRoom() {
        return true;
    }

    @Override
    public void write(Journal journal, RecordOutput out) throws IOException {
        if (journal.holds(id)) {
            journal.frame(type, payload, out);
        }
    }

    @Override
    public void apply(Journal journal, Segment segment, long offset, int octets) {
        journal.progress(type, ByteBuffer.wrap(payload));
    }

    @Override
    public void done() {
        future.complete(null);
    }

    @Override
    public void failed(IOException cause) {
        future.completeExceptionally(cause);
    }
}
