package dev.ehlo.smtp.grammar;

import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Text in octets that may stand in an ESMTP value: printable ASCII as it is, but for {@code +}, {@code =} and the space;
 * every other octet as {@code +} and two digits of upper case hexadecimal. RFC 3461 §4.
 */
public final class Xtext {
    private static final VarHandle WORD = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long TOPS = 0x8080808080808080L;
    private static final long ABOVE_SPACE = 0x2121212121212121L;
    private static final long PLUSES = 0x2b2b2b2b2b2b2b2bL;
    private static final long EQUALS = 0x3d3d3d3d3d3d3d3dL;
    private static final long DELETES = 0x7f7f7f7f7f7f7f7fL;
    private static final long LETTERS = 0x6161616161616161L;

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

    /**
     * Whether the octets are xtext that stands for itself, as most is: eight at a time, the last ones together with what
     * is put in place of the octets before them.
     */
    static boolean isPlain(ByteBuffer in, int from, int to) {
        int at = from;
        for (; at <= to - Long.BYTES; at += Long.BYTES) {
            if (isOdd((long) WORD.get(in, at))) {
                return false;
            }
        }
        if (at == to || to < Long.BYTES) {
            while (at < to && isPlain(in.get(at))) {
                at++;
            }
            return at == to;
        }
        long kept = -1L << 8 * (Long.BYTES - (to - at));
        return !isOdd((long) WORD.get(in, to - Long.BYTES) & kept | LETTERS & ~kept);
    }

    /**
     * Whether one of eight octets is not plain. A subtraction borrows from an octet above one that is found, and never
     * otherwise, so that it marks too many at times, and none where there is none.
     */
    private static boolean isOdd(long word) {
        long pluses = word ^ PLUSES;
        long equals = word ^ EQUALS;
        long deletes = word ^ DELETES;
        long found = word - ABOVE_SPACE & ~word
                | pluses - ONES & ~pluses
                | equals - ONES & ~equals
                | deletes - ONES & ~deletes
                | word;
        return (found & TOPS) != 0;
    }

    private static boolean isPlain(int octet) {
        return octet > ' ' && octet < 0x7f && octet != '+' && octet != '=';
    }

    /** Negative for what is no digit, and so whatever it is combined with. */
    private static int hexadecimal(int octet) {
        return octet >= '0' && octet <= '9' ? octet - '0' : octet >= 'A' && octet <= 'F' ? octet - 'A' + 10 : -1;
    }
}
