package dev.ehlo.smtp.grammar;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Between octets and text, with nothing lost on the way in and nothing unescaped on the way out. */
public final class Octets {
    private Octets() {}

    /**
     * Whether the octets are well-formed UTF-8 by RFC 3629 §4: no overlong form, no surrogate, nothing above U+10FFFF.
     */
    public static boolean isUtf8(ByteBuffer in, int from, int to) {
        int at = from;
        while (at < to) {
            int lead = in.get(at++) & 0xff;
            if (lead < 0x80) {
                continue;
            }
            int more = lead < 0xc2 ? -1 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : -1;
            if (more < 0 || to - at < more) {
                return false;
            }
            int second = in.get(at) & 0xff;
            int low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
            int high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
            if (second < low || second > high) {
                return false;
            }
            for (int i = 1; i < more; i++) {
                if ((in.get(at + i) & 0xc0) != 0x80) {
                    return false;
                }
            }
            at += more;
        }
        return true;
    }

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
        if (isAscii(text)) {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] octets = new byte[encoded.remaining()];
            encoded.get(octets);
            return octets;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("malformed text: " + printable(text), e);
        }
    }

    /** Whether a shown text is what it seems: no control character, no direction mark, no half of a surrogate pair. */
    public static boolean isPrintable(String text) {
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c < ' ' || c > '~') {
                return text.codePoints().noneMatch(Octets::isControl);
            }
        }
        return true;
    }

    /** Whether the text holds no control character of ASCII, so that it can't leave its line or end a string in C. */
    public static boolean isOneLine(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == 0x7f) {
                return false;
            }
        }
        return true;
    }

    /** Whether the text has no half of a surrogate pair, and so has a form in UTF-8. */
    public static boolean isWellFormed(String text) {
        return text.codePoints().noneMatch(c -> c >= 0xd800 && c <= 0xdfff);
    }

    /**
     * The text with the letters A to Z in lower case, and no others. Names are compared so, and not by Unicode's rules,
     * under which a dotless i or a Kelvin sign would make one name of two.
     */
    public static String lowerAscii(String text) {
        return inCase(text, 'A', 'Z');
    }

    /** The text with the letters a to z in upper case, and no others. */
    public static String upperAscii(String text) {
        return inCase(text, 'a', 'z');
    }

    private static String inCase(String text, char first, char last) {
        int at = 0;
        while (at < text.length() && (text.charAt(at) < first || text.charAt(at) > last)) {
            at++;
        }
        if (at == text.length()) {
            return text;
        }
        char[] chars = text.toCharArray();
        for (int i = at; i < chars.length; i++) {
            if (chars[i] >= first && chars[i] <= last) {
                chars[i] = (char) (chars[i] ^ 0x20);
            }
        }
        return new String(chars);
    }

    /** Whether the text is of ASCII alone, control characters included. */
    public static boolean isAscii(String text) {
        for (int at = 0; at < text.length(); at++) {
            if (text.charAt(at) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    /** Whether the octet, or the character, is one of A to Z, a to z and 0 to 9. */
    public static boolean isAlphanumeric(int c) {
        return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
    }

    /** The text with every control character and backslash escaped: fit for a log, a reply, a page. */
    public static String printable(String text) {
        if (isPlain(text)) {
            return text;
        }
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            if (c == '\\') {
                escaped.append("\\\\");
            } else if (isControl(c)) {
                escaped.append(String.format("\\u%04x", c));
            } else {
                escaped.appendCodePoint(c);
            }
        });
        return escaped.toString();
    }

    /** Whether there is nothing to be escaped, as nearly always. */
    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~' || c == '\\') {
                return false;
            }
        }
        return true;
    }

    /**
     * C0, DEL, C1, the separators and direction marks that move text about on a terminal or in a page, and the code
     * points of surrogates, which a text has only where half of a pair is missing.
     */
    private static boolean isControl(int c) {
        return c < ' '
                || c >= 0x7f && c < 0xa0
                || c >= 0x2028 && c <= 0x202e
                || c >= 0x2066 && c <= 0x2069
                || c >= 0xd800 && c <= 0xdfff
                || c == 0xfeff;
    }
}
