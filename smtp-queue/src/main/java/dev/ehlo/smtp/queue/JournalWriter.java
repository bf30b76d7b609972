package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.queue.journal.Chunks;
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
    /** Slices of large content below this gather until there are enough of them. */
    private static final int SMALL_SLICE = Chunks.OCTETS / 2;

    private static final int GATHERED = 4 * Chunks.OCTETS;

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
    private boolean stuffing = true;
    /** Octets on their way to the file since it was last looked whether there is room. */
    private long unlooked;
    /** Octets in chunks, and nowhere else. */
    private long gathered;
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
        askForRoom(gathered + slice.remaining());
        if (file == null && octets + slice.remaining() > spool.limits.inline()) {
            file = spill();
        }
        while (file == null && slice.hasRemaining()) {
            ByteBuffer chunk = chunkWithRoom();
            if (chunk == null) {
                file = spill();
            } else {
                gather(slice, chunk);
            }
        }
        StorageFile spilling = file;
        if (spilling != null && slice.hasRemaining()) {
            writeTo(spilling, slice);
        }
    }

    private void gather(ByteBuffer slice, ByteBuffer chunk) {
        ByteBuffer part = slice.slice(slice.position(), Math.min(slice.remaining(), chunk.remaining()));
        int count = part.remaining();
        if (file == null) {
            sum.update(part.duplicate());
        }
        chunk.put(part);
        slice.position(slice.position() + count);
        octets += count;
        gathered += count;
    }

    /** A call of the system for each small slice would cost more than to copy it. */
    private void writeTo(StorageFile spilling, ByteBuffer slice) throws IOException {
        if (slice.remaining() < SMALL_SLICE && gathered + slice.remaining() <= GATHERED) {
            ByteBuffer chunk = chunkWithRoom();
            while (chunk != null && slice.hasRemaining()) {
                gather(slice, chunk);
                chunk = slice.hasRemaining() ? chunkWithRoom() : null;
            }
        }
        if (slice.hasRemaining()) {
            octets += slice.remaining();
            appendChunks(spilling, slice);
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

    /** Writes what is gathered, and the slice behind it. */
    private void appendChunks(StorageFile spilling, @Nullable ByteBuffer slice) throws IOException {
        List<ByteBuffer> content = new ArrayList<>(chunks.size() + 1);
        chunks.forEach(chunk -> content.add(chunk.duplicate().flip()));
        long count = gathered;
        if (slice != null) {
            content.add(slice);
            count += slice.remaining();
        }
        if (count > 0) {
            // Its room is set aside, but others may write to the disk; to ask costs as much as to write a little.
            unlooked += count;
            if (unlooked > spool.limits.inline()) {
                room.checkReserve(count);
                unlooked = 0;
            }
            spilling.append(content);
            giveBack(count);
        }
        gathered = 0;
        releaseChunks();
    }

    private void giveBack(long count) {
        promised -= count;
        room.giveBack(count);
    }

    @Override
    public void needsNoStuffing() {
        stuffing = false;
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
            return future;
        }
        try {
            appendChunks(spilled, null);
        } catch (IOException e) {
            failed(new Journal.NotWrittenException(e));
            return future;
        }
        spool.syncThenSubmit(spilled, this);
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
    public void write(Journal journal, RecordOutput out) throws IOException {
        byte type = MessageRecord.message(file != null, stuffing);
        if (file != null) {
            byte[] size = new Packer().int64(octets).octets();
            CRC32C headAndSize = new CRC32C();
            headAndSize.update(head);
            headAndSize.update(size);
            out.head(journal.mark(), type, head.length + size.length, headAndSize);
            out.put(head);
            out.put(size);
        } else {
            out.head(journal.mark(), type, head.length + (int) octets, sum);
            out.put(head);
            for (ByteBuffer chunk : chunks) {
                out.put(chunk.duplicate().flip());
            }
        }
        out.tail();
    }

    @Override
    public void apply(Journal journal, Segment segment, long offset, int length) {
        Entry entry = new Entry(
                id.value(), arrival.toEpochMilli(), envelope.recipients().size(), file != null, stuffing, octets);
        journal.place(entry, new Entry.Place(segment, offset, length, head.length));
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
        StorageFile spilling = spool.createContent(id);
        file = spilling;
        appendChunks(spilling, null);
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
