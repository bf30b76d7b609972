package dev.ehlo.smtp.client;

/** What a session that begins in clear makes of STARTTLS. */
enum TlsUse {
    /** Leaves it. */
    NEVER,
    /** Takes it where it is offered, and goes on in clear where it is not or fails. RFC 7435. */
    IF_OFFERED,
    /** Stops before AUTH and MAIL where it can't be had. */
    REQUIRED
}
