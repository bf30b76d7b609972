package dev.ehlo.smtp.queue.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads a segment from its first octet to its last. Used by one thread.
 *
 * <p>Where no sound record stands, it looks for the next one, so that damage costs what is damaged and no more. Octets
 * at the end which are the beginning of a record, or nothing but zeros, are what a crash leaves of a write.
 */
public final class SegmentScan implements Records {
    private static final int WINDOW = 1 << 20;

    private final StorageFile file;
    private final long mark;
    private final long end;
    private ByteBuffer window = ByteBuffer.allocate(WINDOW).limit(0);
    private long windowStart;
    private long offset;
    private long next;
    private byte type;
    private ByteBuffer payload = ByteBuffer.allocate(0);

    /** What stands at {@link SegmentScan#offset()}. */
    public enum Found {
        /** A sound record. */
        RECORD,
        /** Octets that are no record, with more behind them or with the look of a whole record. */
        DAMAGED,
        /** The beginning of a record that was never written to its end, or that has a damaged length. */
        TORN,
        /** Nothing: the segment ends here. */
        END
    }

    /**
     * A scan of the octets that the file has now.
     *
     * @param from an offset at which a record begins
     */
    public SegmentScan(StorageFile file, long mark, long from) throws IOException {
        this.file = file;
        this.mark = mark;
        this.end = file.size();
        this.next = from;
    }

    /** Goes on to what comes next. */
    public Found next() throws IOException {
        offset = next;
        if (offset >= end) {
            return Found.END;
        }
        if (isRecord(offset)) {
            next = offset + Frame.HEAD + payload.remaining() + Frame.TAIL;
            return Found.RECORD;
        }
        boolean torn = isTorn(offset);
        next = nextRecord(offset + 1);
        return torn && next == end ? Found.TORN : Found.DAMAGED;
    }

    /** Where what was found begins. */
    @Override
    public long offset() {
        return offset;
    }

    /** Where what was found ends. */
    @Override
    public long end() {
        return next;
    }

    @Override
    public byte type() {
        return type;
    }

    @Override
    public ByteBuffer payload() {
        return payload;
    }

    private boolean isRecord(long at) throws IOException {
        if (end - at < Frame.HEAD + Frame.TAIL) {
            return false;
        }
        int head = load(at, Frame.HEAD);
        int length = window.getInt(head + 9);
        if (window.getLong(head) != mark || length < 0 || length > end - at - Frame.HEAD - Frame.TAIL) {
            return false;
        }
        int octets = Frame.HEAD + length + Frame.TAIL;
        int start = load(at, octets);
        if (!Frame.isSound(window.slice(start, octets), mark)) {
            return false;
        }
        type = window.get(start + 8);
        payload = window.slice(start + Frame.HEAD, length);
        return true;
    }

    /** Whether a record begins here and runs past the end, or there are but zeros: a file grown and not yet written. */
    private boolean isTorn(long at) throws IOException {
        if (end - at >= Frame.HEAD) {
            int head = load(at, Frame.HEAD);
            if (window.getLong(head) == mark) {
                int length = window.getInt(head + 9);
                return length > end - at - Frame.HEAD - Frame.TAIL;
            }
        } else if (isBeginningOfMark(at)) {
            return true;
        }
        for (long i = at; i < end; i++) {
            if (window.get(load(i, 1)) != 0) {
                return false;
            }
        }
        return true;
    }

    private boolean isBeginningOfMark(long at) throws IOException {
        ByteBuffer expected = ByteBuffer.allocate(Long.BYTES).putLong(0, mark);
        int count = (int) Math.min(Long.BYTES, end - at);
        int start = load(at, count);
        return window.slice(start, count).equals(expected.limit(count));
    }

    /** Where the next sound record begins at or after {@code from}, or the end. */
    private long nextRecord(long from) throws IOException {
        for (long at = from; at <= end - Frame.HEAD - Frame.TAIL; at++) {
            if (window.getLong(load(at, Long.BYTES)) == mark && isRecord(at)) {
                return at;
            }
        }
        return end;
    }

    /** Brings octets into the window; answers with their index there. The file must have them. */
    private int load(long at, int count) throws IOException {
        if (at < windowStart || at + count > windowStart + window.limit()) {
            if (window.capacity() < count) {
                window = ByteBuffer.allocate(count);
            }
            window.clear().limit((int) Math.min(window.capacity(), end - at));
            windowStart = at;
            while (window.hasRemaining()) {
                if (file.read(window, at + window.position()) < 0) {
                    throw new IOException("segment became shorter while it was read");
                }
            }
            window.position(0);
        }
        return (int) (at - windowStart);
    }
}
