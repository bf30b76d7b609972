package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.Octets;
import java.util.List;
import java.util.Optional;
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
     * @throws IllegalArgumentException if the code is out of range, {@code enhanced} of another class, a line could
     *     not stand on the wire, or the text begins with an enhanced status code that is not given as such
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
        if (enhanced == null && beginsWithEnhanced(code, lines.get(0))) {
            throw new IllegalArgumentException("enhanced status code within the text of a reply: " + lines.get(0));
        }
    }

    /** Whoever reads the reply would take it for the reply's own. */
    private static boolean beginsWithEnhanced(int code, String text) {
        int space = text.indexOf(' ');
        return EnhancedStatusCode.find(space < 0 ? text : text.substring(0, space))
                .filter(e -> e.status() == code / 100)
                .isPresent();
    }

    /**
     * A reply of one line without an enhanced status code: greetings, 334 and 354.
     *
     * @throws IllegalArgumentException as the constructor
     */
    public static Reply of(int code, String text) {
        return new Reply(code, null, List.of(text));
    }

    /**
     * A reply of one line: {@code Reply.of(550, "5.1.1", "no such user")}.
     *
     * @param enhanced the enhanced status code, not a line of text
     * @throws IllegalArgumentException as the constructor, and if {@code enhanced} is no enhanced status code
     */
    public static Reply of(int code, String enhanced, String text) {
        return new Reply(code, EnhancedStatusCode.parse(enhanced), List.of(text));
    }

    /**
     * A reply with an enhanced status code.
     *
     * @throws IllegalArgumentException as the constructor
     */
    public static Reply of(int code, EnhancedStatusCode enhanced, String... lines) {
        return new Reply(code, enhanced, List.of(lines));
    }

    /**
     * A reply of any number of lines without an enhanced status code: to EHLO and HELP.
     *
     * @throws IllegalArgumentException as the constructor
     */
    public static Reply of(int code, List<String> lines) {
        return new Reply(code, null, lines);
    }

    /**
     * A reply whose text quotes what a peer, a name server or a message said: control characters and backslashes in it
     * are escaped, so that nothing quoted ends the line, forges another, or moves text about where it is shown.
     *
     * @throws IllegalArgumentException if the codes are not those of a reply
     */
    public static Reply quoting(int code, String enhanced, String text) {
        return of(code, enhanced, Octets.printable(text));
    }

    /**
     * The reply that one line says, as {@link #toString} writes it: {@code 451 4.4.2 connection lost}, with or without
     * an enhanced status code.
     *
     * @throws IllegalArgumentException if the text is not one line of a reply
     */
    public static Reply parse(String line) {
        if (!line.matches("[2-5][0-9][0-9]( .*)?")) {
            throw new IllegalArgumentException("not a reply: " + Octets.printable(line));
        }
        int code = Integer.parseInt(line.substring(0, 3));
        String text = line.substring(Math.min(4, line.length()));
        if (!beginsWithEnhanced(code, text)) {
            return of(code, text);
        }
        int space = text.indexOf(' ');
        return space < 0 ? of(code, text, "") : of(code, text.substring(0, space), text.substring(space + 1));
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

    /**
     * The id under which whoever replied to end of data says that it queued the message, if its text words that in a known
     * way. 1 to 255 characters of printable ASCII; what a host claims, and no key to anything.
     */
    public Optional<String> queueId() {
        return QueueIds.find(this);
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
