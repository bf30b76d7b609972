package dev.ehlo.smtp.queue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Puts numbers and texts one after the other, big end first; a text has its length in front. */
final class Packer {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(256);

    Packer int8(byte value) {
        out.write(value);
        return this;
    }

    Packer int32(int value) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            out.write(value >>> shift);
        }
        return this;
    }

    Packer int64(long value) {
        return int32((int) (value >>> 32)).int32((int) value);
    }

    Packer text(String text) {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        int32(octets.length);
        out.writeBytes(octets);
        return this;
    }

    byte[] octets() {
        return out.toByteArray();
    }
}
