package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.client.MxAnswer;
import dev.ehlo.smtp.client.MxHost;
import dev.ehlo.smtp.client.SrvAnswer;
import dev.ehlo.smtp.client.SrvTarget;
import dev.ehlo.smtp.client.StsReport;
import dev.ehlo.smtp.client.TlsReportRecord;
import java.util.Comparator;
import java.util.List;

/** What DNS says of a domain, and its server of policies: hosts in an order that does not change from time to time. */
public record DomainFacts(
        String name, MxAnswer mx, StsReport sts, TlsReportRecord tlsRpt, SrvAnswer submissions, SrvAnswer submission) {
    /** Mail exchangers that are looked at, the most preferred ones. */
    static final int MAX_EXCHANGERS = 5;
    /** Hosts of each kind of submission that are looked at. */
    static final int MAX_SERVICES = 3;

    /** Puts the hosts in order. */
    public DomainFacts {
        if (mx instanceof MxAnswer.Hosts answer) {
            List<MxHost> hosts = answer.hosts().stream()
                    .sorted(Comparator.comparingInt(MxHost::preference).thenComparing(MxHost::name))
                    .toList();
            mx = new MxAnswer.Hosts(hosts, answer.isSecure(), answer.isImplicit());
        }
        submissions = inOrder(submissions);
        submission = inOrder(submission);
    }

    private static SrvAnswer inOrder(SrvAnswer answer) {
        return answer instanceof SrvAnswer.Targets some
                ? new SrvAnswer.Targets(
                        some.targets().stream()
                                .sorted(Comparator.comparingInt(SrvTarget::priority)
                                        .thenComparing(SrvTarget::host)
                                        .thenComparingInt(SrvTarget::port))
                                .toList(),
                        some.isSecure())
                : answer;
    }

    /** Whether hosts are named by MX records; else it is its own host, if any. RFC 5321 §5.1. */
    public boolean hasMx() {
        return !(mx instanceof MxAnswer.Hosts answer && answer.isImplicit());
    }

    /** Its mail hosts, but for those that are known to have no address; of these {@link #MAX_EXCHANGERS} are looked at. */
    List<MxHost> exchangers() {
        return mx instanceof MxAnswer.Hosts answer
                ? answer.hosts().stream()
                        .filter(host -> !host.addresses().isEmpty() || host.isLookUpFailed())
                        .toList()
                : List.of();
    }

    /** Hosts of that answer; of these {@link #MAX_SERVICES} are looked at. */
    static List<SrvTarget> services(SrvAnswer answer) {
        return answer instanceof SrvAnswer.Targets some ? some.targets() : List.of();
    }
}
