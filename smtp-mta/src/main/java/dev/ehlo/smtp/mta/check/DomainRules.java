package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.client.MxAnswer;
import dev.ehlo.smtp.client.MxHost;
import dev.ehlo.smtp.client.SrvAnswer;
import dev.ehlo.smtp.client.StsPolicy;
import java.util.ArrayList;
import java.util.List;

/** What DNS and the server of policies say of a domain. RFC 5321 §5.1, RFC 7505, RFC 8460, RFC 8461. */
final class DomainRules {
    private DomainRules() {}

    static List<Finding> of(DomainFacts domain) {
        List<Finding> findings = new ArrayList<>();
        String where = Where.text(domain.name());
        mx(domain.mx(), where, findings);
        if (domain.mx() instanceof MxAnswer.NoSuchDomain) {
            return findings;
        }
        if (!domain.sts().fault().isEmpty()) {
            findings.add(Finding.wrong(
                    Problem.STS_BROKEN,
                    where,
                    "its MTA-STS holds nobody to anything: "
                            + Where.text(domain.sts().fault()),
                    "serve https://mta-sts." + where + "/.well-known/mta-sts.txt as RFC 8461 says, or take the record "
                            + "away"));
        }
        if (!domain.tlsRpt().fault().isEmpty()) {
            findings.add(Finding.wrong(
                    Problem.TLSRPT_BROKEN,
                    where,
                    (domain.tlsRpt().addresses().isEmpty()
                                    ? "nobody sends it TLS reports: "
                                    : "not all its TLS reports arrive: ")
                            + Where.text(domain.tlsRpt().fault()),
                    "make the TXT record at _smtp._tls." + where + " such as v=TLSRPTv1; rua=mailto:tls@" + where));
        }
        boolean isUnknown = domain.submission() instanceof SrvAnswer.TemporaryFailure
                || domain.submissions() instanceof SrvAnswer.TemporaryFailure;
        if (isUnknown && !(domain.mx() instanceof MxAnswer.TemporaryFailure)) {
            findings.add(Finding.advice(
                    Problem.SRV_FAILS,
                    where,
                    "its SRV records of submission can't be looked up",
                    "have its name servers answer for them, if only that there are none"));
        }
        return findings;
    }

    private static void mx(MxAnswer answer, String where, List<Finding> findings) {
        if (answer instanceof MxAnswer.NoSuchDomain) {
            findings.add(Finding.wrong(
                    Problem.NO_SUCH_DOMAIN,
                    where,
                    "there is no such domain, and mail to it is returned",
                    "correct the name, or have it registered"));
        } else if (answer instanceof MxAnswer.NullMx) {
            findings.add(Finding.wrong(
                    Problem.NULL_MX,
                    where,
                    "the domain says that it takes no mail (null MX), and mail to it is returned",
                    "write to an address of another domain, or, if it is yours, replace the record MX 0 ."));
        } else if (answer instanceof MxAnswer.NoAddress) {
            findings.add(Finding.wrong(
                    Problem.NO_ADDRESS,
                    where,
                    "no mail host of the domain has an address, and mail to it is returned",
                    "give the names in its MX records A or AAAA records"));
        } else if (answer instanceof MxAnswer.TemporaryFailure) {
            findings.add(Finding.wrong(
                    Problem.DNS_FAILS,
                    where,
                    "DNS does not say where its mail goes, and mail to it waits",
                    "see whether its name servers answer, and whether its DNSSEC signatures are good"));
        } else if (answer instanceof MxAnswer.Hosts hosts) {
            for (MxHost host : hosts.hosts()) {
                if (host.addresses().isEmpty() && !host.isLookUpFailed()) {
                    findings.add(Finding.advice(
                            Problem.NO_ADDRESS,
                            Where.text(host.name()),
                            "the MX record names a host that has no address",
                            "give it one, or take the record away"));
                }
            }
        }
    }

    /** Whether the domain's policy holds senders to anything. */
    static boolean isHeld(DomainFacts domain) {
        return domain.sts()
                .policy()
                .filter(policy -> policy.mode() != StsPolicy.Mode.NONE)
                .isPresent();
    }

    /** Whether mail waits where its policy is not kept. */
    static boolean isEnforced(DomainFacts domain) {
        return domain.sts()
                .policy()
                .filter(policy -> policy.mode() == StsPolicy.Mode.ENFORCE)
                .isPresent();
    }
}
