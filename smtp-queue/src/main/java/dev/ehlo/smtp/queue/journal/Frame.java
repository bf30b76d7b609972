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

    /** A whole record. */
    public static ByteBuffer record(long mark, byte type, byte[] payload) {
        CRC32C sum = new CRC32C();
        sum.update(payload);
        ByteBuffer record = ByteBuffer.allocate(HEAD + payload.length + TAIL);
        putHead(record, mark, type, payload.length, sum);
        record.put(payload);
        putTail(record);
        return record.flip();
    }

    /** Puts the octets before a payload that {@code sum} has summed. */
    public static void putHead(ByteBuffer into, long mark, byte type, int length, CRC32C sum) {
        into.putLong(mark).put(type).putInt(length).putInt(checksum(sum, type, length));
    }

    /** Puts the octets after each payload. */
    public static void putTail(ByteBuffer into) {
        into.putInt(END_MARK);
    }

    /** Whether a record with this mark begins at the buffer's position, and is as it was written. */
    public static boolean isSound(ByteBuffer octets, long mark) {
        int at = octets.position();
        if (octets.remaining() < HEAD + TAIL || octets.getLong(at) != mark) {
            return false;
        }
        int length = octets.getInt(at + 9);
        if (length < 0 || length > octets.remaining() - HEAD - TAIL) {
            return false;
        }
        CRC32C sum = new CRC32C();
        sum.update(octets.slice(at + HEAD, length));
        return checksum(sum, octets.get(at + 8), length) == octets.getInt(at + 13)
                && octets.getInt(at + HEAD + length) == END_MARK;
    }

    private static int checksum(CRC32C payload, byte type, int length) {
        payload.update(type);
        payload.update(length >>> 24);
        payload.update(length >>> 16);
        payload.update(length >>> 8);
        payload.update(length);
        return (int) payload.getValue();
    }
}
