package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.queue.journal.Frame;
import dev.ehlo.smtp.queue.journal.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Content on its way into the journal. Belongs to who receives it until it is complete, then to the commit thread.
 *
 * <pre>
 *   GATHERING ─ too large, or no chunk free → SPILLING
 *       ├───── complete ──→ COMPLETE ←── complete, file synced ─┤
 *       └───── abort ─────→ ABORTED  ←── abort ─────────────────┘
 * </pre>
 */
final class JournalWriter implements SpoolWriter, Commit {
    private static final Logger LOG = LoggerFactory.getLogger(JournalWriter.class);

    private final JournalSpool spool;
    private final Room room;
    /** Of the spool, when this was opened. */
    final int faults;

    private final QueueId id;
    private final Instant arrival;
    private final Envelope envelope;
    private final byte[] head;
    /** Of head and, while gathering, content. */
    private final CRC32C sum = new CRC32C();

    private final List<ByteBuffer> chunks = new ArrayList<>();
    private final CompletableFuture<SpooledMessage> future = new CompletableFuture<>();
    private @Nullable StorageFile file;
    private long octets;
    /** Octets that are set aside for this message and not on the disk yet. */
    private long promised;

    private boolean ended;
    private @Nullable SpooledMessage message;

    JournalWriter(
            JournalSpool spool, Room room, long promised, int faults, QueueId id, Instant arrival, Envelope envelope) {
        this.spool = spool;
        this.room = room;
        this.faults = faults;
        this.promised = promised;
        this.id = id;
        this.arrival = arrival;
        this.envelope = envelope;
        head = MessageRecord.head(id, arrival, envelope);
        sum.update(head);
    }

    @Override
    public QueueId id() {
        return id;
    }

    @Override
    public void write(ByteBuffer slice) throws IOException {
        if (ended) {
            throw new IllegalStateException("content of " + id + " has ended");
        }
        askForRoom((file == null ? octets : 0) + slice.remaining());
        if (file == null && octets + slice.remaining() > spool.limits.inline()) {
            file = spill();
        }
        while (file == null && slice.hasRemaining()) {
            ByteBuffer chunk = chunkWithRoom();
            if (chunk == null) {
                file = spill();
            } else {
                ByteBuffer part = slice.slice(slice.position(), Math.min(slice.remaining(), chunk.remaining()));
                sum.update(part.duplicate());
                octets += part.remaining();
                slice.position(slice.position() + part.remaining());
                chunk.put(part);
            }
        }
        StorageFile spilling = file;
        if (spilling != null && slice.hasRemaining()) {
            long count = slice.remaining();
            octets += count;
            append(spilling, List.of(slice), count);
        }
    }

    /** For all that is not on the disk. */
    private void askForRoom(long needed) throws IOException {
        if (needed > promised) {
            long more = Math.max(needed - promised, spool.limits.allowance());
            room.promise(more, more);
            promised += more;
        }
    }

    private void append(StorageFile spilling, List<ByteBuffer> content, long count) throws IOException {
        room.checkReserve(count);
        spilling.append(content);
        giveBack(count);
    }

    private void giveBack(long count) {
        promised -= count;
        room.giveBack(count);
    }

    @Override
    public CompletionStage<SpooledMessage> complete() {
        if (ended) {
            throw new IllegalStateException("content of " + id + " has ended");
        }
        ended = true;
        StorageFile spilled = file;
        if (spilled == null) {
            spool.submit(this);
        } else {
            spool.syncThenSubmit(spilled, this);
        }
        return future;
    }

    @Override
    public void abort() {
        if (!ended) {
            ended = true;
            release();
            discardFile();
        }
    }

    @Override
    public long octets() {
        return file == null ? head.length + octets : head.length;
    }

    @Override
    public void write(Journal journal, List<ByteBuffer> out) {
        int first = out.size();
        int length = head.length;
        out.add(ByteBuffer.wrap(head));
        if (file != null) {
            byte[] size = new Packer().int64(octets).octets();
            CRC32C headAndSize = new CRC32C();
            headAndSize.update(head);
            headAndSize.update(size);
            out.add(ByteBuffer.wrap(size));
            length += size.length;
            out.add(first, Frame.head(journal.mark(), MessageRecord.LARGE, length, headAndSize));
        } else {
            for (ByteBuffer chunk : chunks) {
                out.add(chunk.duplicate().flip());
            }
            length += (int) octets;
            out.add(first, Frame.head(journal.mark(), MessageRecord.SMALL, length, sum));
        }
        out.add(Frame.tail());
    }

    @Override
    public void apply(Journal journal, Segment segment, long offset, int length) {
        Entry entry = new Entry(id, arrival, envelope.recipients().size(), file != null, octets);
        journal.place(entry, new Entry.Place(segment, offset, length, Frame.HEAD + head.length));
        message = new SpooledMessage(id, arrival, envelope, entry.pending(), new JournalSource(entry, journal.storage));
    }

    @Override
    public void done() {
        release();
        spool.accepted.increment();
        future.complete(message);
    }

    @Override
    public void failed(IOException cause) {
        release();
        if (cause instanceof Journal.NotWrittenException) {
            discardFile();
        }
        // Else not the file: a record that names it may be on the disk after all, and a start clears up.
        future.completeExceptionally(cause);
    }

    private @Nullable ByteBuffer chunkWithRoom() {
        if (!chunks.isEmpty() && chunks.get(chunks.size() - 1).hasRemaining()) {
            return chunks.get(chunks.size() - 1);
        }
        ByteBuffer chunk = spool.chunks.take();
        if (chunk != null) {
            chunks.add(chunk);
        }
        return chunk;
    }

    private StorageFile spill() throws IOException {
        StorageFile spilling = spool.storage().create(JournalSource.contentFile(id));
        file = spilling;
        append(spilling, chunks.stream().map(chunk -> chunk.duplicate().flip()).toList(), octets);
        releaseChunks();
        return spilling;
    }

    private void release() {
        releaseChunks();
        giveBack(promised);
    }

    private void releaseChunks() {
        chunks.forEach(spool.chunks::give);
        chunks.clear();
    }

    private void discardFile() {
        StorageFile spilled = file;
        if (spilled != null) {
            try {
                spilled.close();
                spool.storage().delete(JournalSource.contentFile(id));
            } catch (IOException e) {
                LOG.warn("could not delete content {} that was given up; the next start will", id, e);
            }
        }
    }
}
