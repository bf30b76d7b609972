package dev.ehlo.smtp.codec;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;

/**
 * Content to what goes after DATA: dots stuffed, end of data at the end, copied into output buffers. {@link DataSlices}
 * does the same without a copy. Resumable at any octet; used by one thread at a time; allocates nothing.
 *
 * <p>Nothing that some server takes for end of data can be smuggled out, unless bare CR and LF are kept. NUL, which no
 * message may hold (RFC 5322 §2.1) and some servers drop, does not hide the beginning of a line: a dot after it is
 * stuffed too, at the price that a server which keeps NUL keeps the second dot. Content whose last line is open gets
 * the CRLF that end of data needs. RFC 5321 §4.5.2, §2.3.8.
 */
public final class DataEncoder {
    /** The room that {@link #finish} needs. */
    public static final int FINISH_ROOM = 5;

    private final DotStuffing stuffing;

    /** An encoder before the first octet of a message, that makes CRLF of a bare CR or LF. */
    public DataEncoder() {
        this(BareNewlines.REPAIR);
    }

    /**
     * An encoder before the first octet of a message.
     *
     * @param policy REFUSE is for content that must arrive as it is or not at all, since it is signed: what leaves is
     *     as with REPAIR, but never gets its end of data. KEEP gives the peer the octets as they are, and a dot is
     *     stuffed after CRLF alone; it smuggles whatever the content holds into a server that takes less than CRLF for
     *     the end of a line, and so is for peers known not to.
     */
    public DataEncoder(BareNewlines policy) {
        this.stuffing = new DotStuffing(policy);
    }

    /** Makes ready for another message. */
    public void reset() {
        stuffing.reset();
    }

    /** Whether a bare CR or LF was met that must not leave; the connection has to be closed without end of data. */
    public boolean isRefused() {
        return stuffing.isRefused();
    }

    /** Encodes from {@code in} to {@code out} until one of them is used up; call again with more, or with more room. */
    public void encode(ByteBuffer in, ByteBuffer out) {
        int limit = in.limit();
        int at = in.position();
        int put = out.position();
        int room = out.limit();
        // A run leaves room for one octet, so that what is to stand behind it always has it.
        while (at < limit && put < room - 1) {
            int end = stuffing.run(in, at, at + Math.min(limit - at, room - put - 1));
            out.put(put, in, at, end - at);
            put += end - at;
            at = end;
            byte inserted = stuffing.inserted();
            if (inserted != 0) {
                out.put(put++, inserted);
            }
        }
        in.position(at);
        out.position(put);
    }

    /**
     * Ends the last line if it is open, and puts end of data; nothing, and {@link #isRefused} is true from now on, if
     * the last octet was a CR and the policy is REFUSE.
     *
     * @throws BufferOverflowException if there is less room than {@link #FINISH_ROOM}; nothing is put then
     * @throws IllegalStateException if {@link #isRefused}
     */
    public void finish(ByteBuffer out) {
        if (out.remaining() < FINISH_ROOM) {
            throw new BufferOverflowException();
        }
        int missing = stuffing.end();
        out.put(DotStuffing.END, missing, DotStuffing.END.length - missing);
    }
}
