package dev.ehlo.smtp.tls;

import static dev.ehlo.smtp.tls.CertificateNames.shown;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The TLSA records of one host, and what they make of the certificates that it shows. RFC 7671, RFC 7672 §3. Immutable.
 */
final class DaneRecords {
    /** Records that are looked at; those behind them are passed over. */
    static final int MAX_RECORDS = 64;
    /** Records that are told. */
    private static final int SHOWN_RECORDS = 3;

    private final List<TlsaRecord> own;
    private final List<TlsaRecord> issuers;
    /** Names that a certificate under an issuer's record may have beside the host's own. */
    private final List<String> otherNames;

    DaneRecords(List<TlsaRecord> records, List<String> otherNames) {
        List<TlsaRecord> usable = strongest(
                records.stream().limit(MAX_RECORDS).filter(TlsaRecord::isUsable).toList());
        this.own = usable.stream().filter(r -> r.usage() == TlsaRecord.DANE_EE).toList();
        this.issuers =
                usable.stream().filter(r -> r.usage() == TlsaRecord.DANE_TA).toList();
        this.otherNames = List.copyOf(otherNames);
    }

    /** Without those of a weaker digest where a stronger one of the same kind stands beside it. RFC 7671 §9. */
    private static List<TlsaRecord> strongest(List<TlsaRecord> usable) {
        return usable.stream()
                .filter(r -> r.matchingType() != TlsaRecord.SHA_256
                        || usable.stream()
                                .noneMatch(s -> s.matchingType() == TlsaRecord.SHA_512
                                        && s.usage() == r.usage()
                                        && s.selector() == r.selector()))
                .toList();
    }

    /** @param chain one certificate at least */
    TlsVerdict judge(List<X509Certificate> chain, String host, Instant now) {
        if (own.isEmpty() && issuers.isEmpty()) {
            // Published, so that TLS is there to be had; but nothing that tells whose. RFC 7672 §2.2.
            return TlsVerdict.encrypted("encrypted; none of the TLSA records is usable");
        }
        for (TlsaRecord record : own) {
            if (record.matches(chain.get(0))) {
                // Neither names nor dates nor issuers matter beside it. RFC 7672 §3.1.1.
                return TlsVerdict.authenticated("the certificate is that of TLSA " + shown(record.toString()));
            }
        }
        Optional<Fault> fault = Optional.empty();
        for (TlsaRecord record : issuers) {
            Optional<TrustAnchor> anchor = anchor(record, chain);
            if (anchor.isPresent()) {
                fault = faultUnder(anchor.get(), chain, host, now);
                if (fault.isEmpty()) {
                    return TlsVerdict.authenticated(
                            "the certificate is issued by that of TLSA " + shown(record.toString()));
                }
            }
        }
        return TlsVerdict.refused(fault.orElseGet(() ->
                new Fault(CertificateFault.NOT_OF_RECORD, "the certificate is that of no TLSA record: " + records())));
    }

    /** The issuer that the record stands for: among the chain, or in the record itself. RFC 7671 §5.2. */
    private static Optional<TrustAnchor> anchor(TlsaRecord record, List<X509Certificate> chain) {
        for (X509Certificate issuer : chain.subList(1, chain.size())) {
            if (record.matches(issuer)) {
                return Optional.of(new TrustAnchor(issuer, null));
            }
        }
        Optional<X509Certificate> inRecord = record.certificate().filter(c -> !c.equals(chain.get(0)));
        if (inRecord.isPresent()) {
            return Optional.of(new TrustAnchor(inRecord.get(), null));
        }
        Optional<PublicKey> key = record.publicKey();
        return chain.stream()
                .filter(c -> key.isPresent() && ChainFaults.isSignedBy(c, key.get()))
                .findFirst()
                .map(c -> new TrustAnchor(c.getIssuerX500Principal(), key.get(), null));
    }

    private Optional<Fault> faultUnder(TrustAnchor anchor, List<X509Certificate> chain, String host, Instant now) {
        Optional<Fault> fault = ChainFaults.of(chain, now, () -> build(anchor, chain, now))
                // The JDK takes an anchor for good at any time; other mail servers don't.
                .or(() -> Optional.ofNullable(anchor.getTrustedCert())
                        .flatMap(c -> ChainFaults.dates(
                                "the issuer's certificate " + shown(c.getSubjectX500Principal()), c, now)));
        if (fault.isPresent()) {
            return fault;
        }
        CertificateNames names = CertificateNames.of(chain.get(0));
        boolean named = names.includeOrAreCommonly(host) || otherNames.stream().anyMatch(names::includeOrAreCommonly);
        return named
                ? Optional.empty()
                : Optional.of(new Fault(
                        CertificateFault.OTHER_NAME,
                        "the certificate is issued for " + names + ", not for " + shown(host)));
    }

    private static void build(TrustAnchor anchor, List<X509Certificate> chain, Instant now)
            throws GeneralSecurityException {
        X509CertSelector target = new X509CertSelector();
        target.setCertificate(chain.get(0));
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(Set.of(anchor), target);
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(now));
        CertPathBuilder.getInstance("PKIX").build(parameters);
    }

    /** How many can be used. */
    int count() {
        return own.size() + issuers.size();
    }

    private String records() {
        return java.util.stream.Stream.concat(own.stream(), issuers.stream())
                .limit(SHOWN_RECORDS)
                .map(r -> shown(r.toString()))
                .collect(Collectors.joining(", "));
    }
}
