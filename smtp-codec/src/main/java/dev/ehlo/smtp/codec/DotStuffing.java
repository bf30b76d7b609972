package dev.ehlo.smtp.codec;

import java.nio.ByteBuffer;

/**
 * Says which runs of content go after DATA as they are, and which octet goes in between: what the form that copies
 * ({@link DataEncoder}) and the form that slices ({@link DataSlices}) have in common. Resumable at any octet.
 *
 * <pre>
 *         ┌────────── LF ────────────┐
 *     LINE_START ─ other → TEXT ─ CR → CR_SEEN
 *         └─ NUL → NULS ─ other ↗
 * </pre>
 */
final class DotStuffing {
    /** What ends a message; the end of data begins at 2, and at 0 or 1 what closes a line that is open. */
    static final byte[] END = {'\r', '\n', '.', '\r', '\n'};

    private static final int LINE_START = 0;
    private static final int TEXT = 1;
    private static final int CR_SEEN = 2;
    private static final int NULS = 3;

    private final BareNewlines policy;
    private int state;
    private boolean bareSeen;
    private byte inserted;

    DotStuffing(BareNewlines policy) {
        this.policy = policy;
    }

    void reset() {
        state = LINE_START;
        bareSeen = false;
    }

    boolean isRefused() {
        return bareSeen && policy == BareNewlines.REFUSE;
    }

    /** The octet to put behind the run that was found last; 0 for none. */
    byte inserted() {
        return inserted;
    }

    /**
     * Where the run ends that goes out as it is: before the octet that {@link #inserted} goes before, or at {@code to}.
     * The next run is to begin there.
     */
    int run(ByteBuffer in, int from, int to) {
        inserted = 0;
        int at = from;
        while (at < to) {
            if (state == TEXT) {
                at = Newlines.next(in, at, to);
                // Spares the common reason to stop the way through the states.
                if (Newlines.isDotLine(in, at, to)) {
                    inserted = '.';
                    return at + 2;
                }
                if (at == to) {
                    break;
                }
            }
            byte octet = in.get(at);
            if (state == CR_SEEN && octet != '\n') {
                bareSeen = true;
                if (policy != BareNewlines.KEEP) {
                    return insert('\n', LINE_START, at);
                }
                state = TEXT;
            } else if (octet == '\n') {
                if (state != CR_SEEN) {
                    bareSeen = true;
                    if (policy != BareNewlines.KEEP) {
                        return insert('\r', CR_SEEN, at);
                    }
                    state = TEXT;
                } else {
                    state = LINE_START;
                }
                at++;
            } else if (octet == '\r') {
                state = CR_SEEN;
                at++;
            } else if (octet == '.' && state != TEXT) {
                return insert('.', TEXT, at);
            } else if (octet == 0 && state != TEXT && policy != BareNewlines.KEEP) {
                state = NULS;
                at++;
            } else {
                state = TEXT;
                at++;
            }
        }
        return at;
    }

    /**
     * Where in {@link #END} the end of this message begins, and makes ready for another; behind it if the last octet
     * turns out to be a bare CR, and is refused.
     *
     * @throws IllegalStateException if the content is refused
     */
    int end() {
        if (isRefused()) {
            throw new IllegalStateException("content holds a bare CR or LF");
        }
        bareSeen |= state == CR_SEEN;
        if (isRefused()) {
            return END.length;
        }
        int missing = state == LINE_START ? 2 : state == CR_SEEN && policy != BareNewlines.KEEP ? 1 : 0;
        state = LINE_START;
        return missing;
    }

    private int insert(char octet, int next, int at) {
        inserted = (byte) octet;
        state = next;
        return at;
    }
}
