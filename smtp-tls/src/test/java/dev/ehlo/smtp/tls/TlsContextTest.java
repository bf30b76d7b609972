package dev.ehlo.smtp.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMEncryptor;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMEncryptorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemHeader;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemObjectGenerator;
import org.bouncycastle.util.io.pem.PemWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsContextTest {
    private static final char[] PASSPHRASE = "open sesame".toCharArray();

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"RSA,SHA256withRSA", "EC,SHA256withECDSA", "Ed25519,Ed25519"})
    void readsAKeyInPkcs8(String algorithm, String signature) throws Exception {
        KeyPair pair = pair(algorithm);
        Path chain = chain(certificate(pair, signature));
        assertReads(chain, key(new JcaPKCS8Generator(pair.getPrivate(), null)));
        Path encrypted = key(new JcaPKCS8Generator(
                pair.getPrivate(),
                new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                        .setProvider(new BouncyCastleProvider())
                        .setPassword(PASSPHRASE)
                        .build()));
        assertReadsWithPassphrase(chain, encrypted);
    }

    @ParameterizedTest
    @CsvSource({"RSA,SHA256withRSA,RSA PRIVATE KEY", "EC,SHA256withECDSA,EC PRIVATE KEY"})
    void readsAKeyInItsOldForm(String algorithm, String signature, String label) throws Exception {
        KeyPair pair = pair(algorithm);
        Path chain = chain(certificate(pair, signature));
        Path plain = key(oldForm(pair.getPrivate()));
        assertThat(plain).content().contains("BEGIN " + label);
        assertReads(chain, plain);
        Path encrypted = key(oldForm(
                pair.getPrivate(),
                new JcePEMEncryptorBuilder("AES-256-CBC")
                        .setProvider(new BouncyCastleProvider())
                        .build(PASSPHRASE)));
        assertThat(encrypted).content().contains("Proc-Type: 4,ENCRYPTED");
        assertReadsWithPassphrase(chain, encrypted);
    }

    @Test
    void readsAKeyBehindItsParametersAndACertificate() throws Exception {
        KeyPair pair = pair("EC");
        X509Certificate certificate = certificate(pair, "SHA256withECDSA");
        Path both = directory.resolve("both.pem");
        Files.writeString(
                both,
                "A comment.\n-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
                        + Files.readString(chain(certificate))
                        + Files.readString(key(oldForm(pair.getPrivate()))));
        assertReads(both, both);
    }

    @Test
    void saysThatAKeyIsOfAnotherCertificate() throws Exception {
        Path chain = chain(certificate(pair("EC"), "SHA256withECDSA"));
        for (String algorithm : List.of("EC", "RSA")) {
            Path key = key(oldForm(pair(algorithm).getPrivate()));
            assertThatThrownBy(() -> TlsContext.pem(chain, key))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(chain.toString())
                    .hasMessageContaining(key.toString())
                    .hasMessageContaining("is not that of");
        }
    }

    @Test
    void saysThatTheChainIsInTheWrongOrder() throws Exception {
        KeyPair pair = pair("EC");
        Path chain = chain(certificate(pair("EC"), "SHA256withECDSA"), certificate(pair, "SHA256withECDSA"));
        Path key = key(oldForm(pair.getPrivate()));
        assertThatThrownBy(() -> TlsContext.pem(chain, key))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not the first");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not PEM",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\n*!*\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nMIIB",
                "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
                "-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----\n"
            })
    void saysWhichFileIsNoPem(String content) throws Exception {
        KeyPair pair = pair("EC");
        Path bad = Files.writeString(directory.resolve("bad.pem"), content);
        Path chain = chain(certificate(pair, "SHA256withECDSA"));
        Path key = key(oldForm(pair.getPrivate()));
        assertThatThrownBy(() -> TlsContext.pem(bad, key))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(bad.toString());
        assertThatThrownBy(() -> TlsContext.pem(chain, bad))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(bad.toString());
        assertThatThrownBy(() -> ClientTrust.pem(bad))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(bad.toString());
    }

    @Test
    void saysThatAFileDoesNotExist() {
        Path missing = directory.resolve("missing.pem");
        assertThatThrownBy(() -> TlsContext.pem(missing, missing))
                .isInstanceOf(IOException.class)
                .hasMessage(missing + " does not exist");
    }

    @Test
    void saysThatThePassphraseIsMissingOrAnother() throws Exception {
        KeyPair pair = pair("EC");
        Path chain = chain(certificate(pair, "SHA256withECDSA"));
        Path encrypted = key(new JcaPKCS8Generator(
                pair.getPrivate(),
                new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                        .setProvider(new BouncyCastleProvider())
                        .setPassword(PASSPHRASE)
                        .build()));
        assertThatThrownBy(() -> TlsContext.pem(chain, encrypted))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no passphrase was given");
        assertThatThrownBy(() -> TlsContext.pem(chain, encrypted, "wrong".toCharArray()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(encrypted.toString())
                .hasMessageNotContaining("wrong");
    }

    @Test
    void makesACertificateForNamesAndAddresses() throws Exception {
        TlsContext context = TlsContext.selfSigned("mx.example.org", "127.0.0.1", "::1");
        X509Certificate certificate = context.certificate().orElseThrow();
        certificate.verify(certificate.getPublicKey());
        certificate.checkValidity();
        certificate.checkValidity(Date.from(Instant.now().plus(Duration.ofDays(365))));
        assertThat(certificate.getSubjectAlternativeNames().toString())
                .contains("[2, mx.example.org]", "[7, 127.0.0.1]", "[7, 0:0:0:0:0:0:0:1]");
        assertThat(certificate.getPublicKey().getAlgorithm()).isEqualTo("EC");
        assertThat(context.fingerprint()).matches("SHA-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}");
        assertThat(TlsContext.selfSigned("x").fingerprint()).isNotEqualTo(context.fingerprint());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\r\nb", "-x", "under_score", "999.1.1.1"})
    void refusesANameThatIsNone(String name) {
        assertThatThrownBy(() -> TlsContext.selfSigned(name)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(TlsContext::selfSigned).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void writesAKeyThatOnlyItsOwnerMayRead() throws Exception {
        Path chain = directory.resolve("chain.pem");
        Path key = directory.resolve("key.pem");
        Files.writeString(key, "something older");
        TlsContext.writeSelfSigned(chain, key, List.of("localhost"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        assertReads(chain, key);
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactlyInAnyOrder(chain, key);
        }
        assertThatThrownBy(() -> TlsContext.writeSelfSigned(
                        directory.resolve("none/chain.pem"), directory.resolve("none/key.pem"), List.of("localhost")))
                .isInstanceOf(IOException.class);
    }

    @Test
    void hasNoCertificateAsAClient() {
        TlsContext client = TlsContext.client(ClientTrust.insecure(), "localhost");
        assertThat(client.certificate()).isEmpty();
        assertThatThrownBy(client::fingerprint).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void asksForANameButNotForAnAddress() {
        ClientTrust trust = ClientTrust.insecure();
        for (String name : List.of("mx.example.org", "mx.example.org.", "localhost")) {
            assertThat(TlsContext.client(trust, name)
                            .newEngine()
                            .getSSLParameters()
                            .getServerNames()
                            .toString())
                    .contains(name.endsWith(".") ? "mx.example.org" : name)
                    .doesNotContain("org.");
        }
        for (String address : List.of("192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "under_score.example.org")) {
            assertThat(TlsContext.client(trust, address)
                            .newEngine()
                            .getSSLParameters()
                            .getServerNames())
                    .isNullOrEmpty();
        }
    }

    @Test
    void registersNoProvider() throws Exception {
        readsAKeyInPkcs8("RSA", "SHA256withRSA");
        assertThat(Security.getProvider("BC")).isNull();
    }

    private static void assertReads(Path chain, Path key) throws IOException {
        TlsContext context = TlsContext.pem(chain, key);
        assertThat(context.certificate()).contains(PemFiles.chain(chain).get(0));
        assertThat(context.newEngine().getUseClientMode()).isFalse();
    }

    private static void assertReadsWithPassphrase(Path chain, Path key) throws IOException {
        assertThat(TlsContext.pem(chain, key, PASSPHRASE).certificate())
                .contains(PemFiles.chain(chain).get(0));
    }

    private Path chain(X509Certificate... certificates) throws Exception {
        PemObjectGenerator[] generators = new PemObjectGenerator[certificates.length];
        for (int i = 0; i < certificates.length; i++) {
            generators[i] = new JcaMiscPEMGenerator(certificates[i]);
        }
        return write("chain", generators);
    }

    private Path key(PemObjectGenerator key) throws IOException {
        return write("key", key);
    }

    private Path write(String name, PemObjectGenerator... objects) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter pem = new PemWriter(text)) {
            for (PemObjectGenerator object : objects) {
                pem.writeObject(object);
            }
        }
        return Files.writeString(Files.createTempFile(directory, name, ".pem"), text.toString());
    }

    private static PemObjectGenerator oldForm(PrivateKey key) throws IOException {
        return oldForm(key, null);
    }

    /** As OpenSSL writes it, with the curve inside an elliptic key. */
    private static PemObjectGenerator oldForm(PrivateKey key, PEMEncryptor encryptor) throws IOException {
        PrivateKeyInfo info = PrivateKeyInfo.getInstance(key.getEncoded());
        byte[] der = info.parsePrivateKey().toASN1Primitive().getEncoded();
        if (key instanceof ECKey) {
            der = new ECPrivateKey(
                            256,
                            ECPrivateKey.getInstance(der).getKey(),
                            info.getPrivateKeyAlgorithm().getParameters())
                    .getEncoded();
        }
        String label = key.getAlgorithm() + " PRIVATE KEY";
        if (encryptor == null) {
            return new PemObject(label, der);
        }
        String parameters =
                encryptor.getAlgorithm() + "," + HexFormat.of().withUpperCase().formatHex(encryptor.getIV());
        return new PemObject(
                label,
                List.of(new PemHeader("Proc-Type", "4,ENCRYPTED"), new PemHeader("DEK-Info", parameters)),
                encryptor.encrypt(der));
    }

    private static KeyPair pair(String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (algorithm.equals("EC")) {
            generator.initialize(256);
        } else if (algorithm.equals("RSA")) {
            generator.initialize(2048);
        }
        return generator.generateKeyPair();
    }

    private static X509Certificate certificate(KeyPair pair, String signature) throws Exception {
        X500Name name = new X500Name("CN=localhost");
        Instant now = Instant.now();
        byte[] encoded = new JcaX509v3CertificateBuilder(
                        name,
                        java.math.BigInteger.TEN,
                        Date.from(now.minusSeconds(60)),
                        Date.from(now.plusSeconds(3600)),
                        name,
                        pair.getPublic())
                .build(new JcaContentSignerBuilder(signature).build(pair.getPrivate()))
                .getEncoded();
        return (X509Certificate) java.security.cert.CertificateFactory.getInstance("X.509")
                .generateCertificate(new java.io.ByteArrayInputStream(encoded));
    }
}
