package dev.ehlo.smtp.codec;

import java.nio.ByteBuffer;

/**
 * Content to what goes after DATA: dots stuffed, end of data at the end. Resumable at any octet. A bare CR or LF leaves
 * as CRLF, so that nothing which some server takes for end of data can be smuggled out. RFC 5321 §4.5.2, §2.3.8.
 */
public final class DataEncoder {
    /** The room that {@link #finish} needs. */
    public static final int FINISH_ROOM = 5;

    private static final int LINE_START = 0;
    private static final int TEXT = 1;
    private static final int CR_SEEN = 2;

    private int state;

    /** An encoder before the first octet of a message. */
    public DataEncoder() {}

    /** Makes ready for another message. */
    public void reset() {
        state = LINE_START;
    }

    /** Encodes from {@code in} to {@code out} until one of them is used up; call again with more, or with more room. */
    public void encode(ByteBuffer in, ByteBuffer out) {
        while (in.hasRemaining() && out.remaining() >= 2) {
            int octet = in.get(in.position());
            if (state == CR_SEEN && octet != '\n') {
                out.put((byte) '\n');
                state = LINE_START;
            } else if (octet == '\n') {
                in.get();
                if (state != CR_SEEN) {
                    out.put((byte) '\r');
                }
                out.put((byte) '\n');
                state = LINE_START;
            } else if (octet == '\r') {
                in.get();
                out.put((byte) '\r');
                state = CR_SEEN;
            } else {
                if (state == LINE_START && octet == '.') {
                    out.put((byte) '.');
                }
                state = TEXT;
                text(in, out);
            }
        }
    }

    private static void text(ByteBuffer in, ByteBuffer out) {
        int from = in.position();
        int limit = in.limit();
        int to = Math.min(limit, from + out.remaining());
        int at = from;
        while (at < to && in.get(at) != '\r' && in.get(at) != '\n') {
            at++;
        }
        in.limit(at);
        out.put(in);
        in.limit(limit);
    }

    /**
     * Ends the last line if it is open, and puts end of data.
     *
     * @throws java.nio.BufferOverflowException if there is less room than {@link #FINISH_ROOM}
     */
    public void finish(ByteBuffer out) {
        if (state == TEXT) {
            out.put((byte) '\r').put((byte) '\n');
        } else if (state == CR_SEEN) {
            out.put((byte) '\n');
        }
        out.put((byte) '.').put((byte) '\r').put((byte) '\n');
        state = LINE_START;
    }
}
