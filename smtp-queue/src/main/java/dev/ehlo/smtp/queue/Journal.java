package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.journal.Frame;
import dev.ehlo.smtp.queue.journal.SegmentName;
import dev.ehlo.smtp.queue.journal.Storage;
import dev.ehlo.smtp.queue.journal.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The segments, and the index of what is alive in them. Belongs to the commit thread.
 *
 * <p>Segments go away from the oldest on and in order, each deletion durable before the next: a record of what was
 * settled is always behind its message, and so can't go before it.
 */
final class Journal {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    final Storage storage;
    final JournalLimits limits;
    private final QueueIds ids;
    private final EntryTable entries = new EntryTable();
    private final ArrayDeque<Segment> segments = new ArrayDeque<>();
    private final List<QueueId> contentToDelete = new ArrayList<>();
    private final Indexer indexer;
    private final Mover mover = new Mover(this);
    private final RecordOutput out = new RecordOutput();
    private @Nullable StorageFile writing;
    private long lastSequence;
    /** Whether the last write found no room. */
    private boolean scarce;

    /** @param indexing runs what writes index files; may refuse to */
    Journal(Storage storage, JournalLimits limits, QueueIds ids, Executor indexing) {
        this.storage = storage;
        this.limits = limits;
        this.ids = ids;
        indexer = new Indexer(storage, limits, indexing);
    }

    // The index.

    boolean holds(QueueId id) {
        return entries.get(id.value()) != null;
    }

    @Nullable
    Entry find(long id) {
        return entries.get(id);
    }

    EntryTable entries() {
        return entries;
    }

    Collection<Segment> segments() {
        return segments;
    }

    Segment oldest() {
        return segments.getFirst();
    }

    Segment active() {
        return segments.getLast();
    }

    void add(Segment segment) {
        segments.addLast(segment);
    }

    /** No later segment gets this number. */
    void passed(SegmentName name) {
        lastSequence = Math.max(lastSequence, name.sequence());
    }

    /** A message has its place: a first one, or another because it was moved. */
    void place(Entry entry, Entry.Place place) {
        Entry.Place before = entry.place;
        if (before != null) {
            before.segment().alive -= before.octets();
        }
        place.segment().alive += place.octets();
        entry.place = place;
        entries.put(entry);
    }

    void remove(Entry entry) {
        entries.remove(entry.id);
        Entry.Place place = entry.place;
        if (place != null) {
            place.segment().alive -= place.octets();
        }
        if (entry.large) {
            contentToDelete.add(entry.id());
        }
    }

    /** Takes over what a record says of recipients; an unknown message is one that is settled. */
    void progress(byte type, ByteBuffer payload) {
        Entry entry = find(payload.getLong());
        if (entry == null) {
            return;
        }
        if (type == MessageRecord.SETTLED) {
            payload.get();
            for (int recipient : MessageRecord.recipients(payload)) {
                entry.settle(recipient);
            }
            if (entry.isSettled()) {
                remove(entry);
            }
        } else {
            int attempts = payload.getInt();
            long due = payload.getLong();
            for (int recipient : MessageRecord.recipients(payload)) {
                entry.defer(recipient, attempts, due);
            }
        }
    }

    // Writing.

    /** Nothing of what was to be written is in the journal, which is as it was before. */
    static final class NotWrittenException extends IOException {
        private static final long serialVersionUID = 1;

        NotWrittenException(IOException cause) {
            super("not written: " + cause.getMessage(), cause);
        }
    }

    void frame(byte type, byte[] payload, RecordOutput out) throws IOException {
        out.put(Frame.record(mark(), type, payload));
    }

    long mark() {
        return active().name.mark();
    }

    /** Begins a new segment, which is there after a crash before anything in it is acknowledged. */
    void roll(long mark) throws IOException {
        ByteBuffer start = Frame.record(mark, MessageRecord.START, MessageRecord.start(ids.last()));
        Segment segment = new Segment(new SegmentName(++lastSequence, mark), storage, start.remaining());
        StorageFile file = create(segment.name.toString(), start);
        StorageFile before = writing;
        writing = file;
        segments.addLast(segment);
        if (before != null) {
            before.close();
        }
        storage.syncFolder("");
        indexer.sealed(segments, segment);
    }

