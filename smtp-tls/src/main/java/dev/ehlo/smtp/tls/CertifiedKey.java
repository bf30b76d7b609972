package dev.ehlo.smtp.tls;

import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** A private key, and the certificates that lead from its own towards a root. */
record CertifiedKey(List<X509Certificate> chain, PrivateKey key) {
    /** The kind of general name that is a host's. RFC 5280 §4.2.1.6. */
    private static final int DNS_NAME = 2;

    CertifiedKey {
        chain = List.copyOf(chain);
    }

    X509Certificate certificate() {
        return chain.get(0);
    }

    /** As the engine calls it: EC, EdDSA, RSA. */
    String keyType() {
        return key.getAlgorithm();
    }

    /**
     * The host names in the certificate, in lower case, wildcards as they are. The common name is none (RFC 9525 §2).
     *
     * @throws CertificateParsingException if they cannot be read
     */
    List<String> names() throws CertificateParsingException {
        Collection<List<?>> alternatives = certificate().getSubjectAlternativeNames();
        return alternatives == null
                ? List.of()
                : alternatives.stream()
                        .filter(name -> name.get(0).equals(DNS_NAME))
                        .map(name -> ((String) name.get(1)).toLowerCase(Locale.ROOT))
                        .toList();
    }

    /**
     * Whether a client that takes these signatures takes one of this key. In TLS 1.3 a signature with ECDSA names its
     * curve, and one with RSA is PSS (RFC 8446 §4.2.3).
     *
     * @param signatures by the names that the JDK has for them; empty if the client did not say
     */
    boolean isTakenBy(Collection<String> signatures, boolean tls13) {
        if (signatures.isEmpty()) {
            return true;
        }
        if (certificate().getPublicKey() instanceof ECPublicKey ec && tls13) {
            int bits = ec.getParams().getCurve().getField().getFieldSize();
            return signatures.contains("SHA" + Math.min(bits, 512) + "withECDSA");
        }
        return switch (keyType()) {
            case "EC" -> signatures.stream().anyMatch(s -> s.endsWith("withECDSA"));
            case "RSA" ->
                signatures.contains("RSASSA-PSS")
                        || !tls13 && signatures.stream().anyMatch(s -> s.endsWith("withRSA"));
            default -> signatures.stream().anyMatch(s -> s.startsWith("Ed"));
        };
    }

    /** Of two that a client takes, the one with the lower rank costs both sides less. */
    int rank() {
        return switch (keyType()) {
            case "EC" -> 0;
            case "RSA" -> 2;
            default -> 1;
        };
    }
}
