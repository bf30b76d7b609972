package dev.ehlo.smtp.mta.check;

/**
 * What a server says to a recipient, of a message that is never sent.
 *
 * @param isOfSender whether that is its reply to MAIL, so that it was not asked about the recipient
 * @param code of its reply; 0 if none came, or none of SMTP
 * @param said its reply, or why there is none
 */
public record RecipientFacts(String recipient, boolean isOfSender, int code, String said) {
    /** Whether it would take mail. */
    public boolean isTaken() {
        return !isOfSender && code / 100 == 2;
    }
}
