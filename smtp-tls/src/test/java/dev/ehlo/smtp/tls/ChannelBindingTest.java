package dev.ehlo.smtp.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The binding that a server's certificate gives. RFC 5929 §4.1. */
class ChannelBindingTest {
    @ParameterizedTest
    @CsvSource({
        "RSA, SHA256withRSA, SHA-256",
        "RSA, SHA384withRSA, SHA-384",
        "RSA, SHA512withRSA, SHA-512",
        "RSA, SHA1withRSA, SHA-256",
        "RSA, MD5withRSA, SHA-256",
        "RSA, SHA256withRSAandMGF1, SHA-256",
        "RSA, SHA384withRSAandMGF1, SHA-384",
        "EC, SHA256withECDSA, SHA-256",
        "EC, SHA512withECDSA, SHA-512",
        "EC, SHA1withECDSA, SHA-256"
    })
    void isMadeByTheHashOfTheSignature(String key, String signature, String hash) throws Exception {
        X509Certificate certificate = certificate(key, signature);
        ChannelBinding binding = ChannelBinding.ofServer(certificate).orElseThrow();
        assertThat(binding.type()).isEqualTo("tls-server-end-point");
        assertThat(binding.data()).isEqualTo(MessageDigest.getInstance(hash).digest(certificate.getEncoded()));
    }

    @Test
    void isNotDefinedWhereTheSignatureHasNoHashOfItsOwn() throws Exception {
        assertThat(ChannelBinding.ofServer(certificate("Ed25519", "Ed25519"))).isEmpty();
    }

    private static X509Certificate certificate(String key, String signature) throws Exception {
        KeyPair pair = TestAuthority.pair(key);
        X500Name name = new X500Name("CN=mx");
        byte[] der = new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(Instant.now().minusSeconds(60)),
                        Date.from(Instant.now().plusSeconds(60)),
                        name,
                        pair.getPublic())
                .build(new JcaContentSignerBuilder(signature)
                        .setProvider(new BouncyCastleProvider())
                        .build(pair.getPrivate()))
                .getEncoded();
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }
}
