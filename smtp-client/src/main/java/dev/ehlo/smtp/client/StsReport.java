package dev.ehlo.smtp.client;

import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.Octets;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What a domain says of MTA-STS now, looked at as a whole and kept nowhere: for who wants to know what is wrong with it.
 * To deliver by is for {@link MtaSts}. RFC 8461 §3.
 *
 * @param isPublished whether there is a TXT record of it, a good one or not
 * @param policy what its server of policies says; empty if there is none to be had
 * @param fault what is wrong, in words and printable; empty if nothing is
 */
public record StsReport(boolean isPublished, Optional<StsPolicy> policy, String fault) {
    private static final String VERSION = "v=STSv1";

    /** Whether DNS said if there is a record; else the fault is why not. */
    public boolean isKnown() {
        return isPublished || fault.isEmpty();
    }

    /**
     * The report of that domain.
     *
     * @param dns asked for the record
     * @param http with the trust and proxy by which policies are fetched
     * @param time for the fetch as a whole
     * @return a stage that does not fail
     */
    public static CompletionStage<StsReport> of(
            String domain, RecordResolver dns, HttpClient.Builder http, Duration time) {
        String name = DomainGrammar.withoutRoot(DomainGrammar.toAscii(domain)).toLowerCase(Locale.ROOT);
        if (!StsPolicies.isDomain(name)) {
            return CompletableFuture.completedFuture(new StsReport(false, Optional.empty(), ""));
        }
        return dns.resolve("_mta-sts." + name, RecordType.TXT)
                .thenCompose(answer -> answer instanceof RecordAnswer.Failed failed
                        ? CompletableFuture.completedFuture(new StsReport(
                                false, Optional.empty(), "the record can't be looked up: " + failed.reason()))
                        : read(name, answer.orNone(), http, time));
    }

    private static CompletionStage<StsReport> read(
            String domain, List<String> texts, HttpClient.Builder http, Duration time) {
        List<String> own = texts.stream().filter(t -> t.startsWith(VERSION)).toList();
        if (own.isEmpty()) {
            return CompletableFuture.completedFuture(new StsReport(false, Optional.empty(), ""));
        }
        if (own.size() > 1) {
            return CompletableFuture.completedFuture(new StsReport(
                    true, Optional.empty(), "there are " + own.size() + " records of it, where only one counts"));
        }
        if (StsRecord.id(own).isEmpty()) {
            return CompletableFuture.completedFuture(
                    new StsReport(true, Optional.empty(), "the record is malformed, or has no id"));
        }
        return new StsFetcher(http, time).fetch(domain).handle((policy, error) -> {
            if (policy != null) {
                return new StsReport(true, Optional.of(policy), "");
            }
            return new StsReport(
                    true, Optional.empty(), "the policy can't be fetched: " + why(DnsLookUps.cause(error)));
        });
    }

    private static String why(Throwable cause) {
        String message = cause.getMessage();
        return Octets.printable(message == null ? cause.getClass().getSimpleName() : message);
    }
}
