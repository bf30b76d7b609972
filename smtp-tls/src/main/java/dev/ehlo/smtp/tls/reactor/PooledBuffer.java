package dev.ehlo.smtp.tls.reactor;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A place for a buffer that is borrowed when there are octets for it, and given back when there are none. */
final class PooledBuffer {
    private final BufferPool pool;
    private @Nullable ByteBuffer buffer;

    PooledBuffer(BufferPool pool) {
        this.pool = pool;
    }

    /** The buffer, its octets before its position; borrowed if there was none. */
    ByteBuffer get() {
        ByteBuffer current = buffer;
        if (current == null) {
            current = pool.take();
            buffer = current;
        }
        return current;
    }

    /** Octets in it. */
    int octets() {
        ByteBuffer current = buffer;
        return current == null ? 0 : current.position();
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
