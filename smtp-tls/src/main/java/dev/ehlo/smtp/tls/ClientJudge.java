package dev.ehlo.smtp.tls;

import dev.ehlo.smtp.tls.reactor.Escaped;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Judges the certificates of clients for a server that asks for them. */
final class ClientJudge extends X509ExtendedTrustManager {
    private static final Logger LOG = LoggerFactory.getLogger(ClientJudge.class);

    private static final String PASSED_OVER = ClientJudge.class.getName();

    /** Null for taking any. */
    private final @Nullable X509ExtendedTrustManager trust;

    private final boolean required;

    ClientJudge(ClientTrust trust, boolean required) {
        this.trust = !trust.verified()
                ? null
                : Stream.of(trust.managers())
                        .filter(X509ExtendedTrustManager.class::isInstance)
                        .map(X509ExtendedTrustManager.class::cast)
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException("this JVM cannot check certificates"));
        this.required = required;
    }

    /** Whether the client's chain is one that was not vouched for, and not required. */
    static boolean isPassedOver(SSLSession session) {
        return session.getValue(PASSED_OVER) != null;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        if (trust == null) {
            return;
        }
        try {
            trust.checkClientTrusted(chain, authType, engine);
        } catch (CertificateException e) {
            if (required) {
                throw e;
            }
            LOG.debug("a client's certificate is passed over", Escaped.error(e));
            // In the session, so that it stays with it when it is resumed; no ticket is made of a session with a value.
            engine.getHandshakeSession().putValue(PASSED_OVER, PASSED_OVER);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("engines alone are made of this");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("a server judges clients");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("a server judges clients");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("a server judges clients");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return trust == null ? new X509Certificate[0] : trust.getAcceptedIssuers();
    }
}
