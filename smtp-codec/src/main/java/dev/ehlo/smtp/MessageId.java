package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.grammar.PathGrammar;
import java.util.Optional;

/**
 * The name of a message, as in Message-ID, In-Reply-To and References: {@code <left@right>}. RFC 5322 §3.6.4. Of ASCII
 * alone, and without the obsolete forms.
 *
 * @param left unique where {@code right} says; atoms with dots between
 * @param right a domain name, or a literal in brackets
 */
public record MessageId(String left, String right) {
    /** Octets with its brackets: what stands in one line of 998 behind the name of its field. RFC 5322 §2.1.1. */
    public static final int MAX_LENGTH = 998 - "Message-ID: ".length();

    /**
     * Checks both.
     *
     * @throws IllegalArgumentException if one is not of its form, or they are too long
     */
    public MessageId {
        if (!isDotAtom(left)
                || !isDotAtom(right) && !isLiteral(right)
                || left.length() + right.length() + 3 > MAX_LENGTH) {
            throw new IllegalArgumentException("not a message id: " + Octets.printable(left + '@' + right));
        }
    }

    /** The id that the text is, with its angle brackets and blanks around it or not; empty if it is none. */
    public static Optional<MessageId> find(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isBlank(text.charAt(from))) {
            from++;
        }
        while (to > from && isBlank(text.charAt(to - 1))) {
            to--;
        }
        int at = text.indexOf('@', from);
        if (to - from > MAX_LENGTH || at < 0 || text.charAt(from) != '<' || text.charAt(to - 1) != '>') {
            return Optional.empty();
        }
        String left = text.substring(from + 1, at);
        String right = text.substring(at + 1, to - 1);
        return isDotAtom(left) && (isDotAtom(right) || isLiteral(right))
                ? Optional.of(new MessageId(left, right))
                : Optional.empty();
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }

    private static boolean isDotAtom(String text) {
        return Octets.isAscii(text) && PathGrammar.isDotString(text);
    }

    private static boolean isLiteral(String text) {
        int last = text.length() - 1;
        return last > 0
                && text.charAt(0) == '['
                && text.charAt(last) == ']'
                && text.substring(1, last)
                        .chars()
                        .allMatch(c -> c > ' ' && c < 0x7f && c != '[' && c != '\\' && c != ']');
    }

    /** As it stands in its field, with its brackets. */
    @Override
    public String toString() {
        return '<' + left + '@' + right + '>';
    }
}
