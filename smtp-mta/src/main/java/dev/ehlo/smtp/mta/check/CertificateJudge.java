package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.client.TlsaAnswer;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsPolicy;
import dev.ehlo.smtp.tls.TlsVerdict;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Judges what servers show, in the words of {@link TlsPolicy}. Immutable.
 *
 * @param trust whose word counts
 * @param now when
 */
record CertificateJudge(ClientTrust trust, Instant now) {
    /** The kind of a subjectAltName that is a host name. RFC 5280 §4.2.1.6. */
    private static final int DNS_NAME = 2;

    /** What is shown; empty if that is nothing. */
    Optional<CertificateFacts> of(SSLSession session, String host, TlsaAnswer tlsa) {
        List<X509Certificate> chain;
        try {
            chain = List.of(session.getPeerCertificates()).stream()
                    .filter(X509Certificate.class::isInstance)
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        }
        return chain.isEmpty() ? Optional.empty() : Optional.of(of(chain, host, tlsa));
    }

    private CertificateFacts of(List<X509Certificate> chain, String host, TlsaAnswer tlsa) {
        TlsVerdict verdict = TlsPolicy.verified(trust).judge(chain, host, now);
        Instant until = chain.get(0).getNotAfter().toInstant();
        Optional<TlsVerdict> dane = dane(chain, tlsa, now);
        // Of the server's own certificate DANE asks no date, but of what an authority of its has issued. RFC 7672
        // §3.1.1.
        boolean isTimed = verdict.authenticated()
                || dane.filter(TlsVerdict::accepted).isPresent()
                        && dane(chain, tlsa, until.plusSeconds(1))
                                .filter(TlsVerdict::accepted)
                                .isEmpty();
        return new CertificateFacts(state(chain, verdict), verdict.reason(), until, dane, isTimed);
    }

    private static Optional<TlsVerdict> dane(List<X509Certificate> chain, TlsaAnswer tlsa, Instant when) {
        return tlsa instanceof TlsaAnswer.Records records && records.isUsable()
                ? Optional.of(
                        TlsPolicy.dane(records.records(), records.otherNames()).judge(chain, records.host(), when))
                : Optional.empty();
    }

    private CertificateFacts.State state(List<X509Certificate> chain, TlsVerdict verdict) {
        X509Certificate own = chain.get(0);
        if (verdict.authenticated()) {
            return CertificateFacts.State.GOOD;
        } else if (now.isAfter(own.getNotAfter().toInstant())) {
            return CertificateFacts.State.EXPIRED;
        } else if (now.isBefore(own.getNotBefore().toInstant())) {
            return CertificateFacts.State.NOT_YET_VALID;
        } else if (isGoodFor(chain, nameOf(own))) {
            return CertificateFacts.State.WRONG_NAME;
        }
        return isSelfSigned(own) ? CertificateFacts.State.SELF_SIGNED : CertificateFacts.State.UNTRUSTED;
    }

    private boolean isGoodFor(List<X509Certificate> chain, String name) {
        return !name.isEmpty()
                && TlsPolicy.verified(trust).judge(chain, name, now).authenticated();
    }

    /** A host that it is for; empty if that is none. */
    private static String nameOf(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? ""
                    : names.stream()
                            .filter(name -> name.get(0).equals(DNS_NAME))
                            .map(name -> String.valueOf(name.get(1)).replaceFirst("^\\*", "any"))
                            .findFirst()
                            .orElse("");
        } catch (CertificateParsingException e) {
            return ""; // names that can't be read are nobody's
        }
    }

    private static boolean isSelfSigned(X509Certificate certificate) {
        try {
            certificate.verify(certificate.getPublicKey());
            return certificate.getIssuerX500Principal().equals(certificate.getSubjectX500Principal());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
