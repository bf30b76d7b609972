package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.MessageSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Passes content on to a sink, looks for fields in its header on the way, and puts those that are missing at the
 * header's end. The content goes through as it is, in place; held back is only the beginning of a line of which it is
 * not yet clear whether it is a field.
 *
 * <pre>
 *     LINE_START ─ name → NAME ─ ':' → VALUE ─ LF → LINE_START
 *         ├─ CR → EMPTY_CR ─ LF → BODY
 *         └─ no field → BODY
 * </pre>
 *
 * A header may end without an empty line, where a line begins that is no field (RFC 5322 §2.1, §2.2).
 */
final class HeaderWatcher {
    /** Octets looked at to tell a field from text; a longer name passes for a field. */
    private static final int MAX_NAME = 80;

    private enum State {
        LINE_START,
        NAME,
        NAME_BLANK,
        EMPTY_CR,
        VALUE,
        BODY
    }

    /** What is to be put at the header's end. */
    @FunctionalInterface
    interface Missing {
        /** The fields to add, given which ones there are; empty for none. */
        String fields(boolean date, boolean messageId);
    }

    private final MessageSink sink;
    private final Missing missing;
    private final byte[] held = new byte[MAX_NAME];
    private State state = State.LINE_START;
    private int heldOctets;
    /** How many of the held octets were in earlier slices, and so have to be written from here. */
    private int carried;

    private int nameOctets;
    private int fields;
    private int received;
    private boolean date;
    private boolean messageId;

    HeaderWatcher(MessageSink sink, Missing missing) {
        this.sink = sink;
        this.missing = missing;
    }

    /** How many Received fields the header has. */
    int receivedFields() {
        return received;
    }

    /** Passes the slice on, or what of it is clear. */
    void write(ByteBuffer slice) throws IOException {
        int limit = slice.limit();
        int from = slice.position();
        int line = from;
        int at = from;
        while (at < limit && state != State.BODY) {
            int octet = slice.get(at);
            if (state == State.VALUE) {
                state = octet == '\n' ? State.LINE_START : State.VALUE;
                at++;
                continue;
            }
            if (state == State.LINE_START) {
                line = at;
                heldOctets = 0;
            }
            State next = next(octet);
            if (next == State.BODY) {
                pass(slice, from, line);
                from = line;
                end(state == State.EMPTY_CR && octet == '\n');
                break;
            }
            held[heldOctets++] = (byte) octet;
            state = next;
            if (heldOctets == MAX_NAME && next != State.VALUE) {
                fields++;
                state = State.VALUE;
            }
            if (state == State.VALUE) {
                releaseCarried();
            }
            at++;
        }
        boolean undecided = state != State.BODY && state != State.VALUE && state != State.LINE_START;
        pass(slice, from, undecided ? line : limit);
        slice.limit(limit);
        carried = undecided ? heldOctets : 0;
    }

    /** There is no more content. */
    void finish() throws IOException {
        if (state != State.BODY) {
            end(true);
        }
    }

    /** The state that the octet of a line's beginning leads to; counts the field when its name is complete. */
    private State next(int octet) {
        boolean blank = octet == ' ' || octet == '\t';
        switch (state) {
            case LINE_START:
                if (blank) {
                    return fields > 0 ? State.VALUE : State.BODY;
                }
                return octet == '\r' ? State.EMPTY_CR : isNameOctet(octet) ? State.NAME : State.BODY;
            case NAME:
                if (isNameOctet(octet)) {
                    return State.NAME;
                }
                nameOctets = heldOctets;
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
        count();
        return State.VALUE;
    }

    private void count() {
        fields++;
        switch (new String(held, 0, nameOctets, StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT)) {
            case "date" -> date = true;
            case "message-id" -> messageId = true;
            case "received" -> received++;
            default -> {}
        }
    }

    private void end(boolean beforeEmptyLine) throws IOException {
        state = State.BODY;
        String fieldsToAdd = missing.fields(date, messageId);
        if (!fieldsToAdd.isEmpty()) {
            String text = beforeEmptyLine ? fieldsToAdd : fieldsToAdd + "\r\n";
            sink.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        }
        releaseCarried();
    }

    private void releaseCarried() throws IOException {
        if (carried > 0) {
            sink.write(ByteBuffer.wrap(held, 0, carried));
            carried = 0;
        }
    }

    private void pass(ByteBuffer slice, int from, int to) throws IOException {
        if (to > from) {
            slice.limit(to).position(from);
            sink.write(slice);
        }
        slice.limit(slice.capacity());
    }

    private static boolean isNameOctet(int octet) {
        return octet > ' ' && octet < 0x7f && octet != ':';
    }
}
