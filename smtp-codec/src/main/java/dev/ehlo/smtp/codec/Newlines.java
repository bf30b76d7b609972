package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.grammar.Words;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Finds the octets at which the framings have to look twice, eight octets at a time. Whatever the buffer is, heap or
 * direct, and whatever its byte order: a word is read with the first octet lowest, so that the first octet found is the
 * lowest one marked.
 *
 * <p>{@code word - 0x0e…} borrows into the top bit of each octet below 0x0e, and, through the borrow, of some above the
 * first such one; the first one marked is exact, and no other is used.
 */
final class Newlines {

    private static final VarHandle HALF = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int CRLF = '\r' | '\n' << 8;

    private static final long ABOVE_CR = 0x0e * Words.ONES;
    private static final long LFS = '\n' * Words.ONES;

    private Newlines() {}

    /**
     * Where the first CR or LF of {@code from} to {@code to} is at which the framing of content has to look twice;
     * {@code to} if there is none. Passed over is CRLF before anything but a dot or NUL; near {@code to}, where what
     * follows may be cut off, it is not.
     *
     * <p>Two words are looked at together, for any octet below 0x0e: that is three operations a word, and one branch
     * for sixteen octets. What they find is nearly always CRLF, so that the exact test is spent on one place only. Ends
     * of lines are passed over within the same loop, since a line is too short for a loop of its own to get going.
     */
    static int next(ByteBuffer in, int from, int to) {
        int at = from;
        while (at <= to - 16) {
            long first = upToCr(Words.whole(in, at));
            long second = upToCr(Words.whole(in, at + 8));
            if ((first | second) == 0) {
                at += 16;
                continue;
            }
            at += first != 0 ? Words.first(first) : 8 + Words.first(second);
            if (at > to - 4) {
                break;
            }
            int found = (int) HALF.get(in, at);
            if ((found & 0xffff) == CRLF) {
                int behind = found & 0xff0000;
                if (behind == '.' << 16 || behind == 0) {
                    return at;
                }
                at += 2;
            } else if (isNewline((byte) found)) {
                return at;
            } else {
                at++;
            }
        }
        while (at < to && !isNewline(in.get(at))) {
            at++;
        }
        return at;
    }

    /**
     * Whether CRLF and a dot stand at {@code at}, with an octet behind them that makes it no end of data: what a
     * stuffed line has on the wire. One load tells it.
     */
    static boolean isStuffedLine(ByteBuffer in, int at, int to) {
        if (at > to - 4) {
            return false;
        }
        int found = (int) HALF.get(in, at);
        return (found & 0xffffff) == (CRLF | '.' << 16) && found >>> 24 != '\r';
    }

    /** Whether CRLF and a dot stand at {@code at}. */
    static boolean isDotLine(ByteBuffer in, int at, int to) {
        return at <= to - 4 && ((int) HALF.get(in, at) & 0xffffff) == (CRLF | '.' << 16);
    }

    /** Where the first LF of {@code from} to {@code to} is; {@code to} if there is none. */
    static int nextLf(ByteBuffer in, int from, int to) {
        int at = from;
        for (; at <= to - 8; at += 8) {
            long word = Words.whole(in, at) ^ LFS;
            long found = word - Words.ONES & ~word & Words.TOPS;
            if (found != 0) {
                return at + Words.first(found);
            }
        }
        while (at < to && in.get(at) != '\n') {
            at++;
        }
        return at;
    }

    /**
     * Where the first octet up to CR is, one that may be out of place in the text of a reply; {@code to} if there is
     * none. Octets above 127 do not stop it.
     */
    static int nextOdd(ByteBuffer in, int from, int to) {
        int at = from;
        for (; at <= to - 8; at += 8) {
            long found = upToCr(Words.whole(in, at));
            if (found != 0) {
                return at + Words.first(found);
            }
        }
        // Behind the end there are zeros, of which the first is found.
        return at + Words.first(upToCr(Words.load(in, at, to)));
    }

    /** The top bit of the first octet up to CR, and of some octets above it; of none where all are above CR. */
    private static long upToCr(long word) {
        return word - ABOVE_CR & ~word & Words.TOPS;
    }

    private static boolean isNewline(byte octet) {
        return octet == '\r' || octet == '\n';
    }
}
