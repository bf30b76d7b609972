package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.Reply;

/** Why a command line is malformed, and the reply that says so. RFC 5321 §4.2.4, §4.3.2; codes of RFC 3463 §3.6. */
public enum CommandError {
    /** A CR, LF or NUL within the line, RFC 5321 §2.3.8. */
    BARE_CONTROL(500, "5.5.2", "Line holds a bare CR, a bare LF or a NUL"),
    /** An octet above 127 that is no part of well-formed UTF-8, RFC 6531 §3.3. */
    MALFORMED_UTF8(500, "5.5.2", "Line is not well-formed UTF-8"),
    /** An argument where the command takes none, RFC 5321 §4.1.1. */
    UNEXPECTED_ARGUMENT(501, "5.5.4", "This command takes no argument"),
    /** No argument where the command needs one. */
    MISSING_ARGUMENT(501, "5.5.4", "This command needs an argument"),
    /** An argument of the wrong form. */
    BAD_ARGUMENT(501, "5.5.4", "Malformed argument"),
    /** MAIL whose path is none. */
    BAD_REVERSE_PATH(501, "5.1.7", "Malformed reverse-path"),
    /** RCPT whose path is none. */
    BAD_FORWARD_PATH(501, "5.1.3", "Malformed forward-path"),
    /** A parameter that is not {@code keyword} or {@code keyword=value}. */
    BAD_PARAMETER(501, "5.5.4", "Malformed parameter"),
    /** A keyword given twice, RFC 5321 §4.1.1.11. */
    DUPLICATE_PARAMETER(501, "5.5.4", "Parameter given twice"),
    /** A keyword that is not known, RFC 5321 §4.1.1.11. */
    UNKNOWN_PARAMETER(555, "5.5.4", "Parameter not recognized"),
    /** A parameter of RCPT on MAIL, or the other way about. */
    MISPLACED_PARAMETER(555, "5.5.4", "Parameter not recognized with this command"),
    /** A value that the parameter's grammar does not have. */
    BAD_VALUE(501, "5.5.4", "Malformed value of a parameter"),
    /** A well-formed value of which nothing is known, RFC 5321 §4.2.2. */
    UNKNOWN_VALUE(504, "5.5.4", "Value of a parameter not implemented"),
    /** More parameters than {@link Command#MAX_PARAMETERS}. */
    TOO_MANY_PARAMETERS(501, "5.5.4", "Too many parameters");

    private final Reply reply;

    CommandError(int code, String enhanced, String text) {
        this.reply = Reply.of(code, EnhancedStatusCode.parse(enhanced), text);
    }

    /** The reply to a command line of this fault. */
    public Reply reply() {
        return reply;
    }
}
