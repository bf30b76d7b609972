package dev.ehlo.smtp.tls.reactor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The octets of one connection that the socket has not taken yet, in pooled buffers; none is held when there are none.
 * Only the last buffer is put into, and it goes on to be filled while octets before it wait, so that small writes to a
 * slow reader share a buffer. Used on the loop's thread only.
 */
final class OutputQueue {
    /** Buffers given to one gathering write; the system takes no more than that many of this size at once anyway. */
    private static final int BUFFERS_PER_WRITE = 16;

    private final BufferPool pool;
    /** Filled buffers, each from its first unsent octet (position) to its end (limit). */
    private final ArrayDeque<ByteBuffer> filled = new ArrayDeque<>(2);

    private long filledOctets;
    /** Unsent from {@link #tailSent} to its position; room from there to its limit. */
    private @Nullable ByteBuffer tail;

    private int tailSent;

    OutputQueue(BufferPool pool) {
        this.pool = pool;
    }

    /** A buffer to put the next octets into, with room for that many; it stays the queue's. */
    ByteBuffer room(int atLeast) {
        ByteBuffer last = tail;
        if (last != null && last.remaining() >= atLeast) {
            return last;
        }
        if (last != null) {
            last.limit(last.position()).position(tailSent);
            filledOctets += last.remaining();
            filled.addLast(last);
        }
        last = pool.take();
        tail = last;
        tailSent = 0;
        return last;
    }

    /** Octets that wait. */
    long octets() {
        ByteBuffer last = tail;
        return last == null ? filledOctets : filledOctets + last.position() - tailSent;
    }

    /** Writes until all is out or the channel takes no more; true if all is out. */
    boolean writeTo(GatheringByteChannel channel) throws IOException {
        while (octets() > 0) {
            if (writeOnce(channel) == 0) {
                return false;
            }
        }
        ByteBuffer last = tail;
        if (last != null) {
            pool.give(last);
            tail = null;
        }
        return true;
    }

    /** Gives all buffers back, with what is in them. */
    void discard() {
        filled.forEach(pool::give);
        filled.clear();
        filledOctets = 0;
        ByteBuffer last = tail;
        if (last != null) {
            pool.give(last);
            tail = null;
        }
    }

    private long writeOnce(GatheringByteChannel channel) throws IOException {
        ByteBuffer last = tail;
        int end = last == null ? 0 : last.position();
        if (last != null) {
            last.limit(end).position(tailSent);
        }
        long written;
        try {
            written = filled.isEmpty() && last != null ? channel.write(last) : channel.write(first(last));
        } finally {
            if (last != null) {
                filledOctets += last.position() - tailSent;
                tailSent = last.position();
                last.limit(last.capacity()).position(end);
            }
        }
        filledOctets -= written;
        while (!filled.isEmpty() && !filled.element().hasRemaining()) {
            pool.give(filled.remove());
        }
        return written;
    }

    private ByteBuffer[] first(@Nullable ByteBuffer last) {
        ByteBuffer[] first = new ByteBuffer[Math.min(filled.size() + (last == null ? 0 : 1), BUFFERS_PER_WRITE)];
        int count = 0;
        for (ByteBuffer buffer : filled) {
            if (count == first.length) {
                return first;
            }
            first[count++] = buffer;
        }
        if (last != null && count < first.length) {
            first[count] = last;
        }
        return first;
    }
}
