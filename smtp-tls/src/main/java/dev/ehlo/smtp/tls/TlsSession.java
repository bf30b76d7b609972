package dev.ehlo.smtp.tls;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * What a finished handshake came to: for trace fields, logs and policy.
 *
 * @param protocol {@code TLSv1.3} or {@code TLSv1.2}
 * @param cipherSuite the name of the suite as registered with IANA
 * @param peerChain the peer's certificates, its own first; empty if it showed none, or one that
 *     its server asked for and does not trust ({@link ClientCertificates#ASKED}); of a resumed session those of the
 *     full handshake that it goes back to
 * @param serverName the name the client asked for (SNI), if it did
 * @param applicationProtocol the protocol agreed by ALPN, if one was
 * @param resumed whether it went on with the keys of an earlier session, so that no certificate was shown or judged
 *     anew (RFC 8446 §2.2)
 * @param verdict what a client's policy says of the server; empty on a server
 */
public record TlsSession(
        String protocol,
        String cipherSuite,
        List<X509Certificate> peerChain,
        Optional<String> serverName,
        Optional<String> applicationProtocol,
        boolean resumed,
        Optional<TlsVerdict> verdict) {
    /**
     * That of an engine of {@link TlsContext#newEngine} whose handshake is finished. For who moves the octets himself;
     * a connection of the server or the client comes with its own.
     *
     * @throws IllegalArgumentException if the engine is another's
     */
    public static TlsSession of(SSLEngine engine) {
        SSLSession session = engine.getSession();
        String protocol = engine.getApplicationProtocol();
        return new TlsSession(
                session.getProtocol(),
                session.getCipherSuite(),
                peerChain(session),
                serverName(session),
                protocol == null || protocol.isEmpty() ? Optional.empty() : Optional.of(protocol),
                !HandshakeNotes.of(engine).isFull(),
                TlsVerdict.of(session));
    }

    /** In a line of printable ASCII, for a log: {@code TLSv1.3 TLS_AES_128_GCM_SHA256 resumed; encrypted; …}. */
    @Override
    public String toString() {
        return protocol
                + ' '
                + cipherSuite
                + (resumed ? " resumed" : "")
                + verdict.map(each -> "; " + each.reason()).orElse("");
    }

    private static List<X509Certificate> peerChain(SSLSession session) {
        if (ClientJudge.isPassedOver(session)) {
            return List.of();
        }
        try {
            return Stream.of(session.getPeerCertificates())
                    .filter(X509Certificate.class::isInstance)
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (SSLPeerUnverifiedException e) {
            return List.of(); // a client shows none unless it is asked
        }
    }

    private static Optional<String> serverName(SSLSession session) {
        if (!(session instanceof ExtendedSSLSession extended)) {
            return Optional.empty();
        }
        return extended.getRequestedServerNames().stream()
                .filter(SNIHostName.class::isInstance)
                .map(name -> ((SNIHostName) name).getAsciiName())
                .findFirst();
    }
}
