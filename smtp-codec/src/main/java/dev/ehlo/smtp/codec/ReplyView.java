package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.grammar.Octets;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One reply, seen in place: a view on the buffer that {@link ReplyParser} read, reused by each parse, valid until the
 * next parse or until the buffer changes.
 */
public final class ReplyView {
    ByteBuffer in = ByteBuffer.allocate(0);
    int start;
    int end;
    int code;
    int lineCount;

    /** A view with nothing in it yet. */
    public ReplyView() {}

    /** The reply code, 200 to 599 after COMPLETE. */
    public int code() {
        return code;
    }

    /** How many lines the reply has. */
    public int lineCount() {
        return lineCount;
    }

    /** 2yz. */
    public boolean isPositive() {
        return code < 300;
    }

    /**
     * The reply as a value that may be kept. An enhanced status code is taken off each line that begins with that of
     * the first; a line with control characters has them escaped, any other is kept as it is.
     */
    public Reply toReply() {
        List<String> lines = new ArrayList<>(lineCount);
        EnhancedStatusCode enhanced = null;
        int at = start;
        while (at < end) {
            int cr = at;
            while (in.get(cr) != '\r' || in.get(cr + 1) != '\n') {
                cr++;
            }
            String text = cr - at > 4 ? Octets.text(in, at + 4, cr) : "";
            if (lines.isEmpty()) {
                enhanced = enhancedOf(text);
            }
            String prefix = enhanced == null ? "" : enhanced.toString();
            if (enhanced != null && (text.startsWith(prefix + " ") || text.equals(prefix))) {
                text = text.substring(Math.min(prefix.length() + 1, text.length()));
            }
            lines.add(Octets.isPrintable(text) ? text : Octets.printable(text));
            at = cr + 2;
        }
        return new Reply(code, enhanced, lines);
    }

    /** The code that the text begins with, if it is one and of the reply's own class. RFC 2034 §4. */
    private @Nullable EnhancedStatusCode enhancedOf(String text) {
        int space = text.indexOf(' ');
        String word = space < 0 ? text : text.substring(0, space);
        if (word.length() < 5 || word.length() > 9 || word.charAt(0) - '0' != code / 100 || word.charAt(1) != '.') {
            return null;
        }
        try {
            return EnhancedStatusCode.parse(word);
        } catch (IllegalArgumentException notACode) {
            return null;
        }
    }
}
