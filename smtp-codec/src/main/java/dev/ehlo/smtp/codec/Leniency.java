package dev.ehlo.smtp.codec;

/**
 * What a {@link CommandParser} may take although the grammar of RFC 5321 §4.1.2 has no such form: seen from old
 * devices and scripts, harmless where the client is known, and to be refused where it is not.
 */
public enum Leniency {
    /** Blanks between the colon and the path: {@code MAIL FROM: <a@example.org>}. */
    SPACE_AFTER_COLON,
    /** A path without its angle brackets: {@code RCPT TO:a@example.org}. The null reverse-path keeps its own. */
    MISSING_BRACKETS,
    /** A parameter whose keyword is none of {@link dev.ehlo.smtp.EsmtpKeyword}, for an extension of one's own. */
    UNKNOWN_PARAMETER
}
