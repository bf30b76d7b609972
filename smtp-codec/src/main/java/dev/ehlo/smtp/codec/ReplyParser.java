package dev.ehlo.smtp.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Cuts replies, of one line or many, out of what a server has sent. Resumable at any octet: on
 * {@link ParseResult#INCOMPLETE} nothing is consumed, and text that was looked at is not looked at again. Allocates
 * nothing. Used by one thread.
 *
 * <pre>
 *     line: code ─ hyphen → text ─ CRLF → another line
 *             ├─── blank ─→ text ─ CRLF → COMPLETE
 *             └─── CRLF ────────────────→ COMPLETE
 * </pre>
 *
 * <p>Stricter than it must be where laxity was used for attacks: every line has the code of the first and ends with
 * CRLF, no line holds a bare CR, LF or NUL. {@code 250} alone is legal. After MALFORMED or OVERLONG the stream is out
 * of step, and the connection is to be closed. RFC 5321 §4.2, §4.2.1.
 */
public final class ReplyParser {
    /** Octets of one line with its CRLF; RFC 5321 §4.5.3.1.5 says 512, and servers send more. */
    public static final int MAX_LINE = 2048;
    /** Lines of one reply. */
    public static final int MAX_LINES = 128;
    /** Octets of one reply, all its lines together; any input buffer of this size or more will do. */
    public static final int MAX_REPLY = 12_288;

    /** Code and separator of a line in one load, the first octet lowest. */
    private static final VarHandle HEAD = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final VarHandle PAIR = MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final short CRLF = '\r' | '\n' << 8;
    private static final int HEAD_OCTETS = 4;
    private static final int CODE = 0x00ffffff;

    private int scanned;
    private int lineStart;
    private int lines;

    /** A parser at the beginning of a reply. */
    public ReplyParser() {}

    /** Forgets a reply begun. */
    public void reset() {
        scanned = 0;
        lineStart = 0;
        lines = 0;
    }

    /** Parses one reply from the position on; the view is filled on COMPLETE and is as it was otherwise. */
    public ParseResult parse(ByteBuffer in, ReplyView view) {
        int start = in.position();
        int from = start + lineStart;
        int at = start + scanned;
        int bound;
        int to;
        while (true) {
            // Nothing behind the bound is looked at, so that the result is the same however the octets come.
            bound = Math.min(from + MAX_LINE, start + MAX_REPLY);
            to = Math.min(in.limit(), bound);
            if (to - from < HEAD_OCTETS) {
                if (!isHeadBegun(in, start, from, to)) {
                    return fail(ParseResult.MALFORMED);
                }
                at = from;
                break;
            }
            int head = (int) HEAD.get(in, from);
            int separator = head >>> 24;
            if (at < from + HEAD_OCTETS) {
                boolean code = lines == 0 ? isCode(head) : (((int) HEAD.get(in, start) ^ head) & CODE) == 0;
                if (!code || separator != ' ' && separator != '-' && separator != '\r') {
                    return fail(ParseResult.MALFORMED);
                }
                at = from + (separator == '\r' ? HEAD_OCTETS - 1 : HEAD_OCTETS);
            }
            at = endOfText(in, at, to);
            if (at < 0) {
                return fail(ParseResult.MALFORMED);
            }
            if (at + 1 >= to) {
                break;
            }
            at += 2;
            lines++;
            if (separator != '-') {
                return complete(in, start, at, head, view);
            }
            if (lines == MAX_LINES) {
                return fail(ParseResult.OVERLONG);
            }
            from = at;
        }
        if (to == bound) {
            return fail(ParseResult.OVERLONG);
        }
        scanned = at - start;
        lineStart = from - start;
        return ParseResult.INCOMPLETE;
    }

    /** Whether the few octets there are may become code and separator. */
    private boolean isHeadBegun(ByteBuffer in, int start, int from, int to) {
        for (int at = from; at < to; at++) {
            int octet = in.get(at);
            boolean first = at == from;
            if (lines > 0
                    ? octet != in.get(start + at - from)
                    : octet < (first ? '2' : '0') || octet > (first ? '5' : '9')) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether the lower three octets are a code of 200 to 599. The exclusive or leaves 0 to 9 of a digit and more of
     * any other octet; what is added carries more than 9, or more than 5 of the first octet, into the top bit of its
     * octet.
     */
    private static boolean isCode(int head) {
        int digits = (head ^ 0x303030) & CODE;
        return ((digits + 0x76767a | digits) & 0x808080) == 0 && (digits & 0xff) >= 2;
    }

    /**
     * Where the text's CR is, with LF or nothing yet behind it; {@code to} if it is not there yet; -1 if NUL, CR or LF
     * stands alone.
     */
    private static int endOfText(ByteBuffer in, int from, int to) {
        int at = Newlines.nextOdd(in, from, to);
        while (at < to) {
            if (at + 1 < to && (short) PAIR.get(in, at) == CRLF) {
                return at;
            }
            int octet = in.get(at);
            if (octet == '\r') {
                return at + 1 == to ? at : -1;
            }
            if (octet == '\n' || octet == 0) {
                return -1;
            }
            at = Newlines.nextOdd(in, at + 1, to);
        }
        return at;
    }

    private ParseResult complete(ByteBuffer in, int start, int end, int head, ReplyView view) {
        view.fill(in, start, end, code(head), lines);
        in.position(end);
        reset();
        return ParseResult.COMPLETE;
    }

    private static int code(int head) {
        return 100 * (head & 0xf) + 10 * (head >> 8 & 0xf) + (head >> 16 & 0xf);
    }

    private ParseResult fail(ParseResult result) {
        reset();
        return result;
    }
}
