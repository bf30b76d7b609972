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
        if (domain.sts().isPublished() && !domain.sts().fault().isEmpty()) {
            findings.add(Finding.wrong(
                    Problem.STS_BROKEN,
                    where,
                    "its MTA-STS holds nobody to anything: "
                            + Where.text(domain.sts().fault()),
                    "serve https://mta-sts." + where + "/.well-known/mta-sts.txt as RFC 8461 says, or take the record "
                            + "away"));
        }
        if (domain.tlsRpt().isPublished() && !domain.tlsRpt().fault().isEmpty()) {
            findings.add(Finding.wrong(
                    Problem.TLSRPT_BROKEN,
                    where,
                    (domain.tlsRpt().addresses().isEmpty()
                                    ? "nobody sends it TLS reports: "
                                    : "not all its TLS reports arrive: ")
                            + Where.text(domain.tlsRpt().fault()),
                    "make the TXT record at _smtp._tls." + where + " such as v=TLSRPTv1; rua=mailto:tls@" + where));
        }
        if (!(domain.mx() instanceof MxAnswer.TemporaryFailure)) {
            records(domain, where, findings);
        }
        leftOut(domain, where, findings);
        return findings;
    }

    /** Those that are there or not: nobody knows. */
    private static void records(DomainFacts domain, String where, List<Finding> findings) {
        List<String> unknown = new ArrayList<>();
        if (!domain.sts().isKnown()) {
            unknown.add("_mta-sts");
        }
        if (!domain.tlsRpt().isKnown()) {
            unknown.add("_smtp._tls");
        }
        if (domain.submissions() instanceof SrvAnswer.TemporaryFailure) {
            unknown.add("_submissions._tcp");
        }
        if (domain.submission() instanceof SrvAnswer.TemporaryFailure) {
            unknown.add("_submission._tcp");
        }
        if (!unknown.isEmpty()) {
            findings.add(Finding.advice(
                    Problem.RECORDS_FAIL,
                    where,
                    "DNS does not say whether it has records at " + String.join(" and ", unknown),
                    "have its name servers answer for them, if only that there are none"));
        }
    }

    private static void leftOut(DomainFacts domain, String where, List<Finding> findings) {
        int more = Math.max(0, domain.exchangers().size() - DomainFacts.MAX_EXCHANGERS)
                + Math.max(0, DomainFacts.services(domain.submissions()).size() - DomainFacts.MAX_SERVICES)
                + Math.max(0, DomainFacts.services(domain.submission()).size() - DomainFacts.MAX_SERVICES);
        if (more > 0) {
            findings.add(Finding.advice(
                    Problem.LEFT_OUT,
                    where,
                    more + " more of its hosts were not looked at",
                    "check them by their names"));
        }
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
                    "give the hosts that its MX records name, or itself if it has none, A or AAAA records"));
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
                            "give it one, or name another: a host, and no address, belongs there"));
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
