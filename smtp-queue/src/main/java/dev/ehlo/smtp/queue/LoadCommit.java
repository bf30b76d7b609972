package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Envelope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Looks a message up where the index belongs, on the commit thread, and reads it on another. Writes nothing. */
final class LoadCommit implements Commit {
    final CompletableFuture<SpooledMessage> future = new CompletableFuture<>();
    private final QueueId id;
    private final Executor readers;
    private @Nullable Entry entry;
    private List<PendingRecipient> pending = List.of();
    private @Nullable JournalSource content;

    LoadCommit(QueueId id, Executor readers) {
        this.id = id;
        this.readers = readers;
    }

    /** What others in the batch find no room for is nothing to it. */
    @Override
    public boolean waitsForRoom() {
        return true;
    }

    @Override
    public void write(Journal journal, List<ByteBuffer> out) {}

    @Override
    public void apply(Journal journal, Segment segment, long offset, int octets) {
        entry = journal.find(id.value());
        if (entry != null) {
            pending = entry.pending();
            content = new JournalSource(entry, journal.storage);
        }
    }

    @Override
    public void done() {
        Entry found = entry;
        JournalSource source = content;
        if (found == null || source == null) {
            future.completeExceptionally(new IOException("message " + id + " is not in the spool"));
        } else {
            readers.execute(() -> read(found, source));
        }
    }

    private void read(Entry found, JournalSource source) {
        try {
            Envelope envelope = source.head().envelope();
            future.complete(new SpooledMessage(id, found.arrival, envelope, pending, source));
        } catch (IOException | RuntimeException e) {
            future.completeExceptionally(e);
        }
    }

    @Override
    public void failed(IOException cause) {
        future.completeExceptionally(cause);
    }
}
