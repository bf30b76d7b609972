package dev.ehlo.smtp.client;

import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;

/** Looks up which hosts serve a domain. Called from any thread, and does not block it. RFC 2782. */
@FunctionalInterface
public interface SrvResolver {
    /** Submission with TLS from the first octet. RFC 8314 §5.1. */
    String SUBMISSIONS = "_submissions._tcp";
    /** Submission, under TLS by STARTTLS. RFC 6186 §3.1. */
    String SUBMISSION = "_submission._tcp";

    /**
     * The answer.
     *
     * @param service as {@link #SUBMISSIONS}
     * @param domain a name, in U-labels or A-labels
     * @return a stage that does not fail; if one of another implementation does, it is taken for
     *     {@link SrvAnswer.TemporaryFailure}
     */
    CompletionStage<SrvAnswer> resolve(String service, String domain);

    /** Asks the DNS servers that this machine is configured for, with {@link Dnssec#standard()}. */
    static SrvResolver system() {
        return system(Dnssec.standard());
    }

    /** Asks the DNS servers that this machine is configured for, and keeps answers as long as they say. */
    static SrvResolver system(Dnssec dnssec) {
        return new DnsSrvResolver(DnsLookUps.system(dnssec));
    }

    /** Asks that DNS server, by UDP and, for long answers, by TCP. */
    static SrvResolver at(InetSocketAddress server, Dnssec dnssec) {
        return new DnsSrvResolver(DnsLookUps.at(server, dnssec));
    }
}
