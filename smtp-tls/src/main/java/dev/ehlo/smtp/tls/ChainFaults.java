package dev.ehlo.smtp.tls;

import static dev.ehlo.smtp.tls.CertificateNames.shown;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertPathValidatorException.Reason;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says in words what is wrong with a chain of certificates, the server's own first. Whether something is wrong is for
 * the JDK to say (RFC 5280 §6), but for the dates and purpose of the server's own certificate, which the JDK does not
 * look at where that is itself a root.
 */
final class ChainFaults {
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String ANY_PURPOSE = "2.5.29.37.0";

    /** What a chain is to be built from and checked with. */
    interface Check {
        void run() throws GeneralSecurityException;
    }

    private ChainFaults() {}

    /** What is wrong; empty if nothing is. */
    static Optional<Fault> of(List<X509Certificate> chain, Instant now, Check check) {
        X509Certificate own = chain.get(0);
        Optional<Fault> dates = dates("the certificate", own, now);
        if (dates.isPresent()) {
            return dates;
        }
        if (!isForServers(own)) {
            return Optional.of(new Fault(CertificateFault.OTHER, "the certificate is not for servers"));
        }
        try {
            check.run();
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            return Optional.of(why(chain, now, e));
        }
    }

    private static Fault why(List<X509Certificate> chain, Instant now, GeneralSecurityException error) {
        X509Certificate own = chain.get(0);
        if (isIssuedBy(own, own)) {
            return new Fault(CertificateFault.NOT_TRUSTED, "the certificate is self-signed");
        }
        for (X509Certificate issuer : chain.subList(1, chain.size())) {
            String name = "the issuer's certificate " + shown(issuer.getSubjectX500Principal());
            Optional<Fault> dates = dates(name, issuer, now);
            if (dates.isPresent()) {
                return dates.get();
            }
        }
        CertPathValidatorException invalid = invalidPath(error);
        if (invalid == null) {
            return new Fault(
                    CertificateFault.NOT_TRUSTED,
                    "the certificate is of an unknown issuer: "
                            + shown(topmost(chain).getIssuerX500Principal()));
        }
        Reason reason = invalid.getReason();
        if (reason == BasicReason.ALGORITHM_CONSTRAINED) {
            return new Fault(
                    CertificateFault.OTHER, "a signature or a key is too weak: " + strength(failed(invalid, own)));
        }
        if (reason == BasicReason.INVALID_SIGNATURE) {
            return new Fault(
                    CertificateFault.NOT_TRUSTED,
                    "the signature on the certificate is not by its issuer "
                            + shown(failed(invalid, own).getIssuerX500Principal()));
        }
        return new Fault(
                CertificateFault.OTHER,
                "the chain of the certificate is not valid: " + shown(String.valueOf(invalid.getMessage())));
    }

    /** What is wrong with its dates; empty if nothing is. */
    static Optional<Fault> dates(String whose, X509Certificate certificate, Instant now) {
        Instant from = certificate.getNotBefore().toInstant();
        Instant until = certificate.getNotAfter().toInstant();
        if (now.isAfter(until)) {
            return Optional.of(new Fault(CertificateFault.EXPIRED, whose + " is expired since " + until));
        }
        return now.isBefore(from)
                ? Optional.of(new Fault(CertificateFault.OTHER, whose + " is not valid before " + from))
                : Optional.empty();
    }

    /** Whether a TLS server may have it. RFC 5280 §4.2.1.3, §4.2.1.12. */
    private static boolean isForServers(X509Certificate certificate) {
        boolean[] usage = certificate.getKeyUsage();
        if (usage != null && !usage[0]) {
            return false;
        }
        try {
            List<String> purposes = certificate.getExtendedKeyUsage();
            return purposes == null || purposes.contains(SERVER_AUTH) || purposes.contains(ANY_PURPOSE);
        } catch (CertificateParsingException e) {
            return false; // purposes that cannot be read
        }
    }

    /** Whether the one names and is signed by the other; by itself, if it is self-signed. */
    static boolean isIssuedBy(X509Certificate certificate, X509Certificate issuer) {
        return certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())
                && isSignedBy(certificate, issuer.getPublicKey());
    }

    static boolean isSignedBy(X509Certificate certificate, PublicKey key) {
        try {
            certificate.verify(key);
            return true;
        } catch (GeneralSecurityException e) {
            return false; // by another, or in a way that this JVM does not know
        }
    }

    /** The last certificate on the way from issuer to issuer. */
    private static X509Certificate topmost(List<X509Certificate> chain) {
        X509Certificate top = chain.get(0);
        for (X509Certificate next : chain.subList(1, chain.size())) {
            if (next.getSubjectX500Principal().equals(top.getIssuerX500Principal())) {
                top = next;
            }
        }
        return top;
    }

    private static @Nullable CertPathValidatorException invalidPath(GeneralSecurityException error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertPathValidatorException invalid) {
                return invalid;
            }
        }
        return null;
    }

    private static X509Certificate failed(CertPathValidatorException error, X509Certificate otherwise) {
        int index = error.getIndex();
        if (error.getCertPath() == null || index < 0) {
            return otherwise;
        }
        Certificate failed = error.getCertPath().getCertificates().get(index);
        return failed instanceof X509Certificate certificate ? certificate : otherwise;
    }

    private static String strength(X509Certificate certificate) {
        PublicKey key = certificate.getPublicKey();
        int bits = key instanceof RSAKey rsa
                ? rsa.getModulus().bitLength()
                : key instanceof ECKey ec ? ec.getParams().getCurve().getField().getFieldSize() : 0;
        return shown(certificate.getSigAlgName()) + ", " + key.getAlgorithm()
                + (bits > 0 ? " of " + bits + " bits" : "");
    }
}
