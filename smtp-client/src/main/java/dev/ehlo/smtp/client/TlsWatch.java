package dev.ehlo.smtp.client;

import dev.ehlo.smtp.tls.CertificateFault;
import dev.ehlo.smtp.tls.TlsPolicy;
import dev.ehlo.smtp.tls.TlsSession;
import dev.ehlo.smtp.tls.TlsVerdict;
import dev.ehlo.smtp.tls.TlsaRecord;
import dev.ehlo.smtp.tls.reactor.Connection;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of TLS with one mail exchanger. Mail of several domains that goes there together counts for the first of them.
 *
 * @param host as the domain names it
 * @param judgedBy the name, or the address, that its certificate is to be for
 * @param tested a policy that is tested only, and so not the connection's; null if there is none
 */
record TlsWatch(
        TlsEvents events,
        TlsResult.Policy policy,
        String host,
        String judgedBy,
        @Nullable TlsPolicy tested) {
    private static final Logger LOG = LoggerFactory.getLogger(TlsWatch.class);

    /**
     * The records, or the policy, that mail to the host of that domain goes by. DANE has
     * precedence where its records can tell the host from others. RFC 8461 §2, RFC 7672 §2.2.
     */
    static TlsResult.Policy policy(String domain, TlsaAnswer tlsa, @Nullable StsPolicy sts) {
        if (tlsa instanceof TlsaAnswer.Records records && (records.isUsable() || sts == null)) {
            List<String> text =
                    records.records().stream().map(TlsaRecord::toString).toList();
            return new TlsResult.Policy(TlsResult.Type.TLSA, text, domain, List.of());
        }
        if (tlsa instanceof TlsaAnswer.Failed) {
            return new TlsResult.Policy(TlsResult.Type.TLSA, List.of(), domain, List.of());
        }
        return sts == null
                ? new TlsResult.Policy(TlsResult.Type.NO_POLICY_FOUND, List.of(), domain, List.of())
                : new TlsResult.Policy(TlsResult.Type.STS, sts.text().lines().toList(), domain, sts.mx());
    }

    /** TLS stands. */
    void secured(Connection open, TlsSession tls) {
        TlsVerdict verdict = tested == null
                ? null
                : tested.judge(tls.peerChain(), judgedBy, InstantSource.system().instant());
        if (verdict == null || verdict.accepted()) {
            tell(open, null, "");
        } else {
            tell(open, failure(verdict), verdict.reason());
        }
    }

    /** The handshake failed; for what that verdict says, if there is one. */
    void failed(Connection gone, Optional<TlsVerdict> verdict) {
        tell(
                gone,
                verdict.map(TlsWatch::failure).orElse(TlsFailure.VALIDATION_FAILURE),
                verdict.map(TlsVerdict::reason).orElse("the handshake failed"));
    }

    void notOffered(Connection gone) {
        tell(gone, TlsFailure.STARTTLS_NOT_SUPPORTED, "");
    }

    /** Its TLSA records can't be known. */
    void unknown() {
        tell(
                events,
                new TlsResult(
                        policy,
                        host,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(TlsFailure.DNSSEC_INVALID),
                        "the TLSA records can't be looked up"));
    }

    private void tell(Connection connection, @Nullable TlsFailure failure, String reason) {
        InetAddress from = connection.localAddress().getAddress();
        InetAddress to = connection.remoteAddress().getAddress();
        tell(
                events,
                new TlsResult(
                        policy,
                        host,
                        Optional.ofNullable(from),
                        Optional.ofNullable(to),
                        Optional.ofNullable(failure),
                        reason));
    }

    /** Tells; a listener that fails holds up no mail. */
    static void tell(TlsEvents events, TlsResult result) {
        try {
            events.ended(result);
        } catch (RuntimeException e) {
            LOG.error("who listens for results of TLS failed", e);
        }
    }

    private static TlsFailure failure(TlsVerdict verdict) {
        return switch (verdict.fault().orElse(CertificateFault.OTHER)) {
            case EXPIRED -> TlsFailure.CERTIFICATE_EXPIRED;
            case OTHER_NAME -> TlsFailure.CERTIFICATE_HOST_MISMATCH;
            case NOT_TRUSTED -> TlsFailure.CERTIFICATE_NOT_TRUSTED;
            case NOT_OF_RECORD, NOT_OF_POLICY, OTHER -> TlsFailure.VALIDATION_FAILURE;
        };
    }
}
