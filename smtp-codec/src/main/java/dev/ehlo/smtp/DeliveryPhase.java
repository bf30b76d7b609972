package dev.ehlo.smtp;

/** How far an attempt had come with a host when it was decided for a recipient. In the order of a session. */
public enum DeliveryPhase {
    /** Until the connection stood. */
    CONNECT,
    /** From the first octet of the handshake to its last, or the reply to STARTTLS. RFC 3207 §4. */
    TLS,
    /** Until the greeting. RFC 5321 §3.1. */
    GREETING,
    /** EHLO, HELO or LHLO. RFC 5321 §3.2, RFC 2033 §4.1. */
    EHLO,
    /** The login. RFC 4954 §4. */
    AUTH,
    /** MAIL. RFC 5321 §4.1.1.2. */
    MAIL,
    /** RCPT of the recipient, or of those before it. RFC 5321 §4.1.1.3. */
    RCPT,
    /** DATA, until 354. RFC 5321 §4.1.1.4. */
    DATA,
    /** The content, until its last octet was put. RFC 5321 §4.1.1.4, RFC 3030 §2. */
    CONTENT,
    /** From there on, until the reply that says who has the message now. RFC 5321 §4.2.5. */
    END_OF_DATA
}
