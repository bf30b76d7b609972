package dev.ehlo.smtp;

import java.util.Optional;

/** The reply codes that are defined, with what each says and where. RFC 5321 §4.2.3 and the extensions. */
public enum ReplyCode {
    SYSTEM_STATUS(211, "System status, or system help reply", "RFC 5321 §4.2.3"),
    HELP(214, "Help message", "RFC 5321 §4.2.3"),
    READY(220, "Service ready", "RFC 5321 §4.2.3"),
    CLOSING(221, "Service closing transmission channel", "RFC 5321 §4.2.3"),
    AUTHENTICATED(235, "Authentication succeeded", "RFC 4954 §6"),
    OK(250, "Requested mail action okay, completed", "RFC 5321 §4.2.3"),
    WILL_FORWARD(251, "User not local, will forward", "RFC 5321 §4.2.3"),
    CANNOT_VERIFY(252, "Cannot VRFY user, but will accept message and attempt delivery", "RFC 5321 §4.2.3"),
    CHALLENGE(334, "Server challenge of an authentication exchange", "RFC 4954 §4"),
    START_CONTENT(354, "Start mail input, end with <CRLF>.<CRLF>", "RFC 5321 §4.2.3"),
    NOT_AVAILABLE(421, "Service not available, closing transmission channel", "RFC 5321 §4.2.3"),
    PASSWORD_TRANSITION(432, "A password transition is needed", "RFC 4954 §6"),
    MAILBOX_BUSY(450, "Requested mail action not taken: mailbox unavailable for now", "RFC 5321 §4.2.3"),
    LOCAL_ERROR(451, "Requested action aborted: local error in processing", "RFC 5321 §4.2.3"),
    INSUFFICIENT_STORAGE(452, "Requested action not taken: insufficient system storage", "RFC 5321 §4.2.3"),
    TEMPORARY_FAILURE(
            454, "Temporary authentication failure, or TLS not available for now", "RFC 4954 §6, RFC 3207 §4"),
    CANNOT_ACCOMMODATE(455, "Server unable to accommodate parameters", "RFC 5321 §4.2.3"),
    SYNTAX_ERROR(500, "Syntax error, command unrecognized", "RFC 5321 §4.2.3"),
    BAD_ARGUMENTS(501, "Syntax error in parameters or arguments", "RFC 5321 §4.2.3"),
    NOT_IMPLEMENTED(502, "Command not implemented", "RFC 5321 §4.2.3"),
    BAD_SEQUENCE(503, "Bad sequence of commands", "RFC 5321 §4.2.3"),
    PARAMETER_NOT_IMPLEMENTED(504, "Command parameter not implemented", "RFC 5321 §4.2.3"),
    NO_MAIL_HERE(521, "Host does not accept mail", "RFC 7504"),
    ENCRYPTION_NEEDED(523, "Encryption needed", "RFC 5248"),
    AUTH_OR_TLS_FIRST(530, "Authentication required, or STARTTLS first", "RFC 4954 §6, RFC 3207 §4"),
    MECHANISM_TOO_WEAK(534, "Authentication mechanism is too weak", "RFC 4954 §6"),
    BAD_CREDENTIALS(535, "Authentication credentials invalid", "RFC 4954 §6"),
    ENCRYPTION_FOR_MECHANISM(538, "Encryption required for requested authentication mechanism", "RFC 4954 §6"),
    MAILBOX_UNAVAILABLE(550, "Requested action not taken: mailbox unavailable", "RFC 5321 §4.2.3"),
    NOT_LOCAL(551, "User not local, another forward-path is told", "RFC 5321 §4.2.3"),
    EXCEEDED_STORAGE(552, "Requested mail action aborted: exceeded storage allocation", "RFC 5321 §4.2.3"),
    MAILBOX_NAME_NOT_ALLOWED(553, "Requested action not taken: mailbox name not allowed", "RFC 5321 §4.2.3"),
    TRANSACTION_FAILED(554, "Transaction failed, or no SMTP service here", "RFC 5321 §4.2.3"),
    UNKNOWN_PARAMETER(555, "MAIL or RCPT parameters not recognized or not implemented", "RFC 5321 §4.2.3"),
    DOMAIN_TAKES_NO_MAIL(556, "Domain does not accept mail", "RFC 7504");

    private final int code;
    private final String description;
    private final String source;

    ReplyCode(int code, String description, String source) {
        this.code = code;
        this.description = description;
        this.source = source;
    }

    /** The entry of that code; empty if there is none, and the class of the code is all that it says. */
    public static Optional<ReplyCode> find(int code) {
        for (ReplyCode each : values()) {
            if (each.code == code) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** 250. */
    public int code() {
        return code;
    }

    /** In a few words, in English. */
    public String description() {
        return description;
    }

    /** The document that defines it: {@code RFC 5321 §4.2.3}. */
    public String source() {
        return source;
    }
}
