package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.client.TlsaAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What DNS says of a host. RFC 7672 §2.1.2, RFC 8461 §4.1, RFC 1912 §2.1. */
final class HostRules {
    private HostRules() {}

    static List<Finding> of(HostFacts host, Optional<DomainFacts> domain) {
        List<Finding> findings = new ArrayList<>();
        String where = Where.text(host.name());
        if (host.tlsa() instanceof TlsaAnswer.Failed) {
            findings.add(Finding.wrong(
                    Problem.TLSA_FAILS,
                    where,
                    "its TLSA records can't be looked up, so that senders who go by DANE wait",
                    "have the name servers of its zone answer for _25._tcp." + where + ", and mend their signatures"));
        }
        if (!host.unproven().isEmpty()) {
            findings.add(Finding.advice(
                    Problem.TLSA_UNPROVEN,
                    where,
                    "it has TLSA records that DNSSEC does not prove to this machine, and unproven ones count for nothing",
                    "sign its zone and that of the domain, or ask a resolver that validates (--dns, --dane)"));
        }
        addresses(host, where, findings);
        if (host.isMailHost()) {
            domain.ifPresent(each -> policy(each, host, where, findings));
        }
        for (PointerFacts pointer : host.pointers()) {
            pointer(pointer, findings);
        }
        return findings;
    }

    private static void addresses(HostFacts host, String where, List<Finding> findings) {
        if (!host.place().isKnown()) {
            findings.add(Finding.wrong(
                    Problem.DNS_FAILS,
                    where,
                    "DNS does not say " + (host.addresses().isEmpty() ? "its addresses" : "all its addresses"),
                    "see whether the name servers of its zone answer, and whether its DNSSEC signatures are good"));
        } else if (host.addresses().isEmpty()) {
            findings.add(
                    host.kind() == HostFacts.Kind.SERVICE
                            ? Finding.wrong(
                                    Problem.NO_ADDRESS,
                                    where,
                                    "an SRV record names a host for users that has no address",
                                    "give it one, or take the record away")
                            : Finding.wrong(
                                    Problem.NO_ADDRESS,
                                    where,
                                    "DNS knows no address of that host",
                                    "correct the name, or give it A or AAAA records"));
        }
        if (host.place().more() > 0) {
            findings.add(Finding.advice(
                    Problem.LEFT_OUT,
                    where,
                    host.place().more() + " more of its addresses were not looked at",
                    "check them by themselves"));
        }
    }

    private static void policy(DomainFacts domain, HostFacts host, String where, List<Finding> findings) {
        if (!DomainRules.isHeld(domain) || domain.sts().policy().orElseThrow().includes(host.name())) {
            return;
        }
        String remedy = "add mx: " + where + " to the policy, and change the id in the TXT record at _mta-sts."
                + Where.text(domain.name());
        findings.add(
                DomainRules.isEnforced(domain)
                        ? Finding.wrong(
                                Problem.STS_HOST,
                                where,
                                "the domain's MTA-STS policy does not name this host, so that mail to it waits",
                                remedy)
                        : Finding.advice(
                                Problem.STS_HOST,
                                where,
                                "the domain's MTA-STS policy, which is being tested, does not name this host",
                                remedy));
    }

    private static void pointer(PointerFacts pointer, List<Finding> findings) {
        String address = pointer.address().getHostAddress();
        if (pointer.isKnown() && pointer.names().isEmpty()) {
            findings.add(Finding.advice(
                    Problem.NO_PTR,
                    address,
                    "the address has no name (PTR), and mail that it sends is refused by many",
                    "ask whoever provides the address to set one, which has that address in turn"));
        } else if (pointer.isKnown() && !pointer.isConfirmed()) {
            findings.add(Finding.advice(
                    Problem.PTR_UNCONFIRMED,
                    address,
                    "its name (PTR), " + Where.text(pointer.names().get(0))
                            + ", does not have that address, and mail that it sends is suspect to many",
                    "give the name an A or AAAA record with the address, or the address another name"));
        }
    }
}
