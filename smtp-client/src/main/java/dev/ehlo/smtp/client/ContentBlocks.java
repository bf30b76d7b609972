package dev.ehlo.smtp.client;

import dev.ehlo.smtp.codec.DataEncoder;
import dev.ehlo.smtp.codec.DataSlices;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/** Lends what content is read into where it has to be looked through on its way out. Used by one thread. */
final class ContentBlocks {
    /** What is read at a time at most, and so what one read may hold up the loop for. */
    static final int BLOCK_OCTETS = 64 * 1024;

    /** Slices of one gathering write: each line that begins with a dot makes one more. */
    private static final int SLICES = 64;
    /** Kept when nobody needs them; the rest is left to the collector. */
    private static final int KEPT_BLOCKS = 32;

    /** A direct buffer, slices of it, and what copies out of it. */
    record Block(ByteBuffer octets, DataSlices slices, DataEncoder encoder) {
        Block() {
            this(ByteBuffer.allocateDirect(BLOCK_OCTETS), new DataSlices(SLICES), new DataEncoder());
        }
    }

    private final ArrayDeque<Block> free = new ArrayDeque<>();

    Block take() {
        Block block = free.pollLast();
        return block == null ? new Block() : block;
    }

    /** Takes a block back of which nothing is to be written any more. */
    void give(Block block) {
        if (free.size() < KEPT_BLOCKS) {
            free.addLast(block);
        }
    }
}
