package dev.ehlo.smtp.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TestCertificateTest {
    @Test
    void isSelfSignedForItsNamesAndValidNow() throws Exception {
        String many = "a".repeat(60) + ".example";
        X509Certificate certificate = TestCertificate.selfSigned("mx.example", "127.0.0.1", "::1", many)
                .x509();
        certificate.checkValidity();
        certificate.verify(certificate.getPublicKey());
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=mx.example");
        assertThat(certificate.getBasicConstraints()).isNotNegative();
        assertThat(certificate.getSubjectAlternativeNames())
                .containsExactly(
                        List.of(2, "mx.example"),
                        List.of(7, "127.0.0.1"),
                        List.of(7, "0:0:0:0:0:0:0:1"),
                        List.of(2, many));
    }

    @Test
    void canBeExpired() {
        assertThatThrownBy(() -> TestCertificate.expired("a").x509().checkValidity())
                .isInstanceOf(CertificateExpiredException.class);
    }

    @Test
    void writesAPairThatFits(@TempDir Path directory) throws Exception {
        Path chain = directory.resolve("chain.pem");
        Path key = directory.resolve("key.pem");
        TestCertificate.selfSigned("localhost").writePem(chain, key);
        X509Certificate certificate;
        try (InputStream in = Files.newInputStream(chain)) {
            certificate =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
        List<String> lines = Files.readAllLines(key);
        assertThat(lines).startsWith("-----BEGIN PRIVATE KEY-----").endsWith("-----END PRIVATE KEY-----");
        byte[] der = Base64.getDecoder().decode(String.join("", lines.subList(1, lines.size() - 1)));
        PrivateKey secret = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(secret);
        byte[] signed = signature.sign();
        signature.initVerify(certificate);
        assertThat(signature.verify(signed)).isTrue();
    }

    @Test
    void differsFromCallToCall() {
        assertThat(TestCertificate.selfSigned("a").x509())
                .isNotEqualTo(TestCertificate.selfSigned("a").x509());
    }

    @Test
    void refusesWhatLooksLikeAnAddressAndIsNone() {
        assertThatThrownBy(() -> TestCertificate.selfSigned("1.2.3.456")).isInstanceOf(IllegalArgumentException.class);
        assertThatCode(() -> TestCertificate.selfSigned("1and1.example")).doesNotThrowAnyException();
    }
}
