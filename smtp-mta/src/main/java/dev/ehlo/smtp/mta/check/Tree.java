package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.client.MxAnswer;
import dev.ehlo.smtp.client.MxHost;
import dev.ehlo.smtp.client.SrvAnswer;
import dev.ehlo.smtp.client.StsPolicy;
import dev.ehlo.smtp.client.TlsaAnswer;
import dev.ehlo.smtp.tls.TlsVerdict;
import dev.ehlo.smtp.tls.TlsaRecord;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Facts and findings for machines: maps with members in order, lists, text, whole numbers, and true or false. What is not
 * known has no member. Text is as peers said it: whoever prints it escapes it.
 */
public final class Tree {
    private Tree() {}

    /** All of it. */
    public static Map<String, Object> of(Facts facts, List<Finding> findings) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("subject", facts.subject().name());
        tree.put("time", facts.now().toString());
        tree.put("wrong", findings.stream().anyMatch(Finding::isWrong));
        tree.put("findings", list(findings, Tree::finding));
        facts.domain().ifPresent(domain -> tree.put("domain", domain(domain)));
        tree.put("hosts", list(facts.hosts(), host -> host(host, facts)));
        return tree;
    }

    private static <T> List<Object> list(List<T> all, Function<T, Object> one) {
        return all.stream().map(one).toList();
    }

    private static Map<String, Object> finding(Finding finding) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("problem", finding.problem().toString());
        tree.put("wrong", finding.isWrong());
        tree.put("where", finding.where());
        tree.put("sentence", finding.sentence());
        return tree;
    }

    private static Map<String, Object> domain(DomainFacts domain) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", domain.name());
        tree.put("mx", domain.hasMx() ? Screen.word(domain.mx()) : "none");
        if (domain.mx() instanceof MxAnswer.Hosts answer) {
            tree.put("proven", answer.isSecure());
            tree.put("hosts", list(answer.hosts(), Tree::exchanger));
        }
        Map<String, Object> sts = new LinkedHashMap<>();
        if (domain.sts().isKnown()) {
            sts.put("published", domain.sts().isPublished());
        }
        putIfAny(sts, "fault", domain.sts().fault());
        domain.sts().policy().ifPresent(policy -> policy(policy, sts));
        tree.put("mtaSts", sts);
        Map<String, Object> report = new LinkedHashMap<>();
        if (domain.tlsRpt().isKnown()) {
            report.put("published", domain.tlsRpt().isPublished());
        }
        report.put(
                "rua", domain.tlsRpt().addresses().stream().map(URI::toString).toList());
        putIfAny(report, "fault", domain.tlsRpt().fault());
        tree.put("tlsRpt", report);
        services("submissions", domain.submissions(), tree);
        services("submission", domain.submission(), tree);
        return tree;
    }

    private static Object exchanger(MxHost host) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("preference", (long) host.preference());
        tree.put("name", host.name());
        if (!host.addresses().isEmpty() || !host.isLookUpFailed()) {
            tree.put("addresses", list(host.addresses(), a -> a.getHostAddress()));
        }
        return tree;
    }

    private static void policy(StsPolicy policy, Map<String, Object> tree) {
        tree.put("mode", policy.mode().name().toLowerCase(Locale.ROOT));
        tree.put("mx", policy.mx());
        tree.put("maxAge", policy.maxAge().toSeconds());
    }

    private static void services(String name, SrvAnswer answer, Map<String, Object> tree) {
        if (!(answer instanceof SrvAnswer.TemporaryFailure)) {
            tree.put(name, list(DomainFacts.services(answer), each -> each.host() + ':' + each.port()));
        }
    }

    private static Object host(HostFacts host, Facts facts) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", host.name());
        tree.put("addresses", list(host.addresses(), a -> a.getHostAddress()));
        tree.put("addressesKnown", host.place().isKnown());
        tree.put("addressesLeftOut", (long) host.place().more());
        if (!(host.tlsa() instanceof TlsaAnswer.Failed)) {
            tree.put(
                    "tlsa",
                    host.tlsa() instanceof TlsaAnswer.Records some
                            ? list(some.records(), TlsaRecord::toString)
                            : List.of());
        }
        tree.put("tlsaNotProven", host.unproven());
        tree.put("ptr", list(host.pointers(), Tree::pointer));
        tree.put("ports", list(host.ports(), port -> port(port, facts)));
        return tree;
    }

    private static Object pointer(PointerFacts pointer) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("address", pointer.address().getHostAddress());
        tree.put("names", pointer.names());
        if (pointer.isKnown()) {
            tree.put("confirmed", pointer.isConfirmed());
        }
        return tree;
    }

    private static Object port(PortFacts port, Facts facts) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("port", (long) port.port());
        tree.put("role", port.role().toString());
        tree.put("address", port.address().getHostAddress());
        tree.put("reach", word(port.reach()));
        putIfAny(tree, "said", port.said());
        if (port.reach() != Reach.OPEN) {
            return tree;
        }
        tree.put("tls", tls(port.tls(), facts));
        tree.put("offers", port.inClear());
        tree.put("offersInTls", port.inTls());
        port.login().ifPresent(login -> {
            tree.put("login", word(login.state()));
            tree.put("loginReply", login.said());
        });
        port.recipient().ifPresent(each -> {
            tree.put("recipientTaken", each.isTaken());
            tree.put("recipientCode", (long) each.code());
            tree.put("recipientReply", each.said());
        });
        return tree;
    }

    private static Object tls(TlsFacts tls, Facts facts) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("state", word(tls.state()));
        putIfAny(tree, "fault", tls.said());
        putIfAny(tree, "protocol", tls.protocol());
        putIfAny(tree, "suite", tls.suite());
        tls.certificate().ifPresent(each -> {
            tree.put("certificate", word(each.state()));
            tree.put("verdict", each.words());
            tree.put("until", each.until().toString());
            tree.put("daysLeft", each.daysLeft(facts.now()));
            each.dane().map(TlsVerdict::accepted).ifPresent(is -> tree.put("dane", is));
            each.dane().map(TlsVerdict::reason).ifPresent(why -> tree.put("daneVerdict", why));
        });
        return tree;
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static void putIfAny(Map<String, Object> tree, String name, String text) {
        if (!text.isEmpty()) {
            tree.put(name, text);
        }
    }
}
