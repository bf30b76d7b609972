package dev.ehlo.smtp.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerKeysTest {
    @TempDir
    private Path directory;

    @Test
    void goesOnInAHandshakeWithTheKeysThatItBeganWith() throws Exception {
        TestAuthority authority = new TestAuthority(directory, "root");
        TestAuthority.Issued rsa = authority.issue("old", "RSA", "mx.example.org");
        TestAuthority.Issued ecdsa = authority.issue("new", "EC", "mx.example.org");
        Deque<TestAuthority.Issued> renewals = new ArrayDeque<>(List.of(rsa, ecdsa, rsa));
        KeySource source = now -> {
            TestAuthority.Issued next = renewals.remove();
            return new CertifiedKey(next.chain(), next.key());
        };
        ServerKeys keys = new ServerKeys(List.of(source), Clock.systemUTC());
        SSLEngine begun = TlsContext.selfSigned("localhost").newEngine();

        // As the engine does in TLS 1.3: it asks for one kind after the other.
        assertThat(keys.chooseEngineServerAlias("EC", null, begun)).isNull();
        keys.reload();
        String alias = keys.chooseEngineServerAlias("RSA", null, begun);
        assertThat(alias).isNotNull();
        assertThat(keys.getPrivateKey(alias)).isEqualTo(rsa.key());
        assertThat(keys.getCertificateChain(alias)).containsExactlyElementsOf(rsa.chain());

        SSLEngine later = TlsContext.selfSigned("localhost").newEngine();
        String young = keys.chooseEngineServerAlias("EC", null, later);
        assertThat(keys.getPrivateKey(young)).isEqualTo(ecdsa.key());
        keys.reload();
        assertThat(keys.getPrivateKey(young)).isEqualTo(ecdsa.key());
        assertThat(keys.getCertificateChain(young)).containsExactlyElementsOf(ecdsa.chain());
        // Those that it began with are gone.
        assertThat(keys.getPrivateKey(keys.chooseEngineServerAlias("RSA", null, begun)))
                .isEqualTo(rsa.key());
    }
}
