package dev.ehlo.smtp.codec;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;

/**
 * Content to what goes after DATA: dots stuffed, end of data at the end. Resumable at any octet.
 *
 * <p>Nothing that some server takes for end of data can be smuggled out. A bare CR or LF leaves as CRLF. NUL, which no
 * message may hold (RFC 5322 §2.1) and some servers drop, does not hide the beginning of a line: a dot after it is
 * stuffed too, at the price that a server which keeps NUL keeps the second dot. RFC 5321 §4.5.2, §2.3.8.
 */
public final class DataEncoder {
    /** The room that {@link #finish} needs. */
    public static final int FINISH_ROOM = 5;

    private static final int LINE_START = 0;
    private static final int TEXT = 1;
    private static final int CR_SEEN = 2;
    private static final int NULS = 3;

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
            } else if (octet == 0 && state != TEXT) {
                out.put(in.get());
                state = NULS;
            } else {
                if (octet == '.' && state != TEXT) {
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
        in.limit(Newlines.next(in, from, Math.min(limit, from + out.remaining())));
        out.put(in);
        in.limit(limit);
    }

    /**
     * Ends the last line if it is open, and puts end of data.
     *
     * @throws BufferOverflowException if there is less room than {@link #FINISH_ROOM}; nothing is put then
     */
    public void finish(ByteBuffer out) {
        if (out.remaining() < FINISH_ROOM) {
            throw new BufferOverflowException();
        }
        if (state == TEXT || state == NULS) {
            out.put((byte) '\r').put((byte) '\n');
        } else if (state == CR_SEEN) {
            out.put((byte) '\n');
        }
        out.put((byte) '.').put((byte) '\r').put((byte) '\n');
        state = LINE_START;
    }
}
