package dev.ehlo.smtp.queue.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Goes through what an index file says of a segment that is not written any more: its records in order, without what is
 * only needed to deliver. Used by one thread.
 *
 * <pre>
 *   version 8 · octets of the segment 8
 *   each record: type 1 · offset 8 · octets 4 · octets of the payload 4 · payload
 *   CRC32C of all before 4
 * </pre>
 *
 * <p>It is never the truth: who finds none, or one that does not fit, scans the segment.
 */
public final class SegmentIndex implements Records {
    static final long VERSION = 0x65686c6f69647832L;
    static final int HEAD = 16;
    static final int RECORD = 17;
    static final int TAIL = 4;
    private static final int WINDOW = 1 << 20;

    private final ByteBuffer octets;
    private final ByteBuffer payload;
    private final int end;
    private int at = HEAD;
    private int record;

    private SegmentIndex(ByteBuffer octets) {
        this.octets = octets;
        this.payload = octets.duplicate();
        this.end = octets.limit() - TAIL;
    }

    /** The index of a segment of that size; empty if there is none that is sound. */
    public static Optional<SegmentIndex> read(Storage storage, SegmentName name, long segmentOctets)
            throws IOException {
        long size = storage.size(name.index());
        if (size < HEAD + TAIL || size > Integer.MAX_VALUE - WINDOW) {
            return Optional.empty();
        }
        ByteBuffer octets = ByteBuffer.allocate((int) size);
        try (StorageFile file = storage.open(name.index())) {
            while (octets.hasRemaining()) {
                int count = Math.min(WINDOW, octets.remaining());
                if (file.read(octets.slice(octets.position(), count), octets.position()) != count) {
                    return Optional.empty();
                }
                octets.position(octets.position() + count);
            }
        }
        octets.flip();
        CRC32C sum = new CRC32C();
        sum.update(octets.array(), 0, octets.limit() - TAIL);
        boolean sound = (int) sum.getValue() == octets.getInt(octets.limit() - TAIL)
                && octets.getLong(0) == VERSION
                && octets.getLong(Long.BYTES) == segmentOctets;
        return sound ? Optional.of(new SegmentIndex(octets)) : Optional.empty();
    }

    /** Goes on to the next record, the first one at first; false behind the last. */
    public boolean next() {
        record = at;
        if (at >= end) {
            return false;
        }
        int length = octets.getInt(at + 13);
        payload.limit(at + RECORD + length).position(at + RECORD);
        at += RECORD + length;
        return true;
    }

    @Override
    public byte type() {
        return octets.get(record);
    }

    @Override
    public long offset() {
        return octets.getLong(record + 1);
    }

    @Override
    public long end() {
        return offset() + octets.getInt(record + 9);
    }

    @Override
    public ByteBuffer payload() {
        return payload;
    }
}
