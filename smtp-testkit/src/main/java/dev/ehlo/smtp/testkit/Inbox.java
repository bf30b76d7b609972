package dev.ehlo.smtp.testkit;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What a peer has sent and nobody has taken yet. Takes by lines, by count, or by end of data; waits for what lacks. */
final class Inbox {
    /** Octets of one line with its CRLF. Far over the 1000 of RFC 5321 §4.5.3.1.6, which tests pass on purpose. */
    static final int MAX_LINE = 1 << 20;
    /** Octets of one message: over what RFC 5321 §4.5.3.1.7 wants taken, and an end to what a test can do. */
    static final int MAX_CONTENT = 1 << 28;

    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] END_OF_DATA = {'\r', '\n', '.', '\r', '\n'};

    private final Wire wire;
    private byte[] octets = new byte[8192];
    private int from;
    private int to;

    Inbox(Wire wire) {
        this.wire = wire;
    }

    boolean isEmpty() {
        return from == to;
    }

    /** Whether there is nothing here and nothing at hand that could be had without waiting. */
    boolean isDrained() throws IOException {
        byte[] more = wire.poll();
        if (more != null) {
            add(more);
        }
        return isEmpty();
    }

    /** All that has come, without taking it. */
    byte[] peek() {
        return Arrays.copyOfRange(octets, from, to);
    }

    /** The next line without its CRLF; null if no whole line will come. A bare CR or LF does not end a line. */
    byte @Nullable [] takeLine() throws IOException {
        int end = await(CRLF, MAX_LINE);
        return end < 0 ? null : Arrays.copyOf(take(end), end - 2);
    }

    /** So many octets; null if fewer will come. */
    byte @Nullable [] takeOctets(int count) throws IOException {
        while (to - from < count) {
            if (!fill()) {
                return null;
            }
        }
        return take(count);
    }

    /**
     * Content after DATA, to CRLF.CRLF, with the stuffed dots taken out; null if no end of data will come. RFC 5321
     * §4.5.2.
     */
    byte @Nullable [] takeContent() throws IOException {
        byte[] start = takeOctets(3);
        if (start == null) {
            return null;
        }
        from -= 3;
        if (Arrays.equals(start, new byte[] {'.', '\r', '\n'})) {
            take(3);
            return new byte[0];
        }
        int end = await(END_OF_DATA, MAX_CONTENT);
        return end < 0 ? null : unstuffed(take(end), end - 3);
    }

    private static byte[] unstuffed(byte[] stuffed, int length) {
        byte[] content = new byte[length];
        int count = 0;
        for (int at = 0; at < length; at++) {
            boolean lineStart = at == 0 || at >= 2 && stuffed[at - 2] == '\r' && stuffed[at - 1] == '\n';
            if (!(lineStart && stuffed[at] == '.')) {
                content[count++] = stuffed[at];
            }
        }
        return Arrays.copyOf(content, count);
    }

    /** How many octets there are up to and with the mark; -1 if it will not come. */
    private int await(byte[] mark, int limit) throws IOException {
        int at = 0;
        while (true) {
            for (; from + at + mark.length <= to; at++) {
                if (Arrays.equals(octets, from + at, from + at + mark.length, mark, 0, mark.length)) {
                    return at + mark.length;
                }
            }
            if (to - from > limit) {
                throw new IOException("more than " + limit + " octets without " + Escapes.escape(mark));
            }
            if (!fill()) {
                return -1;
            }
        }
    }

    private byte[] take(int count) {
        byte[] taken = Arrays.copyOfRange(octets, from, from + count);
        from += count;
        return taken;
    }

    private boolean fill() throws IOException {
        byte[] more = wire.receive();
        if (more == null) {
            return false;
        }
        add(more);
        return true;
    }

    private void add(byte[] more) {
        if (to + more.length > octets.length) {
            int unread = to - from;
            int room = Math.max(octets.length, 2 * (unread + more.length));
            byte[] target = new byte[room];
            System.arraycopy(octets, from, target, 0, unread);
            octets = target;
            from = 0;
            to = unread;
        }
        System.arraycopy(more, 0, octets, to, more.length);
        to += more.length;
    }
}
