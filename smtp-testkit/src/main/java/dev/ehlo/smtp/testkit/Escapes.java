package dev.ehlo.smtp.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Octets as text on one line: ASCII as it is, the rest as {@code \r}, {@code \n}, {@code \0}, {@code \\}, {@code \xHH}. */
final class Escapes {
    private static final String HEX = "0123456789abcdef";

    private Escapes() {}

    static String escape(byte[] octets) {
        StringBuilder text = new StringBuilder(octets.length);
        for (byte octet : octets) {
            switch (octet) {
                case '\r' -> text.append("\\r");
                case '\n' -> text.append("\\n");
                case 0 -> text.append("\\0");
                case '\\' -> text.append("\\\\");
                default -> {
                    if (octet >= ' ' && octet < 0x7f) {
                        text.append((char) octet);
                    } else {
                        text.append("\\x").append(HEX.charAt(octet >> 4 & 15)).append(HEX.charAt(octet & 15));
                    }
                }
            }
        }
        return text.toString();
    }

    /** @throws IllegalArgumentException if a backslash begins none of the escapes */
    static byte[] unescape(String text) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(text.length());
        int at = 0;
        while (at < text.length()) {
            int backslash = text.indexOf('\\', at);
            int end = backslash < 0 ? text.length() : backslash;
            octets.writeBytes(text.substring(at, end).getBytes(StandardCharsets.UTF_8));
            at = end;
            if (backslash >= 0) {
                at += sequence(text, backslash, octets);
            }
        }
        return octets.toByteArray();
    }

    /** How many characters the escape at the backslash takes. */
    private static int sequence(String text, int backslash, ByteArrayOutputStream octets) {
        char kind = backslash + 1 < text.length() ? text.charAt(backslash + 1) : ' ';
        switch (kind) {
            case 'r' -> octets.write('\r');
            case 'n' -> octets.write('\n');
            case 't' -> octets.write('\t');
            case '0' -> octets.write(0);
            case '\\' -> octets.write('\\');
            case 'x' -> {
                String digits = text.substring(backslash + 2, Math.min(backslash + 4, text.length()));
                if (!digits.matches("[0-9a-fA-F]{2}")) {
                    throw new IllegalArgumentException("two hexadecimal digits come after \\x, not " + digits);
                }
                octets.write(Integer.parseInt(digits, 16));
                return 4;
            }
            default -> throw new IllegalArgumentException("no such escape: \\" + kind);
        }
        return 2;
    }
}
