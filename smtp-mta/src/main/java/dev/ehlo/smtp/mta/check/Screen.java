package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.client.MxAnswer;
import dev.ehlo.smtp.client.MxHost;
import dev.ehlo.smtp.client.SrvAnswer;
import dev.ehlo.smtp.client.StsPolicy;
import dev.ehlo.smtp.client.StsReport;
import dev.ehlo.smtp.client.TlsReportRecord;
import dev.ehlo.smtp.client.TlsaAnswer;
import dev.ehlo.smtp.tls.TlsaRecord;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Shows facts and findings to people. What others say is escaped and cut. Used by one thread. */
public final class Screen {
    /** Hosts, targets and records of a kind that are shown. */
    private static final int SHOWN = 10;

    private static final int MOST_OFFERS = 30;

    private final Page page;

    /** @param isColoured whether whoever reads it is a terminal */
    public Screen(PrintWriter out, boolean isColoured) {
        page = new Page(out, isColoured);
    }

    /** All of it, with what is wrong at the end. */
    public void show(Facts facts, List<Finding> findings) {
        facts.domain().ifPresent(this::domain);
        for (HostFacts host : facts.hosts()) {
            host(host, facts);
        }
        findings.forEach(each -> page.verdict(
                each.isWrong() ? Page.Tone.BAD : Page.Tone.ADVICE,
                each.isWrong() ? "WRONG " : "ADVICE",
                each.sentence()));
        if (findings.stream().noneMatch(Finding::isWrong)) {
            page.verdict(Page.Tone.GOOD, "GOOD  ", Where.text(facts.subject().name()) + ": nothing is wrong.");
        }
    }

    private void domain(DomainFacts domain) {
        page.head(Where.text(domain.name()));
        mx(domain);
        StsReport sts = domain.sts();
        record(
                "MTA-STS",
                sts.isKnown(),
                sts.fault(),
                sts.policy().map(Screen::policy).orElse(""));
        TlsReportRecord report = domain.tlsRpt();
        record(
                "TLS-RPT",
                report.isKnown(),
                report.fault(),
                report.addresses().stream()
                        .limit(SHOWN)
                        .map(each -> Where.text(each.toString()))
                        .collect(Collectors.joining(" ")));
        srv("_submissions._tcp", domain.submissions());
        srv("_submission._tcp", domain.submission());
        page.blank();
    }

    private void record(String label, boolean isKnown, String fault, String said) {
        String shown = said.isEmpty() ? "none" : said;
        page.row(
                label,
                fault.isEmpty() ? Page.Tone.PLAIN : isKnown ? Page.Tone.BAD : Page.Tone.ADVICE,
                fault.isEmpty() ? shown : isKnown ? "broken" : "DNS fails");
    }

    private void mx(DomainFacts domain) {
        if (domain.mx() instanceof MxAnswer.Hosts answer) {
            String label = domain.hasMx() ? "MX" : "no MX";
            for (MxHost host : answer.hosts().stream().limit(SHOWN).toList()) {
                String where = !host.addresses().isEmpty()
                        ? addresses(host.addresses())
                        : host.isLookUpFailed() ? "not known" : "no address";
                page.row(
                        label,
                        Page.Tone.PLAIN,
                        (domain.hasMx() ? host.preference() + " " + Where.text(host.name()) : "its own host") + "  "
                                + where);
                label = "";
            }
            page.row("DNSSEC", Page.Tone.PLAIN, answer.isSecure() ? "proven" : "not proven");
        } else {
            page.row("MX", Page.Tone.BAD, word(domain.mx()));
        }
    }

    /** An answer without hosts in a word or two. */
    static String word(MxAnswer answer) {
        if (answer instanceof MxAnswer.NullMx) {
            return "null MX";
        } else if (answer instanceof MxAnswer.NoSuchDomain) {
            return "no such domain";
        } else if (answer instanceof MxAnswer.NoAddress) {
            return "no address";
        }
        return answer instanceof MxAnswer.Hosts ? "hosts" : "DNS fails";
    }

    private static String policy(StsPolicy policy) {
        return policy.mode().name().toLowerCase(Locale.ROOT) + ", for "
                + policy.maxAge().toHours() + " h: "
                + policy.mx().stream().limit(SHOWN).map(Where::text).collect(Collectors.joining(" "));
    }

    private void srv(String service, SrvAnswer answer) {
        if (answer instanceof SrvAnswer.Targets some) {
            some.targets().stream()
                    .limit(SHOWN)
                    .forEach(each ->
                            page.row("SRV", Page.Tone.PLAIN, service + "  " + Where.of(each.host(), each.port())));
        } else if (answer instanceof SrvAnswer.TemporaryFailure) {
            page.row("SRV", Page.Tone.ADVICE, service + "  DNS fails");
        }
    }

