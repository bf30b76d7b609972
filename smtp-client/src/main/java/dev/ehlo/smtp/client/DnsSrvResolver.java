package dev.ehlo.smtp.client;

import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.tls.reactor.Escaped;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** SRV look-ups. Thread-safe, and never blocks who calls. RFC 2782. */
final class DnsSrvResolver implements SrvResolver {
    /** Targets of one service that are told. */
    static final int MAX_TARGETS = 100;

    private static final Logger LOG = LoggerFactory.getLogger(DnsSrvResolver.class);

    private final DnsLookUps dns;

    DnsSrvResolver(DnsLookUps dns) {
        this.dns = dns;
    }

    @Override
    public CompletionStage<SrvAnswer> resolve(String service, String domain) {
        String owner = service + '.' + DomainGrammar.toAscii(domain);
        Name name;
        try {
            // dnsjava would ask for the octets of Latin-1, which are in no zone.
            if (!StandardCharsets.US_ASCII.newEncoder().canEncode(owner)) {
                throw new IllegalArgumentException("neither ASCII nor U-labels");
            }
            name = Name.fromString(owner, Name.root);
        } catch (TextParseException | IllegalArgumentException e) {
            LOG.debug("{} can't be a name in DNS", Octets.printable(owner), e);
            return CompletableFuture.completedFuture(new SrvAnswer.None());
        }
        // Elsewhere, as a query may take locks, and read what the system is configured for.
        return CompletableFuture.completedFuture(name)
                .thenComposeAsync(asked -> dns.ask(asked, Type.SRV))
                .thenApply(DnsSrvResolver::read)
                .exceptionally(error -> {
                    LOG.debug(
                            "SRV look-up of {} failed",
                            Octets.printable(owner),
                            Escaped.error(DnsLookUps.cause(error)));
                    return new SrvAnswer.TemporaryFailure();
                });
    }

    private static SrvAnswer read(DnsAnswer answer) {
        List<SrvTarget> targets = new ArrayList<>();
        for (Record each : answer.records()) {
            SRVRecord srv = (SRVRecord) each;
            if (!srv.getTarget().equals(Name.root) && targets.size() < MAX_TARGETS) {
                targets.add(new SrvTarget(
                        srv.getTarget().toString(true), srv.getPort(), srv.getPriority(), srv.getWeight()));
            }
        }
        if (!targets.isEmpty()) {
            return new SrvAnswer.Targets(targets, answer.secure());
        }
        return answer.records().isEmpty() ? new SrvAnswer.None() : new SrvAnswer.NotAvailable();
    }
}
