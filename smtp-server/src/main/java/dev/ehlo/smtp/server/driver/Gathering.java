package dev.ehlo.smtp.server.driver;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers slices into blocks by copy, for content that goes on to another thread: a block is handed over at less cost
 * than each slice. Used by one thread; a block belongs to whoever took it.
 */
public final class Gathering {
    /** Octets of a block. */
    public static final int BLOCK = 16 * 1024;

    private @Nullable ByteBuffer block;

    /** Consumes of the slice what the block has room for; whether the block is full, and so to be taken. */
    public boolean fillFrom(ByteBuffer slice) {
        ByteBuffer into = block;
        if (into == null) {
            into = ByteBuffer.allocate(BLOCK);
            block = into;
        }
        int octets = Math.min(into.remaining(), slice.remaining());
        into.put(into.position(), slice, slice.position(), octets);
        into.position(into.position() + octets);
        slice.position(slice.position() + octets);
        return !into.hasRemaining();
    }

    /** What was gathered, to be read; null if that is nothing. The next slice begins another block. */
    public @Nullable ByteBuffer take() {
        ByteBuffer taken = block;
        block = null;
        return taken == null ? null : taken.flip();
    }

    /** Forgets what was gathered. */
    public void clear() {
        block = null;
    }
}
