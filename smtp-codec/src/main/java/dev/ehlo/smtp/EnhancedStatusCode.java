package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.Octets;
import java.util.Optional;

/**
 * An enhanced mail system status code such as {@code 5.1.1}. RFC 3463, RFC 2034.
 *
 * @param status 2 success, 4 persistent transient failure, 5 permanent failure
 * @param subject 0 to 999
 * @param detail 0 to 999
 */
public record EnhancedStatusCode(int status, int subject, int detail) {
    /** @throws IllegalArgumentException if a part is out of range */
    public EnhancedStatusCode {
        if (status != 2 && status != 4 && status != 5 || subject < 0 || subject > 999 || detail < 0 || detail > 999) {
            throw new IllegalArgumentException("not an enhanced status code: " + status + '.' + subject + '.' + detail);
        }
    }

    /**
     * The code that the text says.
     *
     * @throws IllegalArgumentException if it says none
     */
    public static EnhancedStatusCode parse(String text) {
        return find(text)
                .orElseThrow(
                        () -> new IllegalArgumentException("not an enhanced status code: " + Octets.printable(text)));
    }

    /** The code that the text says; empty if it says none. */
    static Optional<EnhancedStatusCode> find(String text) {
        String[] parts = text.split("\\.", 4);
        if (parts.length != 3) {
            return Optional.empty();
        }
        int status = number(parts[0]);
        int subject = number(parts[1]);
        int detail = number(parts[2]);
        boolean code = (status == 2 || status == 4 || status == 5) && subject >= 0 && detail >= 0;
        return code ? Optional.of(new EnhancedStatusCode(status, subject, detail)) : Optional.empty();
    }

    /** What it stands for, where that is registered or in wide use. */
    public Optional<EnumeratedStatus> enumerated() {
        return EnumeratedStatus.find(subject, detail);
    }

    private static int number(String digits) {
        if (digits.isEmpty() || digits.length() > 3 || digits.length() > 1 && digits.charAt(0) == '0') {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    @Override
    public String toString() {
        return status + "." + subject + '.' + detail;
    }
}
