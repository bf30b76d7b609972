package dev.ehlo.smtp.client;

import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.grammar.Words;
import java.io.IOException;
import java.nio.ByteBuffer;
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
        /** An octet that ends no line, nor half ends one. */
        private static final int TEXT = 0;

        /**
         * Less than these are control octets. To subtract them tells more at first, and costs less, than to ask
         * exactly.
         */
        private static final long BLANKS = ' ' * Words.ONES;

        private long seen;
        private boolean bare;
        private boolean leadingDots;
        /** CR or LF, if that is the octet before; at the beginning a line begins. */
        private int before = '\n';

        /** From the first octet to the limit. */
        void at(ByteBuffer octets) {
            int limit = octets.limit();
            for (int at = 0; at < limit; at++) {
                at = before == TEXT ? newline(octets, at, limit) : at;
                if (at < limit) {
                    take(octets.get(at));
                }
            }
        }

        /** Where the next CR or LF stands, or another octet between them; the limit if none does. */
        private int newline(ByteBuffer octets, int from, int limit) {
            long bits = 0;
            int at = from;
            for (; at <= limit - Long.BYTES; at += Long.BYTES) {
                long word = Words.whole(octets, at);
                bits |= word;
                if ((word - BLANKS & Words.TOPS) != 0) {
                    long found = Words.between(word, '\n', '\r');
                    if (found != 0) {
                        seen |= bits;
                        return at + Words.first(found);
                    }
                }
            }
            seen |= bits;
            while (at < limit && !isNewline(octets.get(at))) {
                seen |= octets.get(at) & 0x80;
                at++;
            }
            return at;
        }

        private void take(int octet) {
            bare |= before == '\r' != (octet == '\n');
            leadingDots |= before == '\n' && (octet == '.' || octet == 0);
            seen |= octet & 0x80;
            before = isNewline(octet) ? octet : TEXT;
        }

        private static boolean isNewline(int octet) {
            return octet == '\r' || octet == '\n';
        }

        ContentFacts facts() {
            return new ContentFacts((seen & Words.TOPS) != 0, !bare && before == '\n', leadingDots);
        }
    }
}
