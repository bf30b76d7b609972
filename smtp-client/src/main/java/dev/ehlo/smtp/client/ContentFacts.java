package dev.ehlo.smtp.client;

import dev.ehlo.smtp.MessageSource;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;

/**
 * What is found out about content by reading it once.
 *
 * @param eightBit whether any octet is beyond ASCII. RFC 6152 §3
 * @param canonical whether it consists of lines that end with CRLF, the last one too, and no CR or LF stands alone: it
 *     may go in a chunk as text. RFC 3030 §2
 * @param leadingDots whether a line begins with a dot, or with NUL, which some servers drop
 */
record ContentFacts(boolean eightBit, boolean canonical, boolean leadingDots) {
    private static final VarHandle WORD = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long ONES = 0x0101010101010101L;
    private static final long TOP_BITS = 0x8080808080808080L;

    /** Whether it can go after DATA as it is. */
    boolean isPlain() {
        return canonical && !leadingDots;
    }

    /**
     * Reads the content.
     *
     * @param block what is read into
     * @throws IOException if it can't be read, or is not as long as it is said to be
     */
    static ContentFacts of(MessageSource source, ByteBuffer block) throws IOException {
        Look look = new Look();
        long unread = source.octets();
        try (ReadableByteChannel channel = source.open()) {
            while (unread > 0) {
                block.clear().limit((int) Math.min(block.capacity(), unread));
                int octets = channel.read(block);
                if (octets <= 0) {
                    throw new IOException("content ends " + unread + " octets early");
                }
                look.at(block.flip());
                unread -= octets;
            }
        }
        return look.facts();
    }

    private static final class Look {
        private long seen;
        private boolean bare;
        private boolean leadingDots;
        /** The octet before; at the beginning a line begins. */
        private int before = '\n';

        /** From the first octet to the limit. */
        void at(ByteBuffer octets) {
            long bits = 0;
            boolean inLine = before != '\n' && before != '\r';
            int limit = octets.limit();
            int at = 0;
            for (; at <= limit - Long.BYTES; at += Long.BYTES) {
                long word = (long) WORD.get(octets, at);
                bits |= word;
                if (inLine && !holdsControl(word)) {
                    continue;
                }
                before = inLine ? 0 : before;
                lines(octets, at, at + Long.BYTES);
                inLine = before != '\n' && before != '\r';
            }
            before = inLine && at > 0 ? 0 : before;
            lines(octets, at, limit);
            for (; at < limit; at++) {
                bits |= octets.get(at) & 0x80;
            }
            seen |= bits;
        }

        /** Whether any octet is below a blank, and perhaps if one is beyond ASCII: most are neither. */
        private static boolean holdsControl(long word) {
            return (word - ' ' * ONES & TOP_BITS) != 0;
        }

        private void lines(ByteBuffer octets, int from, int to) {
            int last = before;
            for (int at = from; at < to; at++) {
                int octet = octets.get(at);
                bare |= last == '\r' != (octet == '\n');
                leadingDots |= last == '\n' && (octet == '.' || octet == 0);
                last = octet;
            }
            before = last;
        }

        ContentFacts facts() {
            return new ContentFacts((seen & TOP_BITS) != 0, !bare && before == '\n', leadingDots);
        }
    }
}
