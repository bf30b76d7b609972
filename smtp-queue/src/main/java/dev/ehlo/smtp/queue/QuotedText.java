package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What others said, made harmless: printable ASCII in lines of bounded length. */
final class QuotedText {
    /** RFC 5322 §2.1.1 allows 998; room for what stands before. */
    static final int LINE = 900;
    /** Lines of one reply that are quoted. */
    private static final int REPLY_LINES = 20;

    private QuotedText() {}

    /** Whatever is not printable ASCII becomes <code>\x{HEX}</code>, as RFC 6533 §3 has it for addresses. */
    static String ascii(String text) {
        return isPlain(text) ? text : quoted(text);
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) >= 0x7f) {
                return false;
            }
        }
        return text.length() <= LINE;
    }

    private static String quoted(String text) {
        StringBuilder ascii = new StringBuilder(text.length());
        text.codePoints().limit(LINE).forEach(c -> {
            if (c >= ' ' && c < 0x7f) {
                ascii.append((char) c);
            } else {
                ascii.append("\\x{")
                        .append(Integer.toHexString(c).toUpperCase(Locale.ROOT))
                        .append('}');
            }
        });
        return ascii.length() > LINE ? ascii.substring(0, LINE) : ascii.toString();
    }

    /** The lines of a reply with its codes, as they stood on the wire. */
    static List<String> lines(Reply reply) {
        List<String> lines = new ArrayList<>();
        int count = Math.min(reply.lines().size(), REPLY_LINES);
        for (int i = 0; i < count; i++) {
            String separator = i < count - 1 ? "-" : " ";
            String enhanced = reply.enhanced() == null ? "" : reply.enhanced() + " ";
            lines.add(ascii(reply.code() + separator + enhanced + reply.lines().get(i)));
        }
        return lines;
    }

    /**
     * The header section at the beginning of content, up to the empty line or the last whole line, each line ended by
     * CRLF. Only CRLF ends a line; a bare CR or LF is one more octet that is not printable.
     *
     * @param eightBit whether octets beyond ASCII stand as they are, each as one character
     */
    static String headerSection(byte[] content, boolean eightBit) {
        String octets = new String(content, StandardCharsets.ISO_8859_1);
        StringBuilder header = new StringBuilder(content.length);
        int start = 0;
        for (int end = octets.indexOf("\r\n"); end > start; end = octets.indexOf("\r\n", start)) {
            int cut = Math.min(end, start + LINE);
            while (cut < end && cut > start && (octets.charAt(cut) & 0xc0) == 0x80) {
                // Not within a character of UTF-8.
                cut--;
            }
            for (int i = start; i < cut; i++) {
                char c = octets.charAt(i);
                header.append(c >= ' ' && c < 0x7f || c == '\t' || eightBit && c >= 0x80 ? c : '?');
            }
            header.append("\r\n");
            start = end + 2;
        }
        return header.toString();
    }
}
