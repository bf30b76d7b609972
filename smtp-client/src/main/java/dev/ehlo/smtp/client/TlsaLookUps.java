package dev.ehlo.smtp.client;

import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.tls.TlsaRecord;
import dev.ehlo.smtp.tls.reactor.Escaped;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Name;
import org.xbill.DNS.NameTooLongException;
import org.xbill.DNS.Record;
import org.xbill.DNS.TLSARecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * Looks up the TLSA records of mail hosts whose addresses are proven; other hosts are not asked for, since nothing that
 * they say would be. Thread-safe. RFC 7672 §2.2.2, §2.2.3.
 */
final class TlsaLookUps {
    /** Where a host says what its certificate at the port of mail exchangers is. RFC 6698 §3. */
    private static final Name SERVICE = service();

    private static final Logger LOG = LoggerFactory.getLogger(TlsaLookUps.class);

    private final DnsLookUps dns;

    TlsaLookUps(DnsLookUps dns) {
        this.dns = dns;
    }

    private static Name service() {
        try {
            return Name.fromString("_25._tcp");
        } catch (TextParseException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The records of a host.
     *
     * @param addresses what DNS says of its addresses
     * @param otherNames that the certificate may have as well
     */
    CompletableFuture<TlsaAnswer> of(Name host, DnsAnswer addresses, List<Name> otherNames) {
        boolean isAlias = !addresses.name().equals(host);
        CompletableFuture<TlsaAnswer> answer;
        if (addresses.secure()) {
            List<Name> owners = isAlias ? List.of(addresses.name(), host) : List.of(host);
            answer = first(owners, 0, otherNames);
        } else if (isAlias) {
            // The alias itself may be proven where what it leads to is not: then the alias may have records.
            answer = dns.ask(host, Type.CNAME)
                    .thenCompose(alias -> alias.secure()
                            ? first(List.of(host), 0, otherNames)
                            : CompletableFuture.completedFuture(new TlsaAnswer.None()));
        } else {
            answer = CompletableFuture.completedFuture(new TlsaAnswer.None());
        }
        return answer.exceptionally(error -> {
            LOG.debug(
                    "look-up of the TLSA records of {} failed",
                    Octets.printable(host.toString()),
                    Escaped.error(error));
            return new TlsaAnswer.Failed();
        });
    }

    /** Those of the first of the names that has any. */
    private CompletableFuture<TlsaAnswer> first(List<Name> owners, int from, List<Name> otherNames) {
        if (from == owners.size()) {
            return CompletableFuture.completedFuture(new TlsaAnswer.None());
        }
        Name owner = owners.get(from);
        Name question;
        try {
            question = Name.concatenate(SERVICE, owner);
        } catch (NameTooLongException e) {
            return first(owners, from + 1, otherNames); // and so it has none
        }
        return dns.ask(question, Type.TLSA)
                .thenCompose(said -> said.secure() && !said.records().isEmpty()
                        ? CompletableFuture.completedFuture(records(owner, said.records(), otherNames))
                        : first(owners, from + 1, otherNames));
    }

    private static TlsaAnswer records(Name owner, List<Record> said, List<Name> otherNames) {
        List<TlsaRecord> records = new ArrayList<>();
        boolean isIssuers = false;
        for (Record each : said) {
            TLSARecord record = (TLSARecord) each;
            records.add(TlsaRecord.of(
                    record.getCertificateUsage(),
                    record.getSelector(),
                    record.getMatchingType(),
                    record.getCertificateAssociationData()));
            isIssuers |= record.getCertificateUsage() == TlsaRecord.DANE_TA;
        }
        // Beside the server's own certificate names say nothing, and without them hosts of many domains are one.
        List<String> names = isIssuers
                ? otherNames.stream().map(n -> n.toString(true)).distinct().toList()
                : List.of();
        return new TlsaAnswer.Records(owner.toString(true), records, names);
    }
}
