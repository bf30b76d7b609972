package dev.ehlo.smtp.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/** A root of its own, and certificates that it vouches for. */
public final class TestAuthority {
    private static final Duration LIFE = Duration.ofDays(90);

    private final Path directory;
    private final KeyPair pair;
    private final X509Certificate root;

    /** @param directory for the files */
    public TestAuthority(Path directory, String name) throws Exception {
        this.directory = directory;
        this.pair = pair("EC");
        this.root = issue(null, name, pair, Instant.now(), List.of());
    }

    public X509Certificate root() {
        return root;
    }

    public Path rootFile() throws IOException {
        return pem("CERTIFICATE", encoded(root));
    }

    /** A certificate whose common name tells it from others, with its key. */
    public Issued issue(String commonName, String algorithm, String... names) throws Exception {
        return issue(commonName, pair(algorithm), names);
    }

    public Issued issue(String commonName, KeyPair own, String... names) throws Exception {
        X509Certificate certificate = issue(this, commonName, own, Instant.now(), List.of(names));
        return new Issued(directory, List.of(certificate, root), own.getPrivate());
    }

    /** A certificate and its key, in memory and in files. */
    public record Issued(Path directory, List<X509Certificate> chain, PrivateKey key) {
        public Path chainFile() throws IOException {
            return pemFile(
                    directory,
                    "CERTIFICATE",
                    chain.stream().map(TestAuthority::encoded).toArray(byte[][]::new));
        }

        public Path keyFile() throws IOException {
            return pemFile(directory, "PRIVATE KEY", key.getEncoded());
        }

        public Path pkcs12(char[] password) throws Exception {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("key", key, password, chain.toArray(X509Certificate[]::new));
            Path file = Files.createTempFile(directory, "store", ".p12");
            try (OutputStream out = Files.newOutputStream(file)) {
                store.store(out, password);
            }
            return file;
        }

        public X509Certificate certificate() {
            return chain.get(0);
        }
    }

    /** @param algorithm EC, RSA, Ed25519, or a curve, or RSA with bits behind it */
    static KeyPair pair(String algorithm) throws Exception {
        if (algorithm.startsWith("RSA")) {
            KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
            rsa.initialize(algorithm.equals("RSA") ? 2048 : Integer.parseInt(algorithm.substring(3)));
            return rsa.generateKeyPair();
        }
        if (algorithm.startsWith("Ed") || algorithm.equals("DSA")) {
            return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
        }
        KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
        ec.initialize(new ECGenParameterSpec(algorithm.equals("EC") ? "secp256r1" : algorithm));
        return ec.generateKeyPair();
    }

    private static X509Certificate issue(
            TestAuthority issuer, String name, KeyPair own, Instant begin, List<String> names) throws Exception {
        X500Name subject = new X500Name("CN=" + name);
        boolean self = issuer == null;
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                self
                        ? subject
                        : new X500Name(issuer.root.getSubjectX500Principal().getName()),
                BigInteger.valueOf(System.nanoTime()),
                Date.from(begin.minusSeconds(3600)),
                Date.from(begin.plus(LIFE)),
                subject,
                own.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(self));
        if (!names.isEmpty()) {
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(names.stream()
                            .map(n -> new GeneralName(GeneralName.dNSName, n))
                            .toArray(GeneralName[]::new)));
        }
        byte[] der = builder.build(new JcaContentSignerBuilder("SHA256withECDSA")
                        .build(self ? own.getPrivate() : issuer.pair.getPrivate()))
                .getEncoded();
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    private Path pem(String label, byte[]... objects) throws IOException {
        return pemFile(directory, label, objects);
    }

    private static Path pemFile(Path directory, String label, byte[]... objects) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter pem = new PemWriter(text)) {
            for (byte[] object : objects) {
                pem.writeObject(new PemObject(label, object));
            }
        }
        return Files.writeString(Files.createTempFile(directory, "pem", ".pem"), text.toString());
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Chains of these, in that order, in one file. */
    public Path chainFile(X509Certificate... certificates) throws IOException {
        return pem(
                "CERTIFICATE",
                Stream.of(certificates).map(TestAuthority::encoded).toArray(byte[][]::new));
    }
}
