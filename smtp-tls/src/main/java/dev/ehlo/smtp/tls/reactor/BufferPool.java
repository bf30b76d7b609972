package dev.ehlo.smtp.tls.reactor;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Lends buffers of one size, so that any of them can be input, output or a side of TLS. Belongs to one loop and is used
 * on its thread only. A buffer has one borrower, who gives it back once.
 *
 * <p>Two kinds: direct ones, for what a socket or a file takes as it is, and ones on the heap, for TLS records. The JDK
 * ciphers arrays in place, but octets of direct buffers through small arrays of its own: both ways that costs half the
 * throughput again and more, against the one copy that a socket makes of an array.
 */
final class BufferPool {
    /** The longest record that the JDK's engine makes or takes: header, initial vector, content, padding and MAC. */
    static final int RECORD_OCTETS = 16_709;

    /** Takes one whole TLS record more when not quite {@link Connection#BUFFER_OCTETS} are left unconsumed in it. */
    static final int SEGMENT_OCTETS = Connection.BUFFER_OCTETS + 18 * 1024;

    /** What a loop keeps at hand of each kind when nobody needs it: the rest is left to the collector. */
    private static final int KEPT_BUFFERS = 256;

    static {
        assert SEGMENT_OCTETS >= Connection.BUFFER_OCTETS + RECORD_OCTETS;
    }

    private final ArrayDeque<ByteBuffer> direct = new ArrayDeque<>();
    private final ArrayDeque<ByteBuffer> heap = new ArrayDeque<>();
    private ByteBuffer[] gathered = new ByteBuffer[16];
    private int lent;

    /** An empty direct buffer of {@link #SEGMENT_OCTETS}. */
    ByteBuffer take() {
        lent++;
        ByteBuffer buffer = direct.pollLast();
        return buffer == null ? ByteBuffer.allocateDirect(SEGMENT_OCTETS) : buffer;
    }

    /** An empty buffer of {@link #SEGMENT_OCTETS} on the heap. */
    ByteBuffer takeHeap() {
        lent++;
        ByteBuffer buffer = heap.pollLast();
        return buffer == null ? ByteBuffer.allocate(SEGMENT_OCTETS) : buffer;
    }

    /** Takes a buffer back, whatever is in it. */
    void give(ByteBuffer buffer) {
        lent--;
        ArrayDeque<ByteBuffer> free = buffer.isDirect() ? direct : heap;
        if (free.size() < KEPT_BUFFERS) {
            free.addLast(buffer.clear());
        }
    }

    /** A place to line buffers up for one gathering write, for that long only; to be left empty. */
    ByteBuffer[] gathered(int atLeast) {
        if (gathered.length < atLeast) {
            gathered = new ByteBuffer[atLeast];
        }
        return gathered;
    }

    /** Buffers taken and not given back. */
    int lent() {
        return lent;
    }
}
