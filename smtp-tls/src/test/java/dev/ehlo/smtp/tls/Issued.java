package dev.ehlo.smtp.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate made for one test, with its key and those that lead from it to its root. */
record Issued(X509Certificate certificate, PrivateKey key, List<X509Certificate> issuers) {
    /** When the tests take place. */
    static final Instant NOW = Instant.parse("2026-06-15T12:00:00Z");

    private static final AtomicLong SERIAL = new AtomicLong(1);

    static Builder root(String name) {
        return new Builder(name).authority();
    }

    /** For a server of these names or addresses. */
    static Builder server(String... names) {
        return new Builder("a server").names(names);
    }

    /** As a server shows it: its own certificate, those between, and not the root. */
    List<X509Certificate> chain() {
        return issuers.isEmpty() ? List.of(certificate) : withRoot().subList(0, issuers.size());
    }

    List<X509Certificate> withRoot() {
        List<X509Certificate> chain = new ArrayList<>(List.of(certificate));
        chain.addAll(issuers);
        return chain;
    }

    /** Trust in this one and no other. */
    ClientTrust trusted(Path directory) throws IOException {
        return ClientTrust.pem(writeChain(directory));
    }

    Path writeChain(Path directory) throws IOException {
        StringBuilder text = new StringBuilder();
        for (X509Certificate each : chain()) {
            try {
                text.append(pem("CERTIFICATE", each.getEncoded()));
            } catch (java.security.cert.CertificateEncodingException e) {
                throw new IOException(e);
            }
        }
        return Files.writeString(Files.createTempFile(directory, "chain", ".pem"), text);
    }

    Path writeKey(Path directory) throws IOException {
        return Files.writeString(Files.createTempFile(directory, "key", ".pem"), pem("PRIVATE KEY", key.getEncoded()));
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + label
                + "-----\n";
    }

    static final class Builder {
        private String commonName;
        private final List<GeneralName> names = new ArrayList<>();
        private Instant from = NOW.minus(Duration.ofDays(30));
        private Instant until = NOW.plus(Duration.ofDays(30));
        private boolean authority;
        private String algorithm = "EC";
        private int bits = 256;
        private String signature;
        private KeyPurposeId purpose;

        private Builder(String commonName) {
            this.commonName = commonName;
        }

        private Builder authority() {
            authority = true;
            return this;
        }

        Builder names(String... more) {
            for (String name : more) {
                names.add(
                        new GeneralName(HostNames.isAddress(name) ? GeneralName.iPAddress : GeneralName.dNSName, name));
            }
            return this;
        }

        Builder commonName(String name) {
            commonName = name;
            return this;
        }

        Builder from(String time) {
            from = Instant.parse(time);
            return this;
        }

        Builder until(String time) {
            until = Instant.parse(time);
            return this;
        }

        Builder key(String keyAlgorithm, int keyBits) {
            algorithm = keyAlgorithm;
            bits = keyBits;
            return this;
        }

        /** The digest with which its issuer signs it. */
        Builder digest(String name) {
            signature = name;
            return this;
        }

        Builder purpose(KeyPurposeId only) {
            purpose = only;
            return this;
        }

        Issued selfSigned() {
            KeyPair pair = pair();
            X500Name own = name();
            return new Issued(certificate(own, pair, own, pair.getPrivate()), pair.getPrivate(), List.of());
        }

        Issued by(Issued issuer) {
            KeyPair pair = pair();
            X500Name by = X500Name.getInstance(
                    issuer.certificate().getSubjectX500Principal().getEncoded());
            return new Issued(certificate(name(), pair, by, issuer.key()), pair.getPrivate(), issuer.withRoot());
        }

        private X500Name name() {
            boolean common = !commonName.isEmpty();
            return new X500Name(new RDN[] {
                new RDN(common ? BCStyle.CN : BCStyle.O, new DERUTF8String(common ? commonName : "an organisation"))
            });
        }

        private X509Certificate certificate(X500Name subject, KeyPair pair, X500Name issuer, PrivateKey signer) {
            try {
                JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                        issuer,
                        BigInteger.valueOf(SERIAL.getAndIncrement()),
                        Date.from(from),
                        Date.from(until),
                        subject,
                        pair.getPublic());
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
                if (!names.isEmpty()) {
                    builder.addExtension(
                            Extension.subjectAlternativeName,
                            false,
                            new GeneralNames(names.toArray(GeneralName[]::new)));
                }
                if (purpose != null) {
                    builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
                }
                String digest = signature == null ? "SHA256" : signature;
                String by = digest + (signer.getAlgorithm().equals("EC") ? "withECDSA" : "withRSA");
                byte[] der = builder.build(new JcaContentSignerBuilder(by).build(signer))
                        .getEncoded();
                return (X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private KeyPair pair() {
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
                generator.initialize(bits);
                return generator.generateKeyPair();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
