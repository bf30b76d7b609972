package dev.ehlo.smtp.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;

/** Finds out at start, and not at the first handshake, that a key is another certificate's. */
final class KeyMatch {
    private static final byte[] PROBE = "probe".getBytes(StandardCharsets.US_ASCII);

    private KeyMatch() {}

    static void check(List<X509Certificate> chain, PrivateKey key, Path chainFile, Path keyFile)
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

    private static boolean matches(PrivateKey privateKey, PublicKey publicKey) throws GeneralSecurityException {
        if (!privateKey.getAlgorithm().equals(publicKey.getAlgorithm())) {
            return false;
        }
        String algorithm = switch (privateKey.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
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
