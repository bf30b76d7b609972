package dev.ehlo.smtp.mta.check;

/**
 * What a server says to a recipient, of a message that is never sent.
 *
 * @param code of its reply to RCPT, or to MAIL where that is refused; 0 if none came
 * @param said its reply; printable
 */
public record RecipientFacts(String recipient, int code, String said) {
    /** Whether it would take mail. */
    public boolean isTaken() {
        return code / 100 == 2;
    }
}
