package dev.ehlo.smtp.grammar;

import java.nio.ByteBuffer;

/** Code points of octets that are known to be well-formed UTF-8. RFC 3629 §3. */
final class Utf8 {
    private Utf8() {}

    /** How many octets the code point has that begins at the index. */
    static int octets(ByteBuffer in, int at) {
        int lead = in.get(at) & 0xff;
        return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    }

    /** The code point that begins at the index. */
    static int codePoint(ByteBuffer in, int at) {
        int lead = in.get(at);
        return switch (octets(in, at)) {
            case 1 -> lead;
            case 2 -> (lead & 0x1f) << 6 | more(in, at + 1);
            case 3 -> (lead & 0x0f) << 12 | more(in, at + 1) << 6 | more(in, at + 2);
            default -> (lead & 0x07) << 18 | more(in, at + 1) << 12 | more(in, at + 2) << 6 | more(in, at + 3);
        };
    }

    private static int more(ByteBuffer in, int at) {
        return in.get(at) & 0x3f;
    }
}
