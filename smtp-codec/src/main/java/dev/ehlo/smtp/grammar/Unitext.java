package dev.ehlo.smtp.grammar;

import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * Addresses of type {@code utf-8} as ORCPT has them: characters that may not stand in an ESMTP value, and in the 7-bit
 * form all outside ASCII, as <code>\x{HEX}</code>. RFC 6533 §3: utf-8-addr-unitext, and utf-8-addr-xtext, which is
 * within it. Control characters of ASCII have a form there, and are refused here, since no address holds one.
 */
public final class Unitext {
    /** Digits of a code point. */
    private static final int MAX_DIGITS = 6;

    private Unitext() {}

    /**
     * The address with characters outside ASCII as they are, for servers that offer SMTPUTF8.
     *
     * @throws IllegalArgumentException if it holds a control character of ASCII or half a surrogate pair
     */
    public static String encode(String address) {
        return encode(address, Character.MAX_CODE_POINT);
    }

    /**
     * The address in ASCII alone, for any server.
     *
     * @throws IllegalArgumentException if it holds a control character of ASCII or half a surrogate pair
     */
    public static String encodeAscii(String address) {
        return encode(address, 0x7f);
    }

    private static String encode(String address, int greatestPlain) {
        StringBuilder encoded = new StringBuilder(address.length() + 16);
        address.codePoints().forEach(c -> {
            if (c < ' ' || c == 0x7f || c >= 0xd800 && c <= 0xdfff) {
                throw new IllegalArgumentException("control character in an address: " + Octets.printable(address));
            }
            if (c <= greatestPlain && (c >= 0x80 || isPlain(c))) {
                encoded.appendCodePoint(c);
            } else {
                encoded.append("\\x{")
                        .append(Integer.toHexString(c).toUpperCase(Locale.ROOT))
                        .append('}');
            }
        });
        return encoded.toString();
    }

    /**
     * The address that either form stands for.
     *
     * @throws IllegalArgumentException if it is in neither form
     */
    public static String decode(String encoded) {
        ByteBuffer in = ByteBuffer.wrap(Octets.utf8(encoded));
        StringBuilder address = new StringBuilder(in.limit());
        int plain = 0;
        for (int at = 0; at < in.limit(); ) {
            int next = next(in, at, in.limit());
            if (next < 0) {
                throw new IllegalArgumentException("not an address in unitext: " + Octets.printable(encoded));
            }
            if (in.get(at) == '\\') {
                address.append(Octets.text(in, plain, at)).appendCodePoint(codePoint(in, at + 3, next - 1));
                plain = next;
            }
            at = next;
        }
        return address.append(Octets.text(in, plain, in.limit())).toString();
    }

    /**
     * Where the octet or the escape at {@code at} ends; -1 if it is malformed. That octets above 127 make UTF-8 is
     * known.
     */
    static int next(ByteBuffer in, int at, int to) {
        int octet = in.get(at);
        if (octet != '\\') {
            return octet < 0 || isPlain(octet) ? at + 1 : -1;
        }
        int digits = at + 3;
        if (to - at < 3 || in.get(at + 1) != 'x' || in.get(at + 2) != '{') {
            return -1;
        }
        int end = digits;
        while (end < to && end - digits < MAX_DIGITS && in.get(end) != '}') {
            end++;
        }
        boolean escape = end < to && in.get(end) == '}' && isEscaped(in, digits, end);
        return escape ? end + 1 : -1;
    }

    /**
     * Two to six digits, no zero before them but none either that could be left out, of a character that needs them.
     */
    private static boolean isEscaped(ByteBuffer in, int from, int to) {
        int c = codePoint(in, from, to);
        if (c < 0x80) {
            return to - from == 2 && (c == ' ' || c == '+' || c == '=' || c == '\\');
        }
        return in.get(from) != '0' && c <= Character.MAX_CODE_POINT && (c < 0xd800 || c > 0xdfff);
    }

    /** At most six digits; -1 if one is no digit of hexadecimal. */
    private static int codePoint(ByteBuffer in, int from, int to) {
        int c = 0;
        for (int at = from; at < to; at++) {
            int digit = Character.digit(in.get(at), 16);
            if (digit < 0) {
                return -1;
            }
            c = c << 4 | digit;
        }
        return c;
    }

    private static boolean isPlain(int c) {
        return Xtext.isPlain(c) && c != '\\';
    }
}
