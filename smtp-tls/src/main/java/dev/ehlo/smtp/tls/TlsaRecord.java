package dev.ehlo.smtp.tls;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.Certificate;

/**
 * What a domain says in DNS of the certificate of its server (RFC 6698 §2.1). It is as true as the look-up: only records
 * that were validated by DNSSEC make a policy. An immutable value.
 *
 * <p>Any octets make a record; {@link #isUsable} tells whether it says anything to SMTP: usages 2 and 3 do, usages 0 and
 * 1 do not (RFC 7672 §3.1.3), nor does what is not known or malformed.
 */
public final class TlsaRecord {
    /** {@link #usage}: the certificate or key is that of an issuer. RFC 7672 §3.1.2. */
    public static final int DANE_TA = 2;
    /** {@link #usage}: the certificate or key is the server's own. RFC 7672 §3.1.1. */
    public static final int DANE_EE = 3;

    static final int CERTIFICATE = 0;
    static final int PUBLIC_KEY = 1;
    static final int FULL = 0;
    static final int SHA_256 = 1;
    static final int SHA_512 = 2;

    /** Octets of data that {@link #toString} shows. */
    private static final int SHOWN = 64;

    private static final int HEAD = 3;
    private static final int MAX_RDATA = 65_535;
    private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

    private final byte[] rdata;
    private final boolean usable;

    private TlsaRecord(byte[] rdata) {
        if (rdata.length > MAX_RDATA) {
            throw new IllegalArgumentException("octets of a record: " + rdata.length);
        }
        this.rdata = rdata;
        this.usable = hasKnownHead() && isDataSound();
    }

    /**
     * The record as it came in DNS: usage, selector, matching type, an octet each, and the data.
     *
     * @param rdata any octets, none as well; at most 65,535
     * @throws IllegalArgumentException if there are more
     */
    public static TlsaRecord of(byte[] rdata) {
        return new TlsaRecord(rdata.clone());
    }

    /**
     * A record of its parts.
     *
     * @param usage {@link #DANE_TA}, {@link #DANE_EE}, or another that is not usable
     * @param selector 0 for the whole certificate, 1 for its public key
     * @param matchingType 0 if the data are what they stand for, 1 for their SHA-256, 2 for their SHA-512
     * @throws IllegalArgumentException if one of the three is no octet, or the data are more than a record holds
     */
    public static TlsaRecord of(int usage, int selector, int matchingType, byte[] data) {
        if ((usage | selector | matchingType) >>> 8 != 0) {
            throw new IllegalArgumentException("not octets: " + usage + ' ' + selector + ' ' + matchingType);
        }
        byte[] rdata = new byte[HEAD + data.length];
        rdata[0] = (byte) usage;
        rdata[1] = (byte) selector;
        rdata[2] = (byte) matchingType;
        System.arraycopy(data, 0, rdata, HEAD, data.length);
        return new TlsaRecord(rdata);
    }

    /** The certificate usage, 0 to 255; -1 if the record is too short to have one. */
    public int usage() {
        return octet(0);
    }

    /** The selector, 0 to 255; -1 if the record is too short to have one. */
    public int selector() {
        return octet(1);
    }

    /** The matching type, 0 to 255; -1 if the record is too short to have one. */
    public int matchingType() {
        return octet(2);
    }

    /** Whether it can tell the server of a domain from others. RFC 7672 §2.2, §3.1.3. */
    public boolean isUsable() {
        return usable;
    }

    /** Whether it is this certificate, or its key, that the record stands for; false if it is not usable. */
    boolean matches(X509Certificate certificate) {
        try {
            return usable && MessageDigest.isEqual(data(), matched(selected(certificate)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no SHA-2, or made a certificate that has no encoding", e);
        }
    }

    /** The certificate, if the record holds one in full. */
    Optional<X509Certificate> certificate() {
        return selector() == CERTIFICATE && matchingType() == FULL ? certificate(data()) : Optional.empty();
    }

    /** The public key, if the record holds one in full. */
    Optional<PublicKey> publicKey() {
        return selector() == PUBLIC_KEY && matchingType() == FULL ? publicKey(data()) : Optional.empty();
    }

    private byte[] selected(X509Certificate certificate) throws CertificateException {
        byte[] whole = certificate.getEncoded();
        if (selector() == CERTIFICATE) {
            return whole;
        }
        try { // the octets in the certificate, and not what the JDK would encode the key as
            return Certificate.getInstance(whole).getSubjectPublicKeyInfo().getEncoded();
        } catch (java.io.IOException e) {
            throw new CertificateException(e);
        }
    }

    private byte[] matched(byte[] selected) throws GeneralSecurityException {
        return switch (matchingType()) {
            case SHA_256 -> MessageDigest.getInstance("SHA-256").digest(selected);
            case SHA_512 -> MessageDigest.getInstance("SHA-512").digest(selected);
            default -> selected;
        };
    }

    private boolean hasKnownHead() {
        boolean known = usage() == DANE_TA || usage() == DANE_EE;
        return known && (selector() == CERTIFICATE || selector() == PUBLIC_KEY) && rdata.length > HEAD;
    }

    private boolean isDataSound() {
        return switch (matchingType()) {
            case SHA_256 -> rdata.length == HEAD + 32;
            case SHA_512 -> rdata.length == HEAD + 64;
            case FULL -> certificate().isPresent() || publicKey().isPresent();
            default -> false;
        };
    }

    private int octet(int index) {
        return index < rdata.length ? rdata[index] & 0xFF : -1;
    }

    private byte[] data() {
        return Arrays.copyOfRange(rdata, Math.min(HEAD, rdata.length), rdata.length);
    }

    private static Optional<X509Certificate> certificate(byte[] der) {
        try {
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            return Arrays.equals(certificate.getEncoded(), der) ? Optional.of(certificate) : Optional.empty();
        } catch (GeneralSecurityException | RuntimeException e) { // of octets that are no certificate, either
            return Optional.empty();
        }
    }

    private static Optional<PublicKey> publicKey(byte[] der) {
        return KEY_ALGORITHMS.stream()
                .flatMap(algorithm -> publicKey(der, algorithm).stream())
                .findFirst();
    }

    private static Optional<PublicKey> publicKey(byte[] der, String algorithm) {
        try {
            return Optional.of(KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(der)));
        } catch (GeneralSecurityException | RuntimeException e) { // of octets that are no key of that kind, either
            return Optional.empty();
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TlsaRecord record && Arrays.equals(rdata, record.rdata);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(rdata);
    }

    /** As in a zone file, {@code 3 1 1 0123…}, long data cut. RFC 6698 §2.2. */
    @Override
    public String toString() {
        if (rdata.length < HEAD) {
            return "a record of " + rdata.length + " octets";
        }
        byte[] data = data();
        String hex = HexFormat.of().formatHex(data, 0, Math.min(data.length, SHOWN));
        return usage() + " " + selector() + " " + matchingType() + " " + hex + (data.length > SHOWN ? "..." : "");
    }
}
