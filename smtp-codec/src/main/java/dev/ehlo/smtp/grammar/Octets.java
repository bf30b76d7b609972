package dev.ehlo.smtp.grammar;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Between octets and text, with nothing lost on the way in and nothing unescaped on the way out. */
public final class Octets {
    private Octets() {}

    /** The octets {@code from} to {@code to} of the buffer as UTF-8; malformed ones become U+FFFD. */
    public static String text(ByteBuffer octets, int from, int to) {
        byte[] copy = new byte[to - from];
        octets.get(from, copy);
        return new String(copy, StandardCharsets.UTF_8);
    }

    /**
     * The text as UTF-8.
     *
     * @throws IllegalArgumentException if it holds half a surrogate pair, which would turn into another character
     */
    public static byte[] utf8(String text) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] octets = new byte[encoded.remaining()];
            encoded.get(octets);
            return octets;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("malformed text: " + printable(text), e);
        }
    }

    /** Whether the text holds no control character, and so stays on its line. */
    public static boolean isPrintable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isControl(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** The text with every control character and backslash escaped: fit for a log, a reply, a page. */
    public static String printable(String text) {
        StringBuilder escaped = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isControl(c) || c == '\\') {
                if (escaped == null) {
                    escaped = new StringBuilder(text.length() + 16).append(text, 0, i);
                }
                escaped.append(c == '\\' ? "\\\\" : String.format("\\u%04x", (int) c));
            } else if (escaped != null) {
                escaped.append(c);
            }
        }
        return escaped == null ? text : escaped.toString();
    }

    /** C0, DEL, C1, and the separators and direction marks that move text about on a terminal or in a page. */
    private static boolean isControl(char c) {
        return c < ' '
                || c >= 0x7f && c < 0xa0
                || c >= 0x2028 && c <= 0x202e
                || c >= 0x2066 && c <= 0x2069
                || c == 0xfeff;
    }
}
