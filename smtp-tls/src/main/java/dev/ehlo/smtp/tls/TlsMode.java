package dev.ehlo.smtp.tls;

/** When a connection turns to TLS. */
public enum TlsMode {
    /** Never. */
    NONE,
    /** In clear to begin with, under TLS after the STARTTLS command. RFC 3207. */
    STARTTLS,
    /** From the first octet. RFC 8314 §3. */
    IMPLICIT
}
