package dev.ehlo.smtp.mta;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Names and values in one line of a {@link ControlSocket}: {@code NAME=VALUE} between spaces. A value may be any text:
 * each octet of its UTF-8 that could be taken for something else is {@code %XX}.
 */
final class ControlWords {
    private ControlWords() {}

    static String line(Map<String, String> values) {
        StringBuilder line = new StringBuilder();
        values.forEach((name, value) -> {
            line.append(line.length() == 0 ? "" : " ").append(name).append('=');
            encode(value, line);
        });
        return line.toString();
    }

    private static void encode(String value, StringBuilder line) {
        for (byte octet : value.getBytes(StandardCharsets.UTF_8)) {
            if (octet > ' ' && octet < 0x7f && octet != '%' && octet != '\\') {
                line.append((char) octet);
            } else {
                line.append('%').append(String.format("%02X", octet & 0xff));
            }
        }
    }

    /** @throws IllegalArgumentException if a word is none that {@link #line} has made */
    static Map<String, String> read(List<String> words) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("not NAME=VALUE: " + word);
            }
            values.put(word.substring(0, equals), decode(word.substring(equals + 1)));
        }
        return values;
    }

    private static String decode(String encoded) {
        if (encoded.indexOf('%') < 0) {
            return encoded;
        }
        byte[] octets = encoded.getBytes(StandardCharsets.UTF_8);
        ByteBuffer value = ByteBuffer.allocate(octets.length);
        for (int i = 0; i < octets.length; i++) {
            if (octets[i] != '%') {
                value.put(octets[i]);
            } else if (i + 2 < octets.length && isHex(octets[i + 1]) && isHex(octets[i + 2])) {
                value.put((byte) (Character.digit(octets[i + 1], 16) << 4 | Character.digit(octets[i + 2], 16)));
                i += 2;
            } else {
                throw new IllegalArgumentException("not encoded: " + encoded);
            }
        }
        return StandardCharsets.UTF_8.decode(value.flip()).toString();
    }

    private static boolean isHex(byte octet) {
        return Character.digit(octet, 16) >= 0;
    }
}
