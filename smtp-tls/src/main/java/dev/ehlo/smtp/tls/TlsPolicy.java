package dev.ehlo.smtp.tls;

import static dev.ehlo.smtp.tls.CertificateNames.shown;

import dev.ehlo.smtp.tls.reactor.Escaped;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client asks of the TLS of a server before it sends mail there. An immutable value; {@link #judge} is the one
 * place where certificates are judged, in the handshake and outside it.
 *
 * <pre>
 *                       TLS is          the certificate is to be
 *     none              left            –
 *     opportunistic     taken if there  any; who it is from is on record
 *     verifiedIfOffered required if     of a trusted issuer, for the host's name
 *                       offered
 *     required          required        any; who it is from is on record
 *     verified          required        of a trusted issuer, for the host's name
 *     dane              required        what the TLSA records say; any if none of them is usable
 *     mtaSts            required        as verified, and the host one of the policy's
 * </pre>
 *
 * <pre>{@code
 * TlsPolicy policy = TlsPolicy.dane(List.of(TlsaRecord.of(rdata)));
 * SSLEngine engine = TlsContext.client(policy).toward("mx.example.org").newEngine();
 * // after the handshake:
 * TlsVerdict verdict = TlsSession.of(engine).verdict().orElseThrow();
 * log.info("{}: {}", verdict.authenticated() ? "authenticated" : "encrypted", verdict.reason());
 * }</pre>
 */
public final class TlsPolicy {
    private static final Logger LOG = LoggerFactory.getLogger(TlsPolicy.class);

    /** Certificates of a chain that are looked at. The JDK's own limit for a handshake is 10. */
    private static final int MAX_CHAIN = 16;
    /** Names and patterns that a policy is made of. */
    private static final int MAX_PATTERNS = 1000;

    private static final TlsPolicy NONE = new TlsPolicy(Kind.NONE, null, null, List.of());
    private static final TlsPolicy OPPORTUNISTIC = new TlsPolicy(Kind.OPPORTUNISTIC, null, null, List.of());
    private static final TlsPolicy REQUIRED = new TlsPolicy(Kind.REQUIRED, null, null, List.of());

    private enum Kind {
        NONE("no TLS"),
        OPPORTUNISTIC("opportunistic"),
        IF_OFFERED("verified if offered"),
        REQUIRED("required"),
        VERIFIED("verified"),
        DANE("DANE"),
        MTA_STS("MTA-STS");

        final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    /** The roots of the JVM, read when they are first asked for: that takes time. */
    private static final class SystemRoots {
        private static @Nullable ClientTrust known;

        /** Throws as often as they can't be read. */
        static synchronized ClientTrust trust() {
            ClientTrust trust = known == null ? ClientTrust.system() : known;
            known = trust;
            return trust;
        }
    }

    private final Kind kind;
    private final @Nullable ClientTrust trust;
    private final @Nullable DaneRecords records;
    private final List<String> patterns;

    private TlsPolicy(Kind kind, @Nullable ClientTrust trust, @Nullable DaneRecords records, List<String> patterns) {
        this.kind = kind;
        this.trust = trust;
        this.records = records;
        this.patterns = patterns;
    }

    /** TLS is not asked for. */
    public static TlsPolicy none() {
        return NONE;
    }

    /**
     * TLS where it is offered, with whoever answers, and in clear where it is not or fails (RFC 7435). Nothing for a
     * client that logs in.
     */
    public static TlsPolicy opportunistic() {
        return OPPORTUNISTIC;
    }

    /**
     * TLS as {@link #verified} where it is offered, and in clear only where it is not: who steps between can strip the
     * offer, as with any TLS that is not required.
     */
    public static TlsPolicy verifiedIfOffered(ClientTrust trust) {
        return new TlsPolicy(Kind.IF_OFFERED, trust.verified() ? trust : null, null, List.of());
    }

    /** TLS or nothing, with whoever answers: against those who listen, not against those who step between. */
    public static TlsPolicy required() {
        return REQUIRED;
    }

    /**
     * TLS with a certificate of an issuer that is trusted, for the server's host name or address (RFC 9525); with
     * {@link ClientTrust#insecure} the same as {@link #required}.
     */
    public static TlsPolicy verified(ClientTrust trust) {
        return trust.verified() ? new TlsPolicy(Kind.VERIFIED, trust, null, List.of()) : REQUIRED;
    }

    /** As {@link #dane(List, List)}, where the certificate is for the host and no other name. */
    public static TlsPolicy dane(List<TlsaRecord> records) {
        return dane(records, List.of());
    }

    /**
     * TLS with a certificate that the TLSA records tell. Where there are records and none is usable, TLS with whoever
     * answers (RFC 7672 §2.2).
     *
     * @param records those of the host, validated by DNSSEC; the first {@value DaneRecords#MAX_RECORDS} are looked at
     * @param otherNames the names that the certificate may have instead of that of the host with the records, where
     *     these stand for its issuer: the domain of the mail, and the alias-free form of it (RFC 7672 §3.2.2)
     * @throws IllegalArgumentException if there is no record: a host that publishes none is for another policy
     */
    public static TlsPolicy dane(List<TlsaRecord> records, List<String> otherNames) {
        if (records.isEmpty()) {
            throw new IllegalArgumentException("DANE without a TLSA record");
        }
        return new TlsPolicy(Kind.DANE, null, new DaneRecords(records, otherNames), List.of());
    }

    /**
     * TLS as {@link #verified}, with a host that the policy of its domain names (RFC 8461 §4.1, §4.2).
     *
     * @param mxPatterns the values of its {@code mx} fields, such as {@code mx.example.org} or {@code *.example.org};
     *     what is neither matches no host
     * @param trust the roots; {@link ClientTrust#insecure} makes no policy
     * @throws IllegalArgumentException if the trust is insecure, or there are over 1,000 patterns
     */
    public static TlsPolicy mtaSts(List<String> mxPatterns, ClientTrust trust) {
        if (!trust.verified()) {
            throw new IllegalArgumentException("MTA-STS without roots to trust");
        }
        if (mxPatterns.size() > MAX_PATTERNS) {
            throw new IllegalArgumentException("patterns: " + mxPatterns.size());
        }
        return new TlsPolicy(Kind.MTA_STS, trust, null, List.copyOf(mxPatterns));
    }

    /** Whether TLS is asked for where it is offered. */
    public boolean isTlsWanted() {
        return kind != Kind.NONE;
    }

    /** Whether nothing is to be sent without TLS. */
    public boolean isTlsRequired() {
        return kind != Kind.NONE && kind != Kind.OPPORTUNISTIC && kind != Kind.IF_OFFERED;
    }

    /** Whether what can't go under TLS that is offered goes in clear. */
    public boolean isTlsGivenUp() {
        return kind == Kind.OPPORTUNISTIC;
    }

    /**
     * Judges a server by the certificates that it shows. Depends on its arguments alone, asks nobody, and throws nothing
     * on account of them; revocation is not looked at.
     *
     * @param chain the server's own certificate, then others in any order
     * @param host the name, in A-labels, or the address by which the server was to be reached: of an MX host the one in
     *     the MX record; for DANE the one that has the TLSA records
     * @param now when
     */
    public TlsVerdict judge(List<X509Certificate> chain, String host, Instant now) {
        try {
            return judged(chain.subList(0, Math.min(chain.size(), MAX_CHAIN)), host, now);
        } catch (RuntimeException e) { // of the JDK's or of BouncyCastle's, on certificates that were made for it
            LOG.debug("the certificates of {} can't be judged", Escaped.text(host), Escaped.error(e));
            return withoutProof(new Fault(CertificateFault.OTHER, "the certificate can't be judged"));
        }
    }

    private TlsVerdict judged(List<X509Certificate> chain, String host, Instant now) {
        if (kind == Kind.NONE) {
            return TlsVerdict.encrypted("encrypted, though nobody asked for it");
        }
        if (chain.isEmpty()) {
            return withoutProof(new Fault(CertificateFault.OTHER, "the server shows no certificate"));
        }
        DaneRecords tlsa = records;
        if (tlsa != null) {
            return tlsa.judge(chain, host, now);
        }
        if (kind == Kind.MTA_STS && !isNamedByPolicy(host)) {
            return TlsVerdict.refused(
                    new Fault(CertificateFault.NOT_OF_POLICY, shown(host) + " is no host of the MTA-STS policy"));
        }
        return fault(chain, host, now)
                .map(this::withoutProof)
                .orElseGet(() -> TlsVerdict.authenticated("the certificate is issued for " + shown(host) + " by "
                        + shown(chain.get(0).getIssuerX500Principal())));
    }

    private TlsVerdict withoutProof(Fault fault) {
        boolean anybody = kind == Kind.OPPORTUNISTIC
                || kind == Kind.IF_OFFERED && trust == null
                || kind == Kind.REQUIRED
                || kind == Kind.NONE;
        return anybody ? TlsVerdict.encrypted(fault) : TlsVerdict.refused(fault);
    }

    private Optional<Fault> fault(List<X509Certificate> chain, String host, Instant now) {
        ClientTrust roots = trust == null ? SystemRoots.trust() : trust;
        Optional<Fault> fault = ChainFaults.of(chain, now, () -> roots.check(chain, now));
        if (fault.isPresent()) {
            return fault;
        }
        CertificateNames names = CertificateNames.of(chain.get(0));
        return names.include(host)
                ? Optional.empty()
                : Optional.of(new Fault(
                        CertificateFault.OTHER_NAME,
                        "the certificate is issued for " + names + ", not for " + shown(host)));
    }

    private boolean isNamedByPolicy(String host) {
        String name = HostNames.comparable(host);
        return !HostNames.isAddress(name)
                && patterns.stream().anyMatch(p -> HostNames.matches(HostNames.comparable(p), name));
    }

    /** In a word or two, for logs. */
    @Override
    public String toString() {
        DaneRecords tlsa = records;
        return tlsa == null ? kind.words : kind.words + " with " + tlsa.count() + " usable TLSA records";
    }
}
