package dev.ehlo.smtp.tls.reactor;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A place for a buffer that is borrowed when there are octets for it, and given back when there are none. Octets are put
 * behind and consumed in front; what is left is moved to the front only when room is short behind it.
 *
 * <pre>
 *     | consumed | octets | room |
 *                from     position
 * </pre>
 */
final class PooledBuffer {
    private final BufferPool pool;
    private final boolean onHeap;
    private @Nullable ByteBuffer buffer;
    private int from;
    /** Where the octets end while they are shown. */
    private int end;

    PooledBuffer(BufferPool pool, boolean onHeap) {
        this.pool = pool;
        this.onHeap = onHeap;
    }

    /** The buffer, borrowed if there was none, ready to put behind its octets; with that much room if it has it at all. */
    ByteBuffer room(int atLeast) {
        ByteBuffer current = buffer;
        if (current == null) {
            current = onHeap ? pool.takeHeap() : pool.take();
            buffer = current;
            from = 0;
        } else if (from > 0 && current.remaining() < atLeast) {
            current.limit(current.position()).position(from).compact();
            from = 0;
        }
        return current;
    }

    /** Octets in it. */
    int octets() {
        ByteBuffer current = buffer;
        return current == null ? 0 : current.position() - from;
    }

    /** The octets, from position to limit; what is consumed moves the position, until {@link #shown} is called. */
    ByteBuffer show() {
        ByteBuffer current = Objects.requireNonNull(buffer);
        end = current.position();
        return current.limit(end).position(from);
    }

    /** Takes note of what was consumed. */
    void shown() {
        ByteBuffer current = Objects.requireNonNull(buffer);
        from = Math.min(current.position(), end);
        if (from == end) {
            from = 0;
            current.clear();
        } else {
            current.limit(current.capacity()).position(end);
        }
    }

    void releaseIfEmpty() {
        if (octets() == 0) {
            release();
        }
    }

    /** Gives the buffer back with what is in it. */
    void release() {
        ByteBuffer current = buffer;
        if (current != null) {
            buffer = null;
            pool.give(current);
        }
    }
}
