package dev.ehlo.smtp.mta.check;

import java.util.Optional;

/**
 * What came of TLS at a port.
 *
 * @param state how it comes to TLS
 * @param said why not, where it fails; printable
 * @param protocol such as {@code TLSv1.3}; empty without a session
 * @param suite as registered with IANA; empty without a session
 * @param certificate what it shows
 */
public record TlsFacts(
        TlsState state, String said, String protocol, String suite, Optional<CertificateFacts> certificate) {
    /** Without a session. */
    static TlsFacts none(TlsState state, String said) {
        return new TlsFacts(state, said, "", "", Optional.empty());
    }

    /** Whether octets go under TLS. */
    public boolean isUp() {
        return state == TlsState.STARTTLS || state == TlsState.IMPLICIT;
    }
}
