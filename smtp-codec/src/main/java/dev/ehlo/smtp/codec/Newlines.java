package dev.ehlo.smtp.codec;

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
    private static final VarHandle WORD = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101010101010101L;
    private static final long TOPS = 0x8080808080808080L;
    private static final long ABOVE_CR = 0x0e0e0e0e0e0e0e0eL;
    private static final long CRS = 0x0d0d0d0d0d0d0d0dL;
    private static final long LFS = 0x0a0a0a0a0a0a0a0aL;

    private Newlines() {}

    /** Where the first CR or LF of {@code from} to {@code to} is; {@code to} if there is none. */
    static int next(ByteBuffer in, int from, int to) {
        int at = from;
        for (; at <= to - 8; at += 8) {
            long word = (long) WORD.get(in, at);
            if ((word - ABOVE_CR & ~word & TOPS) != 0) {
                long found = zeros(word ^ CRS) | zeros(word ^ LFS);
                if (found != 0) {
                    return at + (Long.numberOfTrailingZeros(found) >> 3);
                }
            }
        }
        while (at < to && in.get(at) != '\r' && in.get(at) != '\n') {
            at++;
        }
        return at;
    }

    /**
     * Where the first octet is that may be out of place in a line of a dialogue: up to CR, or above 127; {@code to} if
     * there is none.
     */
    static int nextControl(ByteBuffer in, int from, int to) {
        int at = from;
        for (; at <= to - 8; at += 8) {
            long word = (long) WORD.get(in, at);
            long found = (word - ABOVE_CR | word) & TOPS;
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >> 3);
            }
        }
        while (at < to && in.get(at) > '\r') {
            at++;
        }
        return at;
    }

    /** The top bit of the first octet that is zero, and of some octets above it. */
    private static long zeros(long word) {
        return word - ONES & ~word & TOPS;
    }
}
