package dev.ehlo.smtp.client;

import dev.ehlo.smtp.MessageSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * The content of one delivery, and what was found out about it. Handed from thread to thread with the delivery; several
 * may find out the same.
 */
final class Content {
    private static final int BLOCK_OCTETS = 64 * 1024;
    private static final long EIGHTH_BITS = 0x8080808080808080L;

    /** Of the few threads of a client that look: its loops, and those for what blocks. */
    private static final ThreadLocal<ByteBuffer> BLOCK =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(BLOCK_OCTETS));

    private final MessageSource source;
    private volatile @Nullable Boolean eightBit;

    Content(MessageSource source) {
        this.source = source;
    }

    MessageSource source() {
        return source;
    }

    long octets() {
        return source.octets();
    }

    /** Whether any octet is beyond ASCII; reads up to that octet when it is first asked. */
    boolean hasEightBit() throws IOException {
        Boolean known = eightBit;
        if (known == null) {
            known = findEightBit();
            eightBit = known;
        }
        return known;
    }

    private boolean findEightBit() throws IOException {
        long unread = source.octets();
        ByteBuffer block = BLOCK.get();
        try (ReadableByteChannel channel = source.open()) {
            while (unread > 0) {
                block.clear().limit((int) Math.min(block.capacity(), unread));
                int octets = channel.read(block);
                if (octets <= 0) {
                    throw new IOException("content ends " + unread + " octets early");
                }
                if (hasEightBit(block.flip())) {
                    return true;
                }
                unread -= octets;
            }
            return false;
        }
    }

    /** From the first octet to the limit. */
    private static boolean hasEightBit(ByteBuffer octets) {
        long seen = 0;
        int limit = octets.limit();
        int at = 0;
        for (; at <= limit - Long.BYTES; at += Long.BYTES) {
            seen |= octets.getLong(at);
        }
        for (; at < limit; at++) {
            seen |= octets.get(at) & 0x80;
        }
        return (seen & EIGHTH_BITS) != 0;
    }
}
