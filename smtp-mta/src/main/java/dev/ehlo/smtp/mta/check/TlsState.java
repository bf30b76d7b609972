package dev.ehlo.smtp.mta.check;

/** How a port comes to TLS. */
public enum TlsState {
    /** Nobody came so far as to know. */
    UNKNOWN,
    /** It begins in clear, and offers no STARTTLS. */
    NOT_OFFERED,
    /** It offers STARTTLS, and does not begin when asked. */
    REFUSED,
    /** The handshake fails. */
    FAILED,
    /** By STARTTLS. */
    STARTTLS,
    /** From the first octet. */
    IMPLICIT
}
