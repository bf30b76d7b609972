package dev.ehlo.smtp.client;

import java.util.Locale;

/** Why there was no TLS as a policy wants it. RFC 8460 §4.3. */
public enum TlsFailure {
    /** The host does not offer STARTTLS, or refused it. */
    STARTTLS_NOT_SUPPORTED,
    /** The certificate is for other names. */
    CERTIFICATE_HOST_MISMATCH,
    /** The certificate, or one of its issuers', is not valid any more. */
    CERTIFICATE_EXPIRED,
    /** Nobody who is trusted vouches for the certificate. */
    CERTIFICATE_NOT_TRUSTED,
    /** Anything else in the handshake, or of the certificate. */
    VALIDATION_FAILURE,
    /** The TLSA records can't be looked up, or are not as DNSSEC has them. */
    DNSSEC_INVALID,
    /** The policy of MTA-STS can't be fetched. */
    STS_POLICY_FETCH_ERROR,
    /** What was fetched is no policy. */
    STS_POLICY_INVALID,
    /** The server of policies has no certificate that is trusted. */
    STS_WEBPKI_INVALID;

    /** As reports name it. */
    public String term() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
