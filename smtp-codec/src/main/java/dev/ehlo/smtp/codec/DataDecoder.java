package dev.ehlo.smtp.codec;

import java.nio.ByteBuffer;

/**
 * Receives content after DATA, up to and including end of data. Resumable at any octet; slices go out in place, without
 * a copy. One for each connection, used by one thread; holds no buffer between calls and allocates nothing.
 *
 * <pre>
 *              ┌────────── LF ───────────┐
 *     LINE_START ─ other → TEXT ─ CR → CR_SEEN
 *         └─ '.' → DOT ─ CR → DOT_CR ─ LF → end of data
 * </pre>
 *
 * Only CRLF.CRLF ends the content. Whatever is done about a bare CR or LF, neither begins a line here, so that no two
 * servers can disagree about where a message ends (SMTP smuggling). RFC 5321 §4.5.2, §2.3.8.
 */
public final class DataDecoder {
    private static final int LINE_START = 0;
    private static final int TEXT = 1;
    private static final int CR_SEEN = 2;
    private static final int DOT = 3;
    private static final int DOT_CR = 4;

    private final BareNewlines policy;
    private final ByteBuffer crlf = ByteBuffer.wrap(new byte[] {'\r', '\n'});
    private int state;
    private boolean bareSeen;
    /** A line began with a dot, or with NUL, behind which the sender's side stuffs a dot as well. */
    private boolean oddBeginningSeen;

    private long octets;

    /** A decoder before the first octet of a message. */
    public DataDecoder(BareNewlines policy) {
        this.policy = policy;
    }

    /** Makes ready for another message. */
    public void reset() {
        state = LINE_START;
        bareSeen = false;
        oddBeginningSeen = false;
        octets = 0;
    }

    /** Whether the content is to be refused for a bare CR or LF. */
    public boolean isRefused() {
        return bareSeen && policy == BareNewlines.REFUSE;
    }

    /**
     * Whether the content can go after DATA as it came out here, with {@code .CRLF} behind it and nothing in between:
     * no line begins with a dot, and each ends with CRLF. Known at end of data. False, to be safe, of any line that was
     * sent with a dot at its beginning, whatever stood behind it.
     */
    public boolean needsNoStuffing() {
        return !oddBeginningSeen && !bareSeen;
    }

    /** The octets of content given out so far. */
    public long octets() {
        return octets;
    }

    /**
     * Decodes from the position on; {@code out} is given {@code in} itself with its position and limit around a slice.
     *
     * @return true at end of data, with the position after it; false if more is needed, with everything consumed
     */
    public boolean decode(ByteBuffer in, ContentConsumer out) {
        int limit = in.limit();
        int at = in.position();
        int from = at;
        while (at < limit) {
            int octet = in.get(at);
            switch (state) {
                case LINE_START:
                    if (octet == '.') {
                        emit(in, from, at, limit, out);
                        from = ++at;
                        state = DOT;
                        break;
                    }
                    oddBeginningSeen |= octet == 0;
                    state = TEXT;
                    break;
                case TEXT:
                    at = Newlines.next(in, at, limit);
                    // A line that begins with a dot goes from TEXT to TEXT at once, not octet by octet through three
                    // states: where each line does, the states would take as long as the scan.
                    while (Newlines.isStuffedLine(in, at, limit)) {
                        oddBeginningSeen = true;
                        emit(in, from, at + 2, limit, out);
                        from = at + 3;
                        at = Newlines.next(in, from, limit);
                    }
                    if (at == limit) {
                        break;
                    }
                    if (in.get(at++) == '\r') {
                        state = CR_SEEN;
                    } else {
                        bareSeen = true;
                        if (policy == BareNewlines.REPAIR) {
                            emit(in, from, at - 1, limit, out);
                            emitNewline(0, out);
                            from = at;
                        }
                    }
                    break;
                case CR_SEEN:
                    if (octet == '\n') {
                        at++;
                        state = LINE_START;
                        break;
                    }
                    bareSeen = true;
                    if (policy == BareNewlines.REPAIR) {
                        emit(in, from, at, limit, out);
                        emitNewline(1, out);
                        from = at;
                    }
                    state = TEXT;
                    break;
                case DOT:
                    if (octet == '\r') {
                        from = ++at;
                        state = DOT_CR;
                        break;
                    }
                    oddBeginningSeen = true;
                    state = TEXT;
                    break;
                case DOT_CR:
                    if (octet == '\n') {
                        in.position(at + 1);
                        state = LINE_START;
                        return true;
                    }
                    bareSeen = true;
                    emitHeldCr(out);
                    state = TEXT;
                    break;
                default:
                    throw new AssertionError(state);
            }
        }
        emit(in, from, limit, limit, out);
        in.position(limit);
        return false;
    }

    private void emit(ByteBuffer in, int from, int to, int limit, ContentConsumer out) {
        if (to > from) {
            octets += to - from;
            in.limit(to).position(from);
            out.accept(in);
            in.limit(limit);
        }
    }

    /** A CRLF of ours, or from {@code skip} on only what is missing of it. */
    private void emitNewline(int skip, ContentConsumer out) {
        octets += 2 - skip;
        // The limit first: it is where the consumer of the last one left it.
        out.accept(crlf.limit(2).position(skip));
    }

    /** The CR after a dot that turned out to be content, and was left behind in an earlier buffer perhaps. */
    private void emitHeldCr(ContentConsumer out) {
        int length = policy == BareNewlines.REPAIR ? 2 : 1;
        octets += length;
        out.accept(crlf.limit(length).position(0));
    }
}
