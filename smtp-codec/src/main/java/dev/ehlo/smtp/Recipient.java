package dev.ehlo.smtp;

/**
 * One recipient of an envelope: the forward-path and the parameters of RCPT TO. RFC 5321 §4.1.1.3.
 *
 * @param mailbox the forward-path; a source route has been dropped already (RFC 5321 appendix C)
 * @param parameters what RCPT asked for beside it
 */
public record Recipient(Mailbox mailbox, EsmtpParameters parameters) {
    /**
     * A recipient without parameters.
     *
     * @throws IllegalArgumentException if the text is no mailbox
     */
    public static Recipient of(String mailbox) {
        return of(Mailbox.parse(mailbox));
    }

    /** A recipient without parameters. */
    public static Recipient of(Mailbox mailbox) {
        return new Recipient(mailbox, EsmtpParameters.NONE);
    }

    /** The mailbox, without the parameters. */
    @Override
    public String toString() {
        return mailbox.toString();
    }
}
