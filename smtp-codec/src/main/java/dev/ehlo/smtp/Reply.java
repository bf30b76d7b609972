package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.Octets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reply: code, enhanced status code, and text of one or more lines. RFC 5321 §4.2, RFC 2034.
 *
 * @param code 200 to 599
 * @param enhanced the enhanced status code, of the class of {@code code} (RFC 2034 §4), repeated on each line on the
 *     wire; null where there is none
 * @param lines at least one, without codes; printable, no CR, LF or other control characters
 */
public record Reply(int code, @Nullable EnhancedStatusCode enhanced, List<String> lines) {
    /**
     * Checks all three.
     *
     * @throws IllegalArgumentException if the code is out of range, {@code enhanced} of another class, or a line could
     *     not stand on the wire
     */
    public Reply {
        lines = List.copyOf(lines);
        if (code < 200 || code > 599) {
            throw new IllegalArgumentException("not a reply code: " + code);
        }
        if (enhanced != null && enhanced.status() != code / 100) {
            throw new IllegalArgumentException("enhanced status code of another class: " + code + ' ' + enhanced);
        }
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("a reply has at least one line");
        }
        for (String line : lines) {
            if (!Octets.isPrintable(line)) {
                throw new IllegalArgumentException("control character in reply text: " + Octets.printable(line));
            }
        }
    }

    /**
     * A reply without an enhanced status code: greetings, EHLO, 334 and 354.
     *
     * @throws IllegalArgumentException as the constructor
     */
    public static Reply of(int code, String... lines) {
        return new Reply(code, null, List.of(lines));
    }

    /**
     * A reply with an enhanced status code.
     *
     * @throws IllegalArgumentException as the constructor
     */
    public static Reply of(int code, EnhancedStatusCode enhanced, String... lines) {
        return new Reply(code, enhanced, List.of(lines));
    }

    /** 2yz: done. */
    public boolean isPositive() {
        return code < 300;
    }

    /** 3yz: go on. */
    public boolean isIntermediate() {
        return code >= 300 && code < 400;
    }

    /** 4yz: try again later. */
    public boolean isTransient() {
        return code >= 400 && code < 500;
    }

    /** 5yz: do not try again. */
    public boolean isPermanent() {
        return code >= 500;
    }

    /** The text in one line, without codes. */
    public String text() {
        return String.join(" ", lines);
    }

    /** One line for logs and reports: {@code 550 5.1.1 no such user}. */
    @Override
    public String toString() {
        return code + (enhanced == null ? " " : " " + enhanced + " ") + text();
    }
}
