package dev.ehlo.smtp.tls;

import java.security.cert.CertificateException;

/** Ends a handshake with an alert, and takes the verdict to whoever asks why it ended. */
final class RefusedCertificate extends CertificateException {
    private static final long serialVersionUID = 1;

    private final transient TlsVerdict verdict;

    RefusedCertificate(TlsVerdict verdict) {
        super(verdict.reason());
        this.verdict = verdict;
    }

    TlsVerdict verdict() {
        return verdict;
    }
}
