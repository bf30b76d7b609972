package dev.ehlo.smtp.tls;

import dev.ehlo.smtp.tls.reactor.Escaped;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.IDN;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A key and a certificate that vouches for itself: for a first start, and for tests. RFC 5280 §4. */
record SelfSigned(PrivateKey key, X509Certificate certificate) {
    /** Clocks of peers may be behind ours. */
    private static final Duration BEFORE = Duration.ofDays(1);

    /** The longest that widely used clients accept. */
    private static final Duration LIFE = Duration.ofDays(825);

    /** Octets of a common name at most. RFC 5280, appendix A.1. */
    private static final int COMMON_NAME_BOUND = 64;

    /** Bits of a serial number: 20 octets at most, and positive. RFC 5280 §4.1.2.2. */
    private static final int SERIAL_BITS = 159;

    private static final int PEM_LINE = 64;

    static SelfSigned make(List<String> names, Instant now) {
        if (names.isEmpty()) {
            throw new IllegalArgumentException("a certificate needs a name");
        }
        GeneralNames subjects =
                new GeneralNames(names.stream().map(SelfSigned::subject).toArray(GeneralName[]::new));
        try {
            SecureRandom random = new SecureRandom();
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPair pair = generator.generateKeyPair();
            X500Name name = commonName(names.get(0));
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            X509CertificateHolder holder = new JcaX509v3CertificateBuilder(
                            name,
                            new BigInteger(SERIAL_BITS, random).add(BigInteger.ONE),
                            Date.from(now.minus(BEFORE)),
                            Date.from(now.minus(BEFORE).plus(LIFE)),
                            name,
                            pair.getPublic())
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(
                            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                    .addExtension(Extension.subjectAlternativeName, false, subjects)
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            extensions.createSubjectKeyIdentifier(pair.getPublic()))
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
            X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(holder.getEncoded()));
            return new SelfSigned(pair.getPrivate(), certificate);
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("this JVM cannot make an ECDSA certificate", e);
        }
    }

    /** Writes both, the key first: a certificate without its key is of no use to anybody. */
    void write(Path chainFile, Path keyFile) throws IOException {
        write(keyFile, "PRIVATE KEY", key.getEncoded(), "rw-------");
        try {
            write(chainFile, "CERTIFICATE", certificate.getEncoded(), "rw-r--r--");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was just made has no encoding", e);
        }
    }

    private static void write(Path file, String label, byte[] der, String permissions) throws IOException {
        String pem = "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(PEM_LINE, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END " + label + "-----\n";
        Path directory = Objects.requireNonNullElse(file.toAbsolutePath().getParent(), file);
        boolean posix = directory.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
        Path whole = Files.createTempFile(directory, "." + file.getFileName(), ".new", attributes);
        try {
            try (FileChannel channel = FileChannel.open(whole, StandardOpenOption.WRITE)) {
                ByteBuffer octets = ByteBuffer.wrap(pem.getBytes(StandardCharsets.US_ASCII));
                while (octets.hasRemaining()) {
                    channel.write(octets);
                }
                channel.force(true);
            }
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(whole);
        }
    }

    private static GeneralName subject(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("an empty name");
        }
        if (!HostNames.isAscii(name)) {
            // What java.net.IDN makes of it (IDNA 2003) may be another domain than what a mail address means by it.
            throw new IllegalArgumentException(
                    "a name that is not in ASCII, to be given as A-labels: " + Escaped.text(name));
        }
        return HostNames.isAddress(name)
                ? new GeneralName(GeneralName.iPAddress, name)
                : new GeneralName(GeneralName.dNSName, IDN.toASCII(name, IDN.USE_STD3_ASCII_RULES));
    }

    private static X500Name commonName(String name) {
        String fitting = name.length() <= COMMON_NAME_BOUND ? name : name.substring(0, COMMON_NAME_BOUND);
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, fitting).build();
    }
}
