package dev.ehlo.smtp.mta.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Says what is wrong with the facts, and what to do. Depends on them alone, and asks nobody. */
public final class Judgement {
    /** Places of one finding that are named. */
    private static final int SHOWN_PLACES = 4;

    private Judgement() {}

    /** What is wrong first, the worst of it in front, then advice; nothing if all is well. */
    public static List<Finding> of(Facts facts) {
        List<Finding> findings = new ArrayList<>();
        facts.domain().ifPresent(domain -> findings.addAll(DomainRules.of(domain)));
        for (HostFacts host : facts.hosts()) {
            findings.addAll(HostRules.of(host, facts.domain()));
            findings.addAll(ReachRules.of(host, facts.domain()));
            for (PortFacts port : host.ports()) {
                if (!isJudged(host, port)) {
                    port.login()
                            .flatMap(login -> LoginRules.of(login, Where.of(host, port)))
                            .ifPresent(findings::add);
                } else {
                    findings.addAll(TlsRules.of(host, port, facts.domain()));
                    findings.addAll(CertificateRules.of(host, port, facts.domain(), facts.now()));
                    findings.addAll(LoginRules.of(host, port));
                }
            }
        }
        findings.addAll(LoginRules.undone(facts));
        return ranked(findings);
    }

    /** Of who takes the mail of others, what it has for its own users is its own affair. */
    static boolean isJudged(HostFacts host, PortFacts port) {
        return port.reach() == Reach.OPEN && (host.kind() != HostFacts.Kind.EXCHANGE || port.role() == Role.MX);
    }

    /** The same at several places is one finding. */
    private static List<Finding> ranked(List<Finding> findings) {
        List<Finding> merged = new ArrayList<>();
        for (Finding each : findings) {
            if (merged.stream().noneMatch(each::isLike)) {
                Set<String> places = new TreeSet<>();
                findings.stream().filter(each::isLike).forEach(same -> places.add(same.where()));
                merged.add(each.at(places.size() > 1 ? joined(places) : each.where()));
            }
        }
        merged.sort(Comparator.comparing((Finding f) -> !f.isWrong()).thenComparing(Finding::problem));
        return List.copyOf(merged);
    }

    private static String joined(Set<String> places) {
        List<String> shown = places.stream().limit(SHOWN_PLACES).toList();
        int more = places.size() - shown.size();
        return String.join(", ", shown) + (more > 0 ? " and " + more + " more" : "");
    }
}
