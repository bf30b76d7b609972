package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.Octets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One parameter of MAIL or RCPT. RFC 5321 §4.1.2 ({@code esmtp-param}).
 *
 * @param keyword in upper case: letters, digits and hyphens, beginning with a letter or digit
 * @param value without spaces, control characters and {@code =}; null where the keyword stands alone
 */
public record EsmtpParameter(String keyword, @Nullable String value) {
    /**
     * Checks both and brings the keyword to upper case.
     *
     * @throws IllegalArgumentException if either could not stand on the wire
     */
    public EsmtpParameter {
        if (!isKeyword(keyword)) {
            throw new IllegalArgumentException("not an ESMTP keyword: " + Octets.printable(keyword));
        }
        if (value != null && !isValue(value)) {
            throw new IllegalArgumentException("not an ESMTP value: " + Octets.printable(value));
        }
        keyword = keyword.toUpperCase(Locale.ROOT);
    }

    /** As on the wire: {@code SIZE=1000}, {@code SMTPUTF8}. */
    @Override
    public String toString() {
        return value == null ? keyword : keyword + '=' + value;
    }

    private static boolean isKeyword(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean alphanumeric = c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
            if (!alphanumeric && (c != '-' || i == 0)) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static boolean isValue(String text) {
        return !text.isEmpty()
                && text.chars().allMatch(c -> c > ' ' && c != '=' && c != 0x7f)
                && Octets.isWellFormed(text);
    }
}
