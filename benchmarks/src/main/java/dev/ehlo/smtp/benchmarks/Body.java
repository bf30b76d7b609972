package dev.ehlo.smtp.benchmarks;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Content of 1 MiB in lines of 76 octets with their CRLF, as base64 and flowed text have them, and its form on the
 * wire.
 */
public enum Body {
    /** No line begins with a dot. */
    TEXT("Lorem ipsum dolor sit amet, consetetur sadipscing elitr, sed diam nonumy e"),
    /** Each line does. */
    DOTS(".Lorem ipsum dolor sit amet, consetetur sadipscing elitr, sed diam nonumy ");

    static final int OCTETS = 1 << 20;

    private final String line;

    Body(String line) {
        this.line = line + "\r\n";
    }

    byte[] content() {
        return line.repeat(OCTETS / line.length()).getBytes(StandardCharsets.US_ASCII);
    }

    byte[] wire() {
        String stuffed = line.startsWith(".") ? '.' + line : line;
        return (stuffed.repeat(OCTETS / line.length()) + ".\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    static void check(ByteBuffer consumed) {
        if (consumed.hasRemaining()) {
            throw new IllegalStateException("not consumed to its end");
        }
    }
}
