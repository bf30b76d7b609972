package dev.ehlo.smtp.grammar;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Text in octets that may stand in an ESMTP value: printable ASCII as it is, but for {@code +}, {@code =} and the
 * space; every other octet as {@code +} and two digits of upper case hexadecimal. RFC 3461 §4.
 */
public final class Xtext {
    private static final String DIGITS = "0123456789ABCDEF";

    private Xtext() {}

    /**
     * The text as xtext, by the octets of its UTF-8.
     *
     * @throws IllegalArgumentException if it holds half a surrogate pair
     */
    public static String encode(String text) {
        byte[] octets = Octets.utf8(text);
        StringBuilder xtext = new StringBuilder(octets.length + 16);
        for (byte octet : octets) {
            if (isPlain(octet)) {
                xtext.append((char) octet);
            } else {
                xtext.append('+').append(DIGITS.charAt(octet >> 4 & 0xf)).append(DIGITS.charAt(octet & 0xf));
            }
        }
        return xtext.toString();
    }

    /**
     * The text that the xtext stands for.
     *
     * @throws IllegalArgumentException if it is no xtext, or stands for what is not UTF-8
     */
    public static String decode(String xtext) {
        ByteBuffer in = ByteBuffer.wrap(Octets.utf8(xtext));
        ByteArrayOutputStream octets = new ByteArrayOutputStream(in.limit());
        for (int at = 0; at < in.limit(); at += lengthAt(in, at)) {
            int octet = octetAt(in, at, in.limit());
            if (octet < 0) {
                throw new IllegalArgumentException("not xtext: " + Octets.printable(xtext));
            }
            octets.write(octet);
        }
        byte[] decoded = octets.toByteArray();
        if (!Octets.isUtf8(ByteBuffer.wrap(decoded), 0, decoded.length)) {
            throw new IllegalArgumentException("not UTF-8 in xtext: " + Octets.printable(xtext));
        }
        return new String(decoded, StandardCharsets.UTF_8);
    }

    /** The octet, 0 to 255, that the character of xtext at {@code at} stands for; -1 if there is none. */
    static int octetAt(ByteBuffer in, int at, int to) {
        int octet = in.get(at);
        if (octet != '+') {
            return isPlain(octet) ? octet : -1;
        }
        return to - at < 3 ? -1 : hexadecimal(in.get(at + 1)) << 4 | hexadecimal(in.get(at + 2));
    }

    /** How many octets of xtext the character at {@code at} has. */
    static int lengthAt(ByteBuffer in, int at) {
        return in.get(at) == '+' ? 3 : 1;
    }

    /** Whether the octets are xtext that stands for itself, as most is: eight at a time. */
    static boolean isPlain(ByteBuffer in, int from, int to) {
        int at = from;
        for (; at <= to - Long.BYTES; at += Long.BYTES) {
            if (plain(Words.whole(in, at)) != Words.TOPS) {
                return false;
            }
        }
        // Behind the end there are zeros.
        return at + Words.run(plain(Words.load(in, at, to))) == to;
    }

    /** Marks the octets that stand for themselves. */
    private static long plain(long word) {
        return Words.graphic(word) & ~word & ~(Words.equal(word, '+') | Words.equal(word, '='));
    }

    /** Whether the octet stands for itself. */
    static boolean isPlain(int octet) {
        return octet > ' ' && octet < 0x7f && octet != '+' && octet != '=';
    }

    /** Negative for what is no digit, and so whatever it is combined with. */
    private static int hexadecimal(int octet) {
        return octet >= '0' && octet <= '9' ? octet - '0' : octet >= 'A' && octet <= 'F' ? octet - 'A' + 10 : -1;
    }
}
