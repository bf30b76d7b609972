package dev.ehlo.smtp.queue.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What stands around each record of a segment.
 *
 * <pre>
 *   0  start mark  8   a random number of the segment's own, which is in its name only
 *   8  type        1
 *   9  length      4   of the payload
 *  13  CRC32C      4   of payload, type and length, in that order
 *  17  payload
 *      end mark    4
 * </pre>
 *
 * <p>The start mark is secret, so that a sender can't hide a record in a message and have it found when the scan looks
 * for the next record behind a damaged one. The checksum begins with the payload, which can thus be summed as it comes.
 */
public final class Frame {
    /** Octets before the payload. */
    public static final int HEAD = 17;

    /** Octets after the payload. */
    public static final int TAIL = 4;

    private static final int END_MARK = 0x2e454e44;

    private Frame() {}

    /** The octets before a payload that {@code sum} has summed. */
    public static ByteBuffer head(long mark, byte type, int length, CRC32C sum) {
        return ByteBuffer.allocate(HEAD)
                .putLong(mark)
                .put(type)
                .putInt(length)
                .putInt(checksum(sum, type, length))
                .flip();
    }

    /** The octets after each payload. */
    public static ByteBuffer tail() {
        return ByteBuffer.allocate(TAIL).putInt(END_MARK).flip();
    }

    static int checksum(CRC32C payload, byte type, int length) {
        payload.update(type);
        payload.update(length >>> 24);
        payload.update(length >>> 16);
        payload.update(length >>> 8);
        payload.update(length);
        return (int) payload.getValue();
    }

    static boolean isTail(ByteBuffer octets, int at) {
        return octets.getInt(at) == END_MARK;
    }
}
