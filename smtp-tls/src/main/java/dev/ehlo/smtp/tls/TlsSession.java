package dev.ehlo.smtp.tls;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * What a finished handshake came to: for trace fields, logs and policy.
 *
 * @param protocol {@code TLSv1.3} or {@code TLSv1.2}
 * @param cipherSuite the name of the suite as registered with IANA
 * @param peerChain the peer's certificates, its own first; empty if it showed none
 * @param serverName the name the client asked for (SNI), if it did
 * @param applicationProtocol the protocol agreed by ALPN, if one was
 */
public record TlsSession(
        String protocol,
        String cipherSuite,
        List<X509Certificate> peerChain,
        Optional<String> serverName,
        Optional<String> applicationProtocol) {}
