package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.journal.SegmentName;
import dev.ehlo.smtp.queue.journal.Storage;
import dev.ehlo.smtp.queue.journal.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One file of the journal. Its sizes belong to the commit thread; it is read by any thread.
 *
 * <p>Reading has a file handle of its own, shared by all readers and opened by the first: an interrupt closes the
 * handle of the thread it meets, and must not close the one that is written.
 */
final class Segment {
    final SegmentName name;
    private final Storage storage;
    /** Octets that are durable. */
    long octets;
    /** Octets of records of messages that have recipients to settle. */
    long alive;

    /** Whether an index may be written, and was not yet asked for. */
    boolean indexable = true;

    private @Nullable StorageFile reading;
    private int readers;
    private boolean dropped;
    private boolean indexed;

    Segment(SegmentName name, Storage storage, long octets) {
        this.name = name;
        this.storage = storage;
        this.octets = octets;
    }

    /** Counts a reader in, with a handle that stays; false if the segment is no more, and what one seeks has moved. */
    synchronized boolean acquire() throws IOException {
        if (!dropped) {
            file();
            readers++;
        }
        return !dropped;
    }

    /** Counts a reader out. */
    synchronized void release() throws IOException {
        readers--;
        closeUnused();
    }

    int read(ByteBuffer into, long position) throws IOException {
        return file().read(into, position);
    }

    /** It was found with its index. */
    synchronized void hasIndex() {
        indexable = false;
        indexed = true;
    }

    /** Gives a file that is whole and durable the name of the index; deletes it if the segment is no more. */
    synchronized void takeIndex(String temporary) throws IOException {
        if (dropped) {
            storage.delete(temporary);
        } else {
            storage.move(temporary, name.index());
            indexed = true;
        }
    }

    /** Deletes the file; those who read it now go on. */
    synchronized void drop() throws IOException {
        dropped = true;
        closeUnused();
        storage.delete(name.toString());
        if (indexed) {
            storage.delete(name.index());
        }
    }

    /** Gives up the file handle when nobody reads; the segment stays. */
    synchronized void close() throws IOException {
        dropped = true;
        closeUnused();
    }

    /** The handle to read with. */
    synchronized StorageFile file() throws IOException {
        StorageFile file = reading;
        if (file == null || !file.isOpen()) {
            file = storage.open(name.toString());
            reading = file;
        }
        return file;
    }

    private void closeUnused() throws IOException {
        StorageFile file = reading;
        if (dropped && readers == 0 && file != null) {
            reading = null;
            file.close();
        }
    }

    @Override
    public String toString() {
        return name.toString();
    }
}
