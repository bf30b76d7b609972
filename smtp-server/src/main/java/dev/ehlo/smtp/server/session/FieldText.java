package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.codec.AddressList;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A header field as it goes through, kept up to a bound: nothing is said of one that is longer. */
final class FieldText {
    private static final int MAX_OCTETS = AddressList.MAX_TEXT;
    private static final int FIRST_OCTETS = 256;

    private byte[] octets = {};
    private int length;
    private boolean tooLong;

    void reset() {
        length = 0;
        tooLong = false;
    }

    /** Copies what is between position and limit, and leaves the buffer as it is. */
    void add(ByteBuffer slice) {
        int more = slice.remaining();
        if (more > MAX_OCTETS - length) {
            tooLong = true;
            return;
        }
        if (length + more > octets.length) {
            octets = Arrays.copyOf(octets, Math.max(Math.max(FIRST_OCTETS, length + more), 2 * octets.length));
        }
        slice.get(slice.position(), octets, length, more);
        length += more;
    }

    boolean isTooLong() {
        return tooLong;
    }

    /** What stands behind the colon. */
    String value() {
        String field = toString();
        return field.substring(field.indexOf(':') + 1);
    }

    /** The field as it came; empty if there was none. */
    @Override
    public String toString() {
        return new String(octets, 0, length, StandardCharsets.UTF_8);
    }
}