    private StorageFile create(String name, ByteBuffer start) throws IOException {
        StorageFile file;
        try {
            file = storage.create(name);
        } catch (IOException e) {
            throw new NotWrittenException(e);
        }
        try {
            file.append(List.of(start));
            return file;
        } catch (IOException e) {
            try (file) {
                storage.delete(name);
            } catch (IOException again) {
                e.addSuppressed(again);
                throw e;
            }
            throw new NotWrittenException(e);
        }
    }

    /**
     * Makes all of them durable with one sync, and the index agree with it.
     *
     * @throws NotWrittenException if there was no room for them
     */
    void commit(List<Commit> waiting) throws IOException {
        StorageFile file = writing;
        if (file == null) {
            throw new IOException("journal is not open");
        }
        Segment segment = active();
        // First what is moved: it tells the recipients' state of before this batch, and the batch goes on from there.
        // Where room is scarce, what can wait must not take it.
        List<Commit> batch = new ArrayList<>(scarce ? List.of() : mover.next());
        batch.addAll(waiting);
        long start = segment.octets;
        long[] ends = new long[batch.size()];
        out.to(file);
        try {
            write(batch, ends, file, start);
            if (out.octets() > 0) {
                file.force();
                scarce = false;
            }
        } catch (NotWrittenException e) {
            scarce = true;
            mover.startOver();
            throw e;
        } catch (Throwable e) {
            cutBack(file, start);
            throw e;
        }
        segment.octets = start + out.octets();
        long before = 0;
        for (int i = 0; i < ends.length; i++) {
            batch.get(i).apply(this, segment, start + before, (int) (ends[i] - before));
            before = ends[i];
        }
    }

    /** Gives back the room of what is settled. */
    void sweep() throws IOException {
        deleteSettledContent();
        while (segments.size() > 1 && oldest().alive == 0) {
            oldest().drop();
            storage.syncFolder("");
            segments.removeFirst();
        }
    }

    void deleteSettledContent() throws IOException {
        for (QueueId id : contentToDelete) {
            storage.delete(JournalSource.contentFile(id));
        }
        contentToDelete.clear();
    }

    /**
     * Goes on after a fault. What was not acknowledged is cut off, and that is durable, before anything follows it; what
     * was to be deleted is deleted before anything behind it is.
     */
    void resume(long mark) throws IOException {
        StorageFile file = writing;
        if (file == null) {
            throw new IOException("journal is not open");
        }
        file.truncate(active().octets);
        file.force();
        mover.startOver();
        roll(mark);
        sweep();
    }

    /** Writes no more indexes but the one under way. From any thread. */
    void endIndexing() {
        indexer.close();
    }

    void close() throws IOException {
        StorageFile file = writing;
        writing = null;
        if (file != null) {
            file.close();
        }
        for (Segment segment : segments) {
            segment.close();
        }
    }

    private void write(List<Commit> batch, long[] ends, StorageFile file, long octets) throws IOException {
        try {
            for (int i = 0; i < ends.length; i++) {
                batch.get(i).write(this, out);
                ends[i] = out.octets();
            }
            out.flush();
        } catch (IOException e) {
            try {
                file.truncate(octets);
                // Else a crash could bring back a record of what was refused, and whose content is deleted.
                file.force();
            } catch (IOException again) {
                e.addSuppressed(again);
                throw e;
            }
            throw new NotWrittenException(e);
        }
    }

    /** What was refused should not come back at the next start. If it can't be cut off, it may: a duplicate, no loss. */
    private static void cutBack(StorageFile file, long octets) {
        try {
            file.truncate(octets);
            file.force();
        } catch (IOException e) {
            LOG.warn("could not cut off what was not synced; some refused messages may be delivered", e);
        }
    }
}
