package dev.ehlo.smtp.server;

/** What a port is for, and so who its clients are and what they may do. */
public enum Purpose {
    /** Other servers bring mail for local domains: no login, never a relay for strangers. RFC 5321 §3.6. */
    RELAY,
    /** The server's own users send mail to anyone: TLS, then a login, before MAIL. RFC 6409 §4.3, RFC 8314 §3.3. */
    SUBMISSION,
    /** A server inside hands over for final delivery, and hears of each recipient by itself: LMTP. RFC 2033. */
    DELIVERY
}
