package dev.ehlo.smtp.tls.reactor;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Lends buffers of one size, so that any of them can be input, output or a side of TLS. Belongs to one loop and is used
 * on its thread only. A buffer has one borrower, who gives it back once.
 */
final class BufferPool {
    /** The longest record that the JDK's engine makes or takes: header, initial vector, content, padding and MAC. */
    private static final int RECORD_OCTETS = 16_709;

    /** Takes one whole TLS record more when not quite {@link Connection#BUFFER_OCTETS} are left unconsumed in it. */
    static final int SEGMENT_OCTETS = Connection.BUFFER_OCTETS + 18 * 1024;

    /** What a loop keeps at hand when nobody needs it: the rest is left to the collector. */
    private static final int KEPT_BUFFERS = 256;

    static {
        assert SEGMENT_OCTETS >= Connection.BUFFER_OCTETS + RECORD_OCTETS;
    }

    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();
    private int lent;

    /** An empty buffer of {@link #SEGMENT_OCTETS}. */
    ByteBuffer take() {
        lent++;
        ByteBuffer buffer = free.pollLast();
        return buffer == null ? ByteBuffer.allocateDirect(SEGMENT_OCTETS) : buffer;
    }

    /** Takes a buffer back, whatever is in it. */
    void give(ByteBuffer buffer) {
        lent--;
        if (free.size() < KEPT_BUFFERS) {
            free.addLast(buffer.clear());
        }
    }

    /** Buffers taken and not given back. */
    int lent() {
        return lent;
    }
}
