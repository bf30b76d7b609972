package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Envelope;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks a message up where the index belongs, on the commit thread, and reads it on another. Writes nothing. */
final class LoadCommit implements Commit {
    private static final Logger LOG = LoggerFactory.getLogger(LoadCommit.class);

    final CompletableFuture<SpooledMessage> future = new CompletableFuture<>();
    private final QueueId id;
    private final Executor readers;
    private final Consumer<Commit> committer;
    private @Nullable Entry entry;
    private List<PendingRecipient> pending = List.of();
    private @Nullable JournalSource content;

    LoadCommit(QueueId id, Executor readers, Consumer<Commit> committer) {
        this.id = id;
        this.readers = readers;
        this.committer = committer;
    }

    /** What others in the batch find no room for is nothing to it. */
    @Override
    public boolean waitsForRoom() {
        return true;
    }

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
            try {
                readers.execute(() -> read(found, source));
            } catch (RejectedExecutionException e) {
                future.completeExceptionally(new IOException("spool is closed", e));
            } catch (OutOfMemoryError e) {
                future.completeExceptionally(new IOException("no thread to read message " + id, e));
            }
        }
    }

    private void read(Entry found, JournalSource source) {
        try {
            Envelope envelope = source.head().envelope();
            future.complete(new SpooledMessage(id, found.arrival(), envelope, pending, source));
        } catch (JournalSource.DamagedException e) {
            forget(found, source, e);
        } catch (Throwable e) {
            future.completeExceptionally(e);
        }
    }

    /** Only once what is left of it is safe. */
    private void forget(Entry found, JournalSource source, IOException damage) {
        try {
            LOG.error("{} and is lost; kept in {}", damage.getMessage(), source.setAside());
        } catch (IOException e) {
            future.completeExceptionally(e);
            return;
        }
        List<Integer> all = IntStream.range(0, found.recipients).boxed().toList();
        ProgressCommit forgotten = new ProgressCommit(
                id, MessageRecord.SETTLED, MessageRecord.settled(id, all, MessageRecord.SETTLED_LOST));
        CompletionStage<Void> end = forgotten.future;
        end.whenComplete((done, failure) ->
                future.completeExceptionally(failure == null ? new MessageLostException(id) : failure));
        committer.accept(forgotten);
    }

    @Override
    public void failed(IOException cause) {
        future.completeExceptionally(cause);
    }
}
