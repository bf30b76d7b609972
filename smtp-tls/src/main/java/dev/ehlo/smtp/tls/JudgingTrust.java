package dev.ehlo.smtp.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Judges a server in the middle of the handshake by a client's policy, so that one that is refused gets an alert and
 * nothing more; and keeps the verdict in the session, for when that is resumed.
 */
final class JudgingTrust extends X509ExtendedTrustManager {
    private final TlsPolicy policy;
    private final Clock clock;

    JudgingTrust(TlsPolicy policy, Clock clock) {
        this.policy = policy;
        this.clock = clock;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        HandshakeNotes.of(engine).full();
        String host = Objects.requireNonNull(engine.getPeerHost(), "the engine is for nobody");
        TlsVerdict verdict = policy.judge(List.of(chain), host, clock.instant());
        if (!verdict.accepted()) {
            throw new RefusedCertificate(verdict);
        }
        verdict.keepIn(engine.getHandshakeSession());
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
        checkServerTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {
        throw new UnsupportedOperationException("a server is judged by its name, which an engine knows");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
        throw new UnsupportedOperationException("a client's policy is about servers");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
