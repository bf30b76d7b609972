package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.grammar.Octets;
import java.io.ByteArrayOutputStream;

/**
 * Replies to octets: the code on each line, the enhanced code after it (RFC 2034 §4), lines wrapped so that none is
 * longer than {@link #MAX_REPLY_LINE}. What is sent over and over is kept as an {@link EncodedReply}.
 */
public final class ReplyEncoder {
    /** Octets of a reply line with code and CRLF. RFC 5321 §4.5.3.1.5. */
    public static final int MAX_REPLY_LINE = 512;

    private ReplyEncoder() {}

    /** The whole reply as it goes on the wire. */
    public static byte[] encode(Reply reply) {
        return encode(reply, reply.enhanced() == null ? "" : reply.enhanced() + " ");
    }

    /** The reply without its enhanced status code, for a client to whom those are not offered. RFC 2034 §4. */
    public static byte[] encodeWithoutEnhanced(Reply reply) {
        return encode(reply, "");
    }

    private static byte[] encode(Reply reply, String enhanced) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(64);
        String code = Integer.toString(reply.code());
        int room = MAX_REPLY_LINE - 2 - 4 - enhanced.length();
        for (int i = 0; i < reply.lines().size(); i++) {
            byte[] text = Octets.utf8(reply.lines().get(i));
            boolean lastLine = i == reply.lines().size() - 1;
            int from = 0;
            do {
                int to = wrap(text, from, room);
                boolean last = lastLine && to == text.length;
                out.writeBytes(Octets.utf8(code + (last ? " " : "-") + enhanced));
                out.write(text, from, to - from);
                out.write('\r');
                out.write('\n');
                from = to;
            } while (from < text.length);
        }
        return out.toByteArray();
    }

    /** Where the line that begins at {@code from} ends: at a space if there is one, never within a character. */
    private static int wrap(byte[] text, int from, int room) {
        if (text.length - from <= room) {
            return text.length;
        }
        int to = from + room;
        for (int at = to; at > from + room / 2; at--) {
            if (text[at - 1] == ' ') {
                return at;
            }
        }
        while ((text[to] & 0xc0) == 0x80) {
            to--;
        }
        return to;
    }
}
