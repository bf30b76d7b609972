package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.tls.TlsVerdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a certificate is worth. RFC 9525, RFC 7672 §2.2, RFC 8461 §4.2. */
final class CertificateRules {
    /** From then on one is to be reminded: authorities that renew by themselves do so with 30 days left. */
    static final int SOON_DAYS = 14;

    private CertificateRules() {}

    static List<Finding> of(HostFacts host, PortFacts port, Optional<DomainFacts> domain, Instant now) {
        if (!port.tls().isUp()) {
            return List.of();
        }
        String where = Where.of(host, port);
        Optional<CertificateFacts> shown = port.tls().certificate();
        if (shown.isEmpty()) {
            return List.of(Finding.wrong(
                    Problem.NO_CERTIFICATE, where, "the server shows no certificate", "give it one, with its key"));
        }
        CertificateFacts certificate = shown.get();
        List<Finding> findings = new ArrayList<>();
        certificate
                .dane()
                .filter(verdict -> !verdict.accepted())
                .ifPresent(verdict -> findings.add(dane(verdict, where)));
        boolean isDaneAlone = certificate.dane().isPresent() && !isHeld(host, domain);
        if (certificate.state() != CertificateFacts.State.GOOD && !isDaneAlone) {
            findings.add(fault(host, port, domain, certificate, where));
        }
        if (certificate.isTimed() && certificate.daysLeft(now) < SOON_DAYS) {
            findings.add(Finding.advice(
                    Problem.ENDS_SOON,
                    where,
                    "the certificate ends in " + certificate.daysLeft(now) + " days",
                    "renew it, and see why it was not renewed by itself"));
        }
        return findings;
    }

    private static Finding dane(TlsVerdict verdict, String where) {
        return Finding.wrong(
                Problem.DANE_MISMATCH,
                where,
                "DANE refuses the certificate, so that mail to it waits: " + Where.text(verdict.reason()),
                "publish a TLSA record of the certificate that is in use, before the next change as well");
    }

    /** Whether senders that know no DANE go by the domain's policy of MTA-STS. */
    private static boolean isHeld(HostFacts host, Optional<DomainFacts> domain) {
        return host.isMailHost() && domain.filter(DomainRules::isHeld).isPresent();
    }

    /** Who sends mail from server to server takes any certificate, unless a policy says otherwise. RFC 7435. */
    private static Finding fault(
            HostFacts host, PortFacts port, Optional<DomainFacts> domain, CertificateFacts certificate, String where) {
        String what = Where.text(certificate.words());
        if (port.role() == Role.MX && isHeld(host, domain)) {
            boolean isEnforced = domain.filter(DomainRules::isEnforced).isPresent();
            return new Finding(
                    Problem.STS_CERTIFICATE,
                    isEnforced,
                    where,
                    (isEnforced
                                    ? "MTA-STS refuses the certificate, so that mail to it waits: "
                                    : "MTA-STS, which is being tested, refuses the certificate: ")
                            + what,
                    remedy(certificate));
        }
        return new Finding(
                Problem.valueOf(certificate.state().name()),
                port.role() != Role.MX,
                where,
                port.role() == Role.MX ? what + ", which senders without a policy overlook" : what,
                remedy(certificate));
    }

    private static String remedy(CertificateFacts certificate) {
        return switch (certificate.state()) {
            case GOOD -> "leave it as it is";
            case EXPIRED -> "renew it, and have the server load the new one";
            case NOT_YET_VALID -> "set the clock right where it was issued or here, or wait";
            case WRONG_NAME -> "get one for the name that clients use, or have them use a name that is in it";
            case SELF_SIGNED -> "get one from an authority, or have clients trust it (here: --ca)";
            case UNTRUSTED ->
                "have the server send the whole chain of an authority that clients know, or tell it here (--ca)";
        };
    }
}
