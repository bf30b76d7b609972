package dev.ehlo.smtp.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsServerBuilderTest {
    private static final char[] PASSWORD = "open sesame".toCharArray();

    @TempDir
    private Path directory;

    private TestAuthority authority;

    @BeforeEach
    void found() throws Exception {
        authority = new TestAuthority(directory, "root");
    }

    @Test
    void readsPkcs12() throws Exception {
        TestAuthority.Issued issued = authority.issue("mx", "EC", "mx.example.org");
        Path file = issued.pkcs12(PASSWORD);
        assertThat(TlsContext.server().pkcs12(file, PASSWORD).build().certificate())
                .contains(issued.certificate());
        assertThatThrownBy(() ->
                        TlsContext.server().pkcs12(file, "wrong".toCharArray()).build())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("cannot be decrypted")
                .hasMessageNotContaining("wrong");
        Path pem = issued.chainFile();
        assertThatThrownBy(() -> TlsContext.server().pkcs12(pem, PASSWORD).build())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(pem + " cannot be read as PKCS#12");
    }

    @Test
    void keepsACopyOfAPassword() throws Exception {
        char[] password = PASSWORD.clone();
        TlsContext context = TlsContext.server()
                .pkcs12(authority.issue("mx", "EC").pkcs12(PASSWORD), password)
                .build();
        java.util.Arrays.fill(password, ' ');
        context.reload();
        assertThat(context.certificate()).isPresent();
    }

    @Test
    void saysWhichCertificateOfAChainIsOutOfOrder() throws Exception {
        TestAuthority.Issued mx = authority.issue("mx", "EC");
        TestAuthority.Issued other = authority.issue("other", "EC");
        Path key = mx.keyFile();
        Path shuffled = authority.chainFile(mx.certificate(), other.certificate(), authority.root());
        assertThatThrownBy(() -> TlsContext.pem(shuffled, key))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(shuffled + " is out of order: certificate 1, of CN=mx, is not issued by the next")
                .hasMessageContaining("CN=other");
        TestAuthority namesake = new TestAuthority(directory, "root");
        Path forged = authority.chainFile(mx.certificate(), namesake.root());
        assertThatThrownBy(() -> TlsContext.pem(forged, key)).hasMessageContaining("is out of order: certificate 1");
        assertThat(TlsContext.pem(authority.chainFile(mx.certificate(), authority.root()), key)
                        .certificate())
                .contains(mx.certificate());
        assertThat(TlsContext.pem(authority.chainFile(mx.certificate()), key).certificate())
                .contains(mx.certificate());
    }

    @Test
    void saysThatACertificateIsExpiredOrNotValidYet() throws Exception {
        TestAuthority.Issued mx = authority.issue("mx", "EC");
        Path chain = mx.chainFile();
        Path key = mx.keyFile();
        Instant end = mx.certificate().getNotAfter().toInstant();
        Instant begin = mx.certificate().getNotBefore().toInstant();
        assertThat(builder(chain, key, end).build().certificate()).isPresent();
        assertThatThrownBy(() -> builder(chain, key, end.plusMillis(1)).build())
                .isInstanceOf(IOException.class)
                .hasMessage("the certificate of CN=mx in " + chain + " is expired since " + end);
        assertThatThrownBy(() -> builder(chain, key, begin.minusMillis(1)).build())
                .isInstanceOf(IOException.class)
                .hasMessage("the certificate of CN=mx in " + chain + " is not valid before " + begin);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA1024", "RSA2047", "DSA"})
    void saysThatAKeyIsTooWeakOrOfNoUse(String algorithm) throws Exception {
        TestAuthority.Issued mx = authority.issue("mx", algorithm);
        Path key = mx.keyFile();
        assertThatThrownBy(() -> TlsContext.pem(mx.chainFile(), key))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(key.toString())
                .hasMessageMatching(".*(is too weak: RSA of (1024|2047) bits|TLS does not sign with: DSA).*");
    }

    @Test
    void saysThatACurveIsOfNoUse() throws Exception {
        var generator = java.security.KeyPairGenerator.getInstance(
                "EC", new org.bouncycastle.jce.provider.BouncyCastleProvider());
        generator.initialize(new java.security.spec.ECGenParameterSpec("secp256k1"));
        TestAuthority.Issued mx = authority.issue("mx", generator.generateKeyPair());
        Path chain = mx.chainFile();
        Path key = mx.keyFile();
        assertThatThrownBy(() -> TlsContext.pem(chain, key))
                .isInstanceOf(IOException.class)
                .message()
                .containsAnyOf(chain.toString(), key.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "secp384r1", "secp521r1", "Ed25519", "Ed448", "RSA"})
    void takesAKeyThatTlsSignsWith(String algorithm) throws Exception {
        TestAuthority.Issued mx = authority.issue("mx", algorithm);
        assertThat(TlsContext.pem(mx.chainFile(), mx.keyFile()).certificate()).contains(mx.certificate());
    }

    @Test
    void saysThatAFileIsEmptyOrADirectoryOrNotThere() throws Exception {
        Path empty = Files.createFile(directory.resolve("empty.pem"));
        Path missing = directory.resolve("missing.p12");
        Path key = authority.issue("mx", "EC").keyFile();
        assertThatThrownBy(() -> TlsContext.pem(empty, key)).hasMessage(empty + " is empty");
        assertThatThrownBy(() -> TlsContext.server().pkcs12(empty, PASSWORD).build())
                .hasMessage(empty + " is empty");
        assertThatThrownBy(() -> TlsContext.server().pkcs12(missing, PASSWORD).build())
                .hasMessage(missing + " does not exist");
        assertThatThrownBy(() -> TlsContext.pem(directory, key))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(directory + " cannot be read as PEM");
    }

    @Test
    void keepsTheOldKeysIfAnyOfTheNewIsWrong() throws Exception {
        TestAuthority.Issued first = authority.issue("mx", "EC", "mx.example.org");
        TestAuthority.Issued second = authority.issue("other", "EC", "mx.example.net");
        TestAuthority.Issued renewed = authority.issue("renewed", "EC", "mx.example.org");
        Path chain = first.chainFile();
        Path key = first.keyFile();
        Path otherKey = second.keyFile();
        AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
        TlsContext context = TlsContext.server()
                .certificate(chain, key)
                .certificate(second.chainFile(), otherKey)
                .time(now::get)
                .build();
        TlsContext sibling = context.withOwnSessions();

        replace(renewed.chainFile(), chain);
        assertThatThrownBy(context::reload).isInstanceOf(IOException.class).hasMessageContaining(key.toString());
        assertThat(context.certificate()).contains(first.certificate());
        replace(renewed.keyFile(), key);
        Files.writeString(otherKey, "");
        assertThatThrownBy(context::reload).hasMessage(otherKey + " is empty");
        assertThat(context.certificate()).contains(first.certificate());
        replace(second.keyFile(), otherKey);
        now.set(Instant.now().plus(Duration.ofDays(365)));
        assertThatThrownBy(context::reload).hasMessageContaining("is expired since");
        now.set(Instant.now());
        context.reload();
        assertThat(context.certificate()).contains(renewed.certificate());
        assertThat(sibling.certificate()).contains(renewed.certificate());
    }

    @Test
    void needsACertificate() {
        assertThatThrownBy(() -> TlsContext.server().build()).isInstanceOf(IllegalStateException.class);
        TlsContext client = TlsContext.client(ClientTrust.insecure(), "localhost");
        assertThatThrownBy(client::reload).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(client::withOwnSessions).isInstanceOf(IllegalStateException.class);
    }

    private static TlsServerBuilder builder(Path chain, Path key, Instant now) {
        return TlsContext.server().certificate(chain, key).time(InstantSource.fixed(now));
    }

    private static void replace(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
}
