package dev.ehlo.smtp.codec;

/** The commands that the parser knows by name. */
public enum Verb {
    /** RFC 5321 §4.1.1.1. */
    HELO(Argument.DOMAIN),
    /** RFC 5321 §4.1.1.1. */
    EHLO(Argument.DOMAIN),
    /** RFC 2033 §4.1. */
    LHLO(Argument.DOMAIN),
    /** RFC 5321 §4.1.1.2. */
    MAIL(Argument.REVERSE_PATH),
    /** RFC 5321 §4.1.1.3. */
    RCPT(Argument.FORWARD_PATH),
    /** RFC 5321 §4.1.1.4. */
    DATA(Argument.NONE),
    /** RFC 3030 §2. */
    BDAT(Argument.CHUNK),
    /** RFC 5321 §4.1.1.5. */
    RSET(Argument.NONE),
    /** RFC 5321 §4.1.1.9. */
    NOOP(Argument.OPTIONAL_TEXT),
    /** RFC 5321 §4.1.1.10. */
    QUIT(Argument.NONE),
    /** RFC 5321 §4.1.1.6. */
    VRFY(Argument.TEXT),
    /** RFC 5321 §4.1.1.7. */
    EXPN(Argument.TEXT),
    /** RFC 5321 §4.1.1.8. */
    HELP(Argument.OPTIONAL_TEXT),
    /** RFC 1985 §5. */
    ETRN(Argument.TEXT),
    /** RFC 3207 §4. */
    STARTTLS(Argument.NONE),
    /** RFC 4954 §4. */
    AUTH(Argument.SASL),
    /** Postfix's XCLIENT: a trusted proxy names the client. */
    XCLIENT(Argument.TEXT),
    /** Postfix's XFORWARD: a filter names the client for the log. */
    XFORWARD(Argument.TEXT),
    /** Anything else; the line is kept as it came. */
    UNKNOWN(Argument.OPTIONAL_TEXT);

    enum Argument {
        NONE,
        OPTIONAL_TEXT,
        TEXT,
        DOMAIN,
        REVERSE_PATH,
        FORWARD_PATH,
        CHUNK,
        SASL
    }

    final Argument argument;

    Verb(Argument argument) {
        this.argument = argument;
    }
}
