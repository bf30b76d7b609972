package dev.ehlo.smtp.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A certificate that signs itself, or that such a one vouches for, with its key, made in memory for one test: ECDSA on
 * P-256. Immutable; may be shared between threads. Not for use outside tests.
 */
public final class TestCertificate {
    private static final char[] NO_PASSWORD = {};

    private final KeyPair keys;
    private final X509Certificate certificate;
    /** Its own issuer first; none if it signs itself. */
    private final List<X509Certificate> issuers;

    private TestCertificate(List<String> names, Instant from, Instant until, @Nullable TestCertificate issuer) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            keys = generator.generateKeyPair();
            issuers = issuer == null ? List.of() : List.copyOf(issuer.chain());
            byte[] body = Der.certificateBody(
                    names,
                    issuer == null
                            ? Der.name(names.get(0))
                            : issuer.certificate.getSubjectX500Principal().getEncoded(),
                    from,
                    until,
                    keys.getPublic().getEncoded());
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(issuer == null ? keys.getPrivate() : issuer.keys.getPrivate());
            signature.update(body);
            certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(Der.certificate(body, signature.sign())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no ECDSA in this JVM", e);
        }
    }

    /**
     * A certificate for these host names and addresses, valid from yesterday for a month.
     *
     * @param names at least one; an IPv4 or IPv6 address is taken as such, without look-up
     */
    public static TestCertificate selfSigned(String... names) {
        return valid(null, names);
    }

    /** A certificate that ended yesterday. */
    public static TestCertificate expired(String... names) {
        return ended(null, names);
    }

    /**
     * A certificate that this one vouches for, for these host names and addresses, valid from yesterday for a month. A
     * server shows both.
     *
     * @param names as for {@link #selfSigned}
     */
    public TestCertificate issue(String... names) {
        return valid(this, names);
    }

    /** As {@link #issue}, and it ended yesterday. */
    public TestCertificate issueExpired(String... names) {
        return ended(this, names);
    }

    private static TestCertificate valid(@Nullable TestCertificate issuer, String... names) {
        Instant now = Instant.now();
        return new TestCertificate(
                List.of(names), now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(30)), issuer);
    }

    private static TestCertificate ended(@Nullable TestCertificate issuer, String... names) {
        Instant now = Instant.now();
        return new TestCertificate(
                List.of(names), now.minus(Duration.ofDays(30)), now.minus(Duration.ofDays(1)), issuer);
    }

    private List<X509Certificate> chain() {
        List<X509Certificate> chain = new ArrayList<>(List.of(certificate));
        chain.addAll(issuers);
        return chain;
    }

    /** The certificate. */
    public X509Certificate x509() {
        return certificate;
    }

    /** What a server that has this certificate uses, a {@link ScriptedPeer} for instance. */
    public SSLContext serverContext() {
        try {
            KeyStore store = emptyStore();
            store.setKeyEntry("server", keys.getPrivate(), NO_PASSWORD, chain().toArray(X509Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, NO_PASSWORD);
            return context(factory.getKeyManagers(), new TrustManager[0]);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a client that trusts this certificate and no other uses. */
    public SSLContext clientContext() {
        try {
            KeyStore store = emptyStore();
            store.setCertificateEntry("server", certificate);
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return context(new KeyManager[0], factory.getTrustManagers());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a client that takes any certificate uses. */
    public static SSLContext trustingAll() {
        try {
            return context(new KeyManager[0], new TrustManager[] {new TrustAll()});
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Writes the certificate, those that vouch for it, and its key as PEM, the key as PKCS#8 without encryption.
     *
     * @throws IOException if a file can't be written
     */
    public void writePem(Path chain, Path key) throws IOException {
        StringBuilder text = new StringBuilder();
        chain().forEach(each -> text.append(pem("CERTIFICATE", encoded(each))));
        Files.writeString(chain, text);
        Files.writeString(key, pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String kind, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n";
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static SSLContext context(KeyManager[] keys, TrustManager[] trust) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust, null);
        return context;
    }

    /** The extended kind, since the JDK adds checks of its own to the plain one. */
    private static final class TrustAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