    private void host(HostFacts host, Facts facts) {
        String where = addresses(host.addresses());
        String name = Where.text(host.name());
        page.head(where.isEmpty() || where.equals(name) ? name : name + "  " + where);
        if (host.addresses().isEmpty()) {
            page.row("address", Page.Tone.BAD, host.place().isKnown() ? "none" : "DNS fails");
        }
        for (PointerFacts pointer : host.pointers()) {
            String pointed = pointer.names().isEmpty()
                    ? "none"
                    : Where.text(pointer.names().get(0));
            page.row(
                    "PTR",
                    pointer.isConfirmed() || !pointer.isKnown() ? Page.Tone.PLAIN : Page.Tone.ADVICE,
                    pointer.isKnown()
                            ? pointed
                                    + (pointer.isConfirmed() || pointer.names().isEmpty() ? "" : " (not confirmed)")
                            : "DNS fails");
        }
        if (host.tlsa() instanceof TlsaAnswer.Records records) {
            records.records().stream()
                    .limit(SHOWN)
                    .map(TlsaRecord::toString)
                    .forEach(each -> page.row("TLSA", Page.Tone.PLAIN, each));
        }
        host.unproven().stream()
                .limit(SHOWN)
                .forEach(each -> page.row("TLSA", Page.Tone.ADVICE, Where.text(each) + " (not proven)"));
        for (PortFacts port : host.ports()) {
            port(host, port, facts);
        }
        page.blank();
    }

    private void port(HostFacts host, PortFacts port, Facts facts) {
        boolean isOpen = port.reach() == Reach.OPEN;
        String address = host.addresses().size() > 1 ? "  [" + port.address().getHostAddress() + ']' : "";
        page.row(
                String.valueOf(port.port()),
                isOpen ? Page.Tone.GOOD : Page.Tone.PLAIN,
                port.reach() + (port.said().isEmpty() || !isOpen ? "" : "  " + Where.text(port.said())) + address);
        if (!isOpen) {
            return;
        }
        tls(port, facts);
        if (!port.inClear().isEmpty()) {
            page.row("  offers", Page.Tone.PLAIN, offers(port.inClear()));
        }
        if (!port.inTls().isEmpty()) {
            page.row("  in TLS", Page.Tone.PLAIN, change(port.inClear(), port.inTls()));
        }
        port.login()
                .ifPresent(login -> page.row(
                        "  login",
                        login.state() == LoginFacts.State.TAKEN ? Page.Tone.GOOD : Page.Tone.BAD,
                        Where.text(login.said())));
        port.recipient()
                .ifPresent(each ->
                        page.row("  RCPT", each.isTaken() ? Page.Tone.GOOD : Page.Tone.BAD, Where.text(each.said())));
    }

    private void tls(PortFacts port, Facts facts) {
        TlsFacts tls = port.tls();
        switch (tls.state()) {
            case STARTTLS, IMPLICIT ->
                page.row(
                        "  TLS",
                        Page.Tone.PLAIN,
                        tls.protocol()
                                + ' '
                                + tls.suite()
                                + (tls.state() == TlsState.IMPLICIT ? ", from the first octet" : ", by STARTTLS"));
            case NOT_OFFERED -> page.row("  TLS", Page.Tone.ADVICE, "not offered");
            case REFUSED, FAILED -> page.row("  TLS", Page.Tone.BAD, "fails: " + Where.text(tls.said()));
            case UNKNOWN -> {}
        }
        tls.certificate().ifPresent(each -> {
            page.row(
                    "  cert",
                    each.state() == CertificateFacts.State.GOOD ? Page.Tone.GOOD : Page.Tone.ADVICE,
                    each.words()
                            + (each.daysLeft(facts.now()) < 0 ? "" : ", " + each.daysLeft(facts.now()) + " days left"));
            each.dane()
                    .ifPresent(verdict -> page.row(
                            "  DANE",
                            verdict.accepted() ? Page.Tone.GOOD : Page.Tone.BAD,
                            Where.text(verdict.reason())));
        });
    }

    private static String offers(List<String> offers) {
        return offers.stream().limit(MOST_OFFERS).map(Where::text).collect(Collectors.joining(", "));
    }

    /** What TLS changes of what is offered, as most of it is the same. */
    private static String change(List<String> before, List<String> after) {
        if (before.isEmpty()) {
            return offers(after);
        }
        List<String> more =
                after.stream().filter(each -> !before.contains(each)).toList();
        List<String> fewer = before.stream()
                .filter(each -> !after.contains(each) && !each.equalsIgnoreCase("STARTTLS"))
                .toList();
        return (more.isEmpty() ? "the same" : "and " + offers(more))
                + (fewer.isEmpty() ? "" : "; without " + offers(fewer));
    }

    private static String addresses(List<InetAddress> addresses) {
        return addresses.stream()
                .limit(Place.MAX_ADDRESSES)
                .map(InetAddress::getHostAddress)
                .collect(Collectors.joining(" "));
    }
}
