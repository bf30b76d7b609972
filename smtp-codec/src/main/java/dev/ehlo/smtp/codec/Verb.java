package dev.ehlo.smtp.codec;

/** The commands that the parser knows by name. */
public enum Verb {
    /** RFC 5321 §4.1.1.1. */
    HELO,
    /** RFC 5321 §4.1.1.1. */
    EHLO,
    /** RFC 2033 §4.1. */
    LHLO,
    /** RFC 5321 §4.1.1.2. */
    MAIL,
    /** RFC 5321 §4.1.1.3. */
    RCPT,
    /** RFC 5321 §4.1.1.4. */
    DATA,
    /** RFC 3030 §2. */
    BDAT,
    /** RFC 5321 §4.1.1.5. */
    RSET,
    /** RFC 5321 §4.1.1.9. */
    NOOP,
    /** RFC 5321 §4.1.1.10. */
    QUIT,
    /** RFC 5321 §4.1.1.6. */
    VRFY,
    /** RFC 5321 §4.1.1.7. */
    EXPN,
    /** RFC 5321 §4.1.1.8. */
    HELP,
    /** RFC 1985 §5. */
    ETRN,
    /** RFC 3207 §4. */
    STARTTLS,
    /** RFC 4954 §4. */
    AUTH,
    /** Postfix's XCLIENT: a trusted proxy names the client. */
    XCLIENT,
    /** Postfix's XFORWARD: a filter names the client for the log. */
    XFORWARD,
    /** Anything else; the line is kept as it came. */
    UNKNOWN
}
