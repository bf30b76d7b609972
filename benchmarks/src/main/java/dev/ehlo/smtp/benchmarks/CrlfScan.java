package dev.ehlo.smtp.benchmarks;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The floor of every framing: each octet is loaded once, eight at a time, and each CRLF is counted. */
final class CrlfScan {
    private static final VarHandle WORD = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long TOPS = 0x8080808080808080L;
    private static final long CRS = 0x0d0d0d0d0d0d0d0dL;

    private CrlfScan() {}

    static int count(ByteBuffer in) {
        int lines = 0;
        int limit = in.limit();
        int at = in.position();
        while (at <= limit - 8) {
            long word = (long) WORD.get(in, at) ^ CRS;
            long found = word - ONES & ~word & TOPS;
            if (found == 0) {
                at += 8;
                continue;
            }
            at += Long.numberOfTrailingZeros(found) >> 3;
            if (at + 1 < limit && in.get(at + 1) == '\n') {
                lines++;
            }
            at++;
        }
        for (; at < limit - 1; at++) {
            if (in.get(at) == '\r' && in.get(at + 1) == '\n') {
                lines++;
            }
        }
        return lines;
    }
}
