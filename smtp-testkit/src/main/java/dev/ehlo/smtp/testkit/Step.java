package dev.ehlo.smtp.testkit;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One step of a script. What its line number counts is the caller's: lines of a file, or steps. */
sealed interface Step {
    int number();

    /** A line and its CRLF; where it is expected, {@code *} in it is a wildcard. */
    record Line(int number, Side side, String text) implements Step {
        byte[] octets() {
            return (text + "\r\n").getBytes(StandardCharsets.UTF_8);
        }
    }

    /** Octets as they are. */
    record Raw(int number, Side side, String escaped) implements Step {
        /** @throws IllegalArgumentException if there is a backslash that begins no escape */
        public Raw {
            Escapes.unescape(escaped);
        }

        byte[] octets() {
            return Escapes.unescape(escaped);
        }
    }

    /** That side ends the connection. */
    record Closed(int number, Side side) implements Step {}

    /** Both do the TLS handshake. */
    record StartTls(int number) implements Step {}

    /** The octets that this side sends in this step; null if it sends none. */
    static byte @Nullable [] sentBy(Side us, Step step) {
        if (step instanceof Line line && line.side() == us) {
            return line.octets();
        }
        return step instanceof Raw raw && raw.side() == us ? raw.octets() : null;
    }

    /** The step as a failure shows it. */
    static String describe(Step step) {
        if (step instanceof Line line) {
            return line.text();
        }
        if (step instanceof Raw raw) {
            return raw.escaped();
        }
        if (step instanceof Closed closed) {
            return "the " + closed.side().name().toLowerCase(Locale.ROOT) + " to close";
        }
        return "the TLS handshake";
    }
}
