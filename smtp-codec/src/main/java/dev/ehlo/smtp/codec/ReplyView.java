package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.grammar.Octets;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One reply, seen in place: a view on the buffer that {@link ReplyParser} read, reused by each parse, valid until the
 * next parse or until the buffer changes. What its accessors tell costs no allocation; {@code copy…} and {@code to…}
 * make values that may be kept.
 */
public final class ReplyView {
    private static final int TEXT = 4;
    private static final int CRLF = 2;

    private ByteBuffer in = ByteBuffer.allocate(0);
    private int start;
    private int end;
    private int code;
    private int lineCount;

    /** A view with nothing in it yet. */
    public ReplyView() {}

    @SuppressWarnings("ReferenceEquality") // another buffer with the same octets is another buffer
    void fill(ByteBuffer buffer, int from, int to, int replyCode, int lines) {
        // The same buffer again, most often; to store a reference costs more than to look.
        if (in != buffer) {
            in = buffer;
        }
        start = from;
        end = to;
        code = replyCode;
        lineCount = lines;
    }

    /** The reply code, 200 to 599 after COMPLETE; 0 before the first. */
    public int code() {
        return code;
    }

    /** How many lines the reply has. */
    public int lineCount() {
        return lineCount;
    }

    /** 2yz: done. */
    public boolean isPositive() {
        return code / 100 == 2;
    }

    /** 3yz: go on. */
    public boolean isIntermediate() {
        return code / 100 == 3;
    }

    /** 4yz: try again later. */
    public boolean isTransient() {
        return code / 100 == 4;
    }

    /** 5yz: do not try again. */
    public boolean isPermanent() {
        return code / 100 == 5;
    }

    /** Whether the first line begins with an enhanced status code of the reply's own class. RFC 2034 §4. */
    public boolean hasEnhanced() {
        return enhancedOctets() > 0;
    }

    /** The subject of the enhanced status code, 0 to 999: 1 of {@code 5.1.10}; -1 if there is no such code. */
    public int subject() {
        return hasEnhanced() ? number(start + TEXT + 2) : -1;
    }

    /** The detail of the enhanced status code, 0 to 999: 10 of {@code 5.1.10}; -1 if there is no such code. */
    public int detail() {
        return hasEnhanced() ? number(afterNumber(start + TEXT + 2) + 1) : -1;
    }

    /**
     * The text of each line. An enhanced status code is taken off each line that begins with that of the first; a line
     * with control characters has them escaped, any other is kept as it is.
     */
    public List<String> copyLines() {
        List<String> lines = new ArrayList<>(lineCount);
        int enhanced = enhancedOctets();
        int at = start;
        while (at < end) {
            int cr = at;
            while (in.get(cr) != '\r') {
                cr++;
            }
            int from = Math.min(at + TEXT, cr);
            if (enhanced > 0 && beginsWithEnhanced(from, cr, enhanced)) {
                from = Math.min(from + enhanced + 1, cr);
            }
            String text = Octets.text(in, from, cr);
            lines.add(Octets.isPrintable(text) ? text : Octets.printable(text));
            at = cr + CRLF;
        }
        return List.copyOf(lines);
    }

    /** The reply as a value, with the text of {@link #copyLines}. */
    public Reply toReply() {
        EnhancedStatusCode enhanced = hasEnhanced() ? new EnhancedStatusCode(code / 100, subject(), detail()) : null;
        return new Reply(code, enhanced, copyLines());
    }

    /** Octets of the enhanced status code that the first line begins with; 0 if there is none of the reply's class. */
    private int enhancedOctets() {
        int at = start + TEXT;
        if (end - CRLF - at < 5 || in.get(at) != '0' + code / 100 || isIntermediate() || in.get(at + 1) != '.') {
            return 0;
        }
        int dot = afterNumber(at + 2);
        if (dot < 0 || in.get(dot) != '.') {
            return 0;
        }
        int after = afterNumber(dot + 1);
        return after >= 0 && (in.get(after) == ' ' || in.get(after) == '\r') ? after - at : 0;
    }

    /** Where the number of 1 to 3 digits, without leading zeros, ends; -1 if there is none. The line's CR ends it. */
    private int afterNumber(int from) {
        int at = from;
        while (in.get(at) >= '0' && in.get(at) <= '9') {
            at++;
        }
        int digits = at - from;
        return digits == 0 || digits > 3 || digits > 1 && in.get(from) == '0' ? -1 : at;
    }

    private int number(int from) {
        int value = 0;
        for (int at = from; in.get(at) >= '0' && in.get(at) <= '9'; at++) {
            value = 10 * value + in.get(at) - '0';
        }
        return value;
    }

    private boolean beginsWithEnhanced(int from, int cr, int octets) {
        if (cr - from < octets || cr - from > octets && in.get(from + octets) != ' ') {
            return false;
        }
        for (int i = 0; i < octets; i++) {
            if (in.get(from + i) != in.get(start + TEXT + i)) {
                return false;
            }
        }
        return true;
    }
}
