package dev.ehlo.smtp.codec;

import java.nio.ByteBuffer;

/**
 * Cuts replies, of one line or many, out of what a server has sent. Resumable at any octet: on
 * {@link ParseResult#INCOMPLETE} nothing is consumed, and what was looked at is not looked at again. Allocates nothing.
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

    private int scanned;
    private int lineStart;
    private int lines;
    private int code;

    /** A parser at the beginning of a reply. */
    public ReplyParser() {}

    /** Forgets a reply begun. */
    public void reset() {
        scanned = 0;
        lineStart = 0;
        lines = 0;
    }

    /** Parses one reply from the position on. */
    public ParseResult parse(ByteBuffer in, ReplyView view) {
        int start = in.position();
        int from = start + lineStart;
        int bound = bound(start, from);
        int to = Math.min(in.limit(), bound);
        int at = Newlines.nextControl(in, start + scanned, to);
        while (at < to) {
            int octet = in.get(at);
            if (octet == '\r') {
                if (at + 1 == to) {
                    break;
                }
                if (in.get(at + 1) != '\n' || !isNextLine(in, from, at)) {
                    return fail(ParseResult.MALFORMED);
                }
                at += 2;
                if (at - from == 5 || in.get(from + 3) == ' ') {
                    return complete(in, start, at, view);
                }
                if (lines == MAX_LINES) {
                    return fail(ParseResult.OVERLONG);
                }
                from = at;
                lineStart = at - start;
                bound = bound(start, from);
                to = Math.min(in.limit(), bound);
            } else if (octet == '\n' || octet == 0) {
                return fail(ParseResult.MALFORMED);
            } else {
                at++;
            }
            at = Newlines.nextControl(in, at, to);
        }
        if (to == bound) {
            return fail(ParseResult.OVERLONG);
        }
        scanned = at - start;
        return ParseResult.INCOMPLETE;
    }

    /** Nothing behind it is looked at, so that the result is the same however the octets come. */
    private static int bound(int start, int from) {
        return Math.min(from + MAX_LINE, start + MAX_REPLY);
    }

    /** Takes the code of the line, which has to be that of the lines before it. */
    private boolean isNextLine(ByteBuffer in, int from, int cr) {
        int lineCode = codeOf(in, from, cr);
        boolean same = lines++ == 0 || lineCode == code;
        code = lineCode;
        return same && lineCode >= 0;
    }

    private ParseResult complete(ByteBuffer in, int start, int end, ReplyView view) {
        view.in = in;
        view.start = start;
        view.end = end;
        view.code = code;
        view.lineCount = lines;
        in.position(end);
        reset();
        return ParseResult.COMPLETE;
    }

    private ParseResult fail(ParseResult result) {
        reset();
        return result;
    }

    /** The code of the line without its CRLF, or -1 if it has none or another octet than blank or hyphen after it. */
    private static int codeOf(ByteBuffer in, int from, int to) {
        if (to - from < 3) {
            return -1;
        }
        int hundreds = in.get(from) - '0';
        int tens = in.get(from + 1) - '0';
        int ones = in.get(from + 2) - '0';
        boolean digits = hundreds >= 2 && hundreds <= 5 && tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9;
        boolean separated = to - from == 3 || in.get(from + 3) == ' ' || in.get(from + 3) == '-';
        return digits && separated ? 100 * hundreds + 10 * tens + ones : -1;
    }
}
