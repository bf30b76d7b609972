package dev.ehlo.smtp.codec;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds the boundary between header and body on the way of content through, and counts what stands before it: for
 * limits on a header's size, hop counting, and fields that are missing or stand twice. It is shown each slice of
 * decoded content, however it came; once the body has begun that is one comparison a slice. One for each connection or
 * message, used by one thread; holds no buffer between calls and allocates nothing.
 *
 * <pre>
 *     LINE_START ─ name → NAME ─ ':' → VALUE ─ LF → LINE_START
 *         ├─ CR → EMPTY_CR ─ LF → BODY
 *         └─ no field → BODY
 * </pre>
 *
 * A header may end without an empty line, where a line begins that is no field (RFC 5322 §2.1, §2.2). Nothing is ever
 * refused here: whoever asks compares the counts with limits of its own after each slice. RFC 5321 §6.3 wants 100
 * Received fields at least before a loop is suspected, RFC 5322 §2.1.1 lines of 998 octets at most.
 */
@SuppressWarnings("EnumOrdinal") // counts in an array, since a map would box them
public final class HeaderScanner {
    /**
     * The octets of a line that are looked at to tell a field from text: a longer name passes for a field, and so does one
     * with blanks up to there, which some reader finds a colon behind.
     */
    public static final int MAX_UNDECIDED = 80;

    private enum State {
        LINE_START,
        NAME,
        NAME_BLANK,
        EMPTY_CR,
        VALUE,
        BODY
    }

    private final byte[] name = new byte[HeaderField.MAX_NAME];
    private final int[] counts = new int[HeaderField.values().length];
    private State state = State.LINE_START;
    private boolean emptyLine;
    /** Octets of content looked at. */
    private long scanned;
    /** Where in the content the line begins that is being looked at. */
    private long lineStart;

    private long longestLine;
    /** Of the field that began last: its place among the known ones, or -1; a number, since to store one costs nothing. */
    private int field = -1;

    private long fieldStart;
    private int nameOctets;
    private int fields;

    /** A scanner before the first octet of content. */
    public HeaderScanner() {}

    /** Makes ready for another message. */
    public void reset() {
        Arrays.fill(counts, 0);
        state = State.LINE_START;
        emptyLine = false;
        scanned = 0;
        lineStart = 0;
        longestLine = 0;
        field = -1;
        fieldStart = 0;
        fields = 0;
    }

    /** Whether the body has begun, or the empty line before it. */
    public boolean isEnded() {
        return state == State.BODY;
    }

    /** Whether an empty line ended the header, rather than a line that is no field. */
    public boolean isEndedByEmptyLine() {
        return emptyLine;
    }

    /**
     * The octets of content that are sure to be header: all before the empty line or the body if it {@link #isEnded},
     * and otherwise all but the beginning of a line, {@link #MAX_UNDECIDED} octets at most, that may turn out to be
     * body.
     */
    public long octets() {
        return state == State.VALUE || state == State.LINE_START ? scanned : lineStart;
    }

    /** How many fields there are so far, whatever their names. */
    public int fields() {
        return fields;
    }

    /** How many fields of that name there are so far. */
    public int count(HeaderField field) {
        return counts[field.ordinal()];
    }

    /** The field that began last, of those known by name; null if it is another, or none has begun. */
    public @Nullable HeaderField field() {
        return field < 0 ? null : HeaderField.at(field);
    }

    /**
     * Where in the content the field began that began last: its octets go from there to the next one, or to the end of
     * {@link #octets}.
     */
    public long fieldStart() {
        return fieldStart;
    }

    /** The octets of the longest line of the header that has ended, without its CRLF. */
    public long longestLine() {
        return longestLine;
    }

    /** Looks at the octets between position and limit, the next ones of the content, and leaves the buffer as it is. */
    public void scan(ByteBuffer slice) {
        if (state != State.BODY) {
            scan(slice, false);
        }
    }

    /**
     * Looks at octets from the position on, the next ones of the content, up to where it is clear that a field has begun,
     * and which: {@link #field}, {@link #fieldStart}. The position goes along; at the header's end, to the limit.
     *
     * @return whether a field has begun; if not, there is nothing left in the slice to look at
     */
    public boolean nextField(ByteBuffer slice) {
        int at = state == State.BODY ? -1 : scan(slice, true);
        slice.position(at < 0 ? slice.limit() : at);
        return at >= 0;
    }

    /** Where a field has begun, if that is asked for, or -1. */
    private int scan(ByteBuffer slice, boolean untilField) {
        int limit = slice.limit();
        int at = slice.position();
        // What to add to an index for its place in the content.
        long base = scanned - at;
        while (at < limit) {
            if (state == State.VALUE) {
                at = Newlines.nextLf(slice, at, limit);
                if (at < limit) {
                    longestLine = Math.max(longestLine, base + at - 1 - lineStart);
                    state = State.LINE_START;
                    at++;
                }
                continue;
            }
            byte octet = slice.get(at);
            if (state == State.LINE_START) {
                lineStart = base + at;
                nameOctets = 0;
            }
            State before = state;
            State next = next(octet);
            if (next == State.BODY) {
                emptyLine = state == State.EMPTY_CR && octet == '\n';
                state = State.BODY;
                return -1;
            }
            at++;
            if (next != State.VALUE && base + at - lineStart == MAX_UNDECIDED) {
                begin();
                next = State.VALUE;
            }
            state = next;
            if (untilField && next == State.VALUE && before != State.LINE_START) {
                scanned = base + at;
                return at;
            }
        }
        scanned = base + limit;
        return -1;
    }

    private void begin() {
        HeaderField found = nameOctets <= name.length ? HeaderField.of(name, nameOctets) : null;
        field = found == null ? -1 : found.ordinal();
        if (found != null) {
            counts[field]++;
        }
        fieldStart = lineStart;
        fields++;
    }

    /** The state that the octet at a line's beginning leads to; counts the field when its name is complete. */
    private State next(byte octet) {
        boolean blank = octet == ' ' || octet == '\t';
        switch (state) {
            case LINE_START:
                if (blank) {
                    return fields > 0 ? State.VALUE : State.BODY;
                }
                return octet == '\r' ? State.EMPTY_CR : isName(octet) ? State.NAME : State.BODY;
            case NAME:
                if (isName(octet)) {
                    return State.NAME;
                }
                if (blank) {
                    return State.NAME_BLANK;
                }
                break;
            case NAME_BLANK:
                if (blank) {
                    return State.NAME_BLANK;
                }
                break;
            default:
                return State.BODY;
        }
        if (octet != ':') {
            return State.BODY;
        }
        begin();
        return State.VALUE;
    }

    /** Whether the octet may stand in a name; keeps it if it does. */
    private boolean isName(byte octet) {
        if (octet <= ' ' || octet == 0x7f || octet == ':') {
            return false;
        }
        if (nameOctets < name.length) {
            name[nameOctets] = (byte) (octet >= 'A' && octet <= 'Z' ? octet | 0x20 : octet);
        }
        nameOctets++;
        return true;
    }
}
