package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.journal.SegmentIndexWriter;
import dev.ehlo.smtp.queue.journal.SegmentScan;
import dev.ehlo.smtp.queue.journal.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes an index file beside each sealed segment but the last few, so that a start does not have to read them. What is
 * delivered as it comes never has so many, and never pays. Asked by the commit thread, works on others, one at a time.
 */
final class Indexer {
    private static final Logger LOG = LoggerFactory.getLogger(Indexer.class);

    private final Storage storage;
    private final JournalLimits limits;
    private final Executor executor;
    private final Queue<Segment> waiting = new ArrayDeque<>();
    private boolean working;
    private boolean closed;

    Indexer(Storage storage, JournalLimits limits, Executor executor) {
        this.storage = storage;
        this.limits = limits;
        this.executor = executor;
    }

    /** A segment was sealed. */
    void sealed(Collection<Segment> segments, Segment active) {
        int without = 0;
        for (Segment segment : segments) {
            without += segment.indexable && segment != active ? 1 : 0;
        }
        for (Segment segment : segments) {
            if (without > limits.unindexed() && segment.indexable && segment != active) {
                segment.indexable = false;
                without--;
                add(segment);
            }
        }
    }

    /** Begins with no other segment; the next start reads them. */
    synchronized void close() {
        closed = true;
        waiting.clear();
    }

    private synchronized void add(Segment segment) {
        if (closed) {
            return;
        }
        waiting.add(segment);
        if (!working) {
            try {
                working = true;
                executor.execute(this::run);
            } catch (RejectedExecutionException | OutOfMemoryError e) {
                // The spool is being closed, and the next start reads the segment; or there is no thread for now.
                working = false;
            }
        }
    }

    private synchronized @Nullable Segment next() {
        Segment next = waiting.poll();
        working = next != null;
        return next;
    }

    private void run() {
        for (Segment next = next(); next != null; next = next()) {
            try {
                if (next.acquire()) {
                    try {
                        index(next);
                    } finally {
                        next.release();
                    }
                }
            } catch (Throwable e) {
                LOG.warn("no index of segment {}, which the next start has to read", next, e);
            }
        }
    }

    private void index(Segment segment) throws IOException {
        if (storage.usableOctets() < limits.reserve() || segment.file().size() != segment.octets) {
            return;
        }
        String temporary = segment.name.temporary();
        storage.delete(temporary);
        boolean whole;
        try (SegmentIndexWriter index = new SegmentIndexWriter(storage, temporary, segment.octets)) {
            whole = write(segment, index);
        } catch (IOException | RuntimeException e) {
            storage.delete(temporary);
            throw e;
        }
        if (whole) {
            segment.takeIndex(temporary);
            storage.syncFolder("");
        } else {
            storage.delete(temporary);
        }
    }

    private static boolean write(Segment segment, SegmentIndexWriter index) throws IOException {
        SegmentScan scan = new SegmentScan(segment.file(), segment.name.mark(), 0);
        ByteBuffer outline = ByteBuffer.allocate(MessageRecord.OUTLINE);
        SegmentScan.Found found = scan.next();
        while (found == SegmentScan.Found.RECORD) {
            index.add(scan, MessageRecord.outline(scan.type(), scan.payload(), outline));
            found = scan.next();
        }
        if (found != SegmentScan.Found.END) {
            LOG.error("segment {} has become damaged at {}", segment, scan.offset());
            return false;
        }
        // What a killed process had written may be in memory only, and the index must not tell of what is lost.
        segment.file().force();
        index.complete();
        return true;
    }
}
