package dev.ehlo.smtp.tls.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.tls.ClientCertificates;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TestAuthority;
import dev.ehlo.smtp.tls.TlsContext;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class ClientJudgeTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource(names = {"ASKED", "REQUIRED"})
    void letsNoSessionOfAJudgedClientLiveForADay(ClientCertificates asked) throws Exception {
        TestAuthority authority = new TestAuthority(directory, "root");
        TestAuthority.Issued own = authority.issue("mx", "EC", "mx.example.org");
        TestAuthority.Issued client = authority.issue("client", "EC");
        SSLEngine judging = TlsContext.server()
                .certificate(own.chainFile(), own.keyFile())
                .clientCertificates(asked, ClientTrust.pem(authority.rootFile()))
                .build()
                .withOwnSessions()
                .newEngine();
        TlsSide server = new TlsSide(judging);
        new TlsSide(showing(client)).handshakeWith(server);
        assertThat(server.layer.session().peerChain()).isEqualTo(client.chain());
        assertThat(judging.getSession().getSessionContext().getSessionTimeout())
                .isEqualTo((int) Duration.ofHours(1).toSeconds());
    }

    private static SSLEngine showing(TestAuthority.Issued own) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("own", own.key(), new char[0], own.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), new TrustManager[] {new TrustsAll()}, null);
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(true);
        return engine;
    }
}
