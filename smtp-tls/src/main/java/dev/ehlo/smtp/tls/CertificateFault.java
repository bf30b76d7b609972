package dev.ehlo.smtp.tls;

/** What is wrong with a server's certificate, by the kinds that reports on TLS know. RFC 8460 §4.3. */
public enum CertificateFault {
    /** It, or one of its issuers', is not valid any more. */
    EXPIRED,
    /** It is for other names. */
    OTHER_NAME,
    /** Nobody who is trusted vouches for it. */
    NOT_TRUSTED,
    /** No TLSA record tells it. */
    NOT_OF_RECORD,
    /** The policy of the domain names other hosts. */
    NOT_OF_POLICY,
    /** Something else. */
    OTHER
}
