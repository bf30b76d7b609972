package dev.ehlo.smtp.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds out at start, and not at the first handshake, what is wrong with a key or a certificate. */
final class KeyChecks {
    private static final byte[] PROBE = "probe".getBytes(StandardCharsets.US_ASCII);

    /** RFC 9325 §4.5. */
    private static final int RSA_BITS_AT_LEAST = 2048;

    /** P-256, P-384, P-521, which are the curves of ECDSA in TLS 1.3. RFC 8446 §4.2.3. */
    private static final Set<Integer> CURVE_BITS = Set.of(256, 384, 521);

    private KeyChecks() {}

    static CertifiedKey checked(List<X509Certificate> chain, PrivateKey key, Path chainFile, Path keyFile, Instant now)
            throws IOException {
        try {
            checkMatch(chain, key, chainFile, keyFile);
            checkStrength(chain.get(0).getPublicKey(), keyFile);
            for (int i = 0; i < chain.size(); i++) {
                X509Certificate certificate = chain.get(i);
                boolean last = i == chain.size() - 1;
                if (!last) {
                    checkIssued(certificate, chain.get(i + 1), i, chainFile);
                }
                // Peers have a root of their own, and pass over one at the end.
                if (i == 0 || !last || !ChainFaults.isIssuedBy(certificate, certificate)) {
                    checkValidity(certificate, chainFile, now);
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(keyFile + " or " + chainFile + " cannot be used: " + e.getMessage(), e);
        }
        return new CertifiedKey(chain, key);
    }

    private static void checkMatch(List<X509Certificate> chain, PrivateKey key, Path chainFile, Path keyFile)
            throws GeneralSecurityException, IOException {
        if (matches(key, chain.get(0).getPublicKey())) {
            return;
        }
        for (X509Certificate other : chain) {
            if (matches(key, other.getPublicKey())) {
                throw new IOException("the key in " + keyFile + " belongs to a certificate in " + chainFile
                        + " that is not the first; the server's own comes first, then its issuers");
            }
        }
        throw new IOException("the key in " + keyFile + " is not that of the certificate in " + chainFile);
    }

    /** Each certificate certifies the one before it. RFC 5246 §7.4.2. */
    private static void checkIssued(X509Certificate certificate, X509Certificate next, int index, Path file)
            throws IOException {
        if (!ChainFaults.isIssuedBy(certificate, next)) {
            throw new IOException(file + " is out of order: certificate " + (index + 1) + ", of "
                    + certificate.getSubjectX500Principal() + ", is not issued by the next one, of "
                    + next.getSubjectX500Principal());
        }
    }

    private static void checkValidity(X509Certificate certificate, Path file, Instant now) throws IOException {
        String which = "the certificate of " + certificate.getSubjectX500Principal() + " in " + file;
        Optional<Fault> fault = ChainFaults.dates(which, certificate, now);
        if (fault.isPresent()) {
            throw new IOException(fault.get().words());
        }
    }

    private static void checkStrength(PublicKey key, Path file) throws IOException {
        if (key instanceof RSAPublicKey rsa) {
            int bits = rsa.getModulus().bitLength();
            if (bits < RSA_BITS_AT_LEAST) {
                throw new IOException("the key in " + file + " is too weak: RSA of " + bits + " bits, and "
                        + RSA_BITS_AT_LEAST + " are needed");
            }
        } else if (key instanceof ECPublicKey ec) {
            String curve = ec.getParams().toString();
            boolean known =
                    CURVE_BITS.contains(ec.getParams().getCurve().getField().getFieldSize())
                            && !curve.contains("secp256k1")
                            && !curve.contains("brainpool");
            if (!known) {
                throw new IOException("the key in " + file + " is on a curve that TLS does not sign with: " + curve);
            }
        } else if (!key.getAlgorithm().startsWith("Ed")) {
            throw new IOException(
                    "the key in " + file + " is of a kind that TLS does not sign with: " + key.getAlgorithm());
        }
    }

    private static boolean matches(PrivateKey privateKey, PublicKey publicKey) throws GeneralSecurityException {
        if (!privateKey.getAlgorithm().equals(publicKey.getAlgorithm())) {
            return false;
        }
        String algorithm = switch (privateKey.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            case "DSA" -> "SHA256withDSA";
            default -> privateKey.getAlgorithm();
        };
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(privateKey);
        signature.update(PROBE);
        byte[] signed = signature.sign();
        signature.initVerify(publicKey);
        signature.update(PROBE);
        return signature.verify(signed);
    }
}
