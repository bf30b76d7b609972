package dev.ehlo.smtp.server;

import java.util.Locale;

/**
 * Why the server let somebody not in, or did not do what was asked: named, so that each reason can be counted. Told by
 * {@link ServerEvents#refused}, {@link ServerEvents#loginFailed} and {@link ServerEvents#limited}. More are added as the
 * server learns to tell more.
 */
public enum Refusal {
    /** What AUTH brought is nobody's. RFC 4954 §6. */
    BAD_CREDENTIALS,
    /** A bare CR or LF stands in content of another server: smuggling, or a defect of its. RFC 5321 §2.3.8. */
    BARE_NEWLINE,
    /** One From and one Sender at most are wanted of a user, with addresses. RFC 5322 §3.6. */
    BAD_AUTHORS,
    /** Connections come from an address or a network more often than they may. */
    CONNECTION_RATE,
    /** The client's network is denied. */
    DENIED,
    /** The client did not wait for the greeting. RFC 5321 §4.3.1. */
    EARLY_TALKER,
    /** More commands were refused than a session may have. */
    ERRORS,
    /** More logins failed than a session may have. */
    FAILED_LOGINS,
    /** The header of a message is too large. */
    HEADER_SIZE,
    /** More commands brought no message on its way than a session may have. */
    IDLE_COMMANDS,
    /** A line is too long. RFC 5321 §4.5.3.1. */
    LINE_LENGTH,
    /** Something on this side failed, and the client may try again. */
    LOCAL_ERROR,
    /** Too many logins have failed of late, from there or of that name; not that this one is wrong. RFC 4954 §6. */
    LOCKED_OUT,
    /** The client is a user's, and has to log in first. */
    LOGIN_NEEDED,
    /** Too many Received fields. RFC 5321 §6.3. */
    MAIL_LOOP,
    /** Messages come from an address, a network or a login more often than they may. */
    MESSAGE_RATE,
    /** The message is larger than is taken. RFC 1870. */
    MESSAGE_SIZE,
    /** A proxy did not say whom it speaks for. */
    NO_PROXY_HEADER,
    /** Octets came before their turn. RFC 2920 §3.1, RFC 3207 §6. */
    OUT_OF_STEP,
    /** The server is short of something, and sheds load. RFC 5321 §3.8, §4.2.3. */
    OVERLOAD,
    /** More recipients than a transaction may have. RFC 5321 §4.5.3.1.8. */
    RECIPIENTS,
    /** Recipients come from an address, a network or a login more often than they may. */
    RECIPIENT_RATE,
    /** More recipients were refused than a session may have. */
    REFUSED_RECIPIENTS,
    /** Mail from a stranger for elsewhere. RFC 5321 §7.9. */
    RELAYING,
    /** The sender, by MAIL or by the header, is not the login's to use. */
    SENDER_NOT_OWNED,
    /** The server goes down. RFC 5321 §3.8. */
    SHUTTING_DOWN,
    /** The client kept silent too long, or got nowhere. RFC 5321 §4.5.3.2.7. */
    TIMEOUT,
    /** Nothing but STARTTLS would have done. RFC 3207 §4. */
    TLS_NEEDED,
    /** No room for another connection in all. RFC 5321 §3.8. */
    TOO_MANY_CONNECTIONS,
    /** More connections than one address may have. */
    TOO_MANY_OF_ADDRESS,
    /** More connections than one network may have. */
    TOO_MANY_OF_NETWORK,
    /** More transactions than a session may have. RFC 9422 §4. */
    TRANSACTIONS;

    private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** As it stands in logs and counters: {@code early-talker}. */
    public String word() {
        return word;
    }
}
