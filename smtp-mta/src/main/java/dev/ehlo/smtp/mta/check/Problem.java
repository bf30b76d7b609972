package dev.ehlo.smtp.mta.check;

import java.util.Locale;

/** What can be wrong, the worst first: what keeps all mail away, then what keeps some away, then what only may. */
public enum Problem {
    NO_SUCH_DOMAIN,
    DNS_FAILS,
    NULL_MX,
    NO_ADDRESS,
    PORT_25_BLOCKED,
    FILTERED,
    UNREACHABLE,
    NO_ROUTE,
    REFUSED,
    SILENT,
    CLOSED,
    NOT_SMTP,
    TURNED_AWAY,
    CLEAR_ON_TLS_PORT,
    TLS_ON_CLEAR_PORT,
    TLSA_FAILS,
    DANE_MISMATCH,
    STS_HOST,
    STS_CERTIFICATE,
    NO_STARTTLS,
    STARTTLS_REFUSED,
    HANDSHAKE,
    NO_CERTIFICATE,
    EXPIRED,
    NOT_YET_VALID,
    WRONG_NAME,
    SELF_SIGNED,
    UNTRUSTED,
    NO_AUTH,
    LOGIN_WITHHELD,
    LOGIN_FAILED,
    LOGIN_REFUSED,
    LOGIN_NOWHERE,
    SENDER_REFUSED,
    RECIPIENT_REFUSED,
    RECIPIENT_LATER,
    RECIPIENT_UNKNOWN,
    STS_BROKEN,
    TLSRPT_BROKEN,
    RECORDS_FAIL,
    NO_MAIL_HOST,
    ENDS_SOON,
    AUTH_IN_CLEAR,
    TLSA_UNPROVEN,
    NO_PTR,
    PTR_UNCONFIRMED,
    LEFT_OUT;

    /** As {@code --json} names it: {@code port-25-blocked}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
