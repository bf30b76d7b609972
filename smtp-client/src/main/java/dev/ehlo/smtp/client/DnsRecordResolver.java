package dev.ehlo.smtp.client;

import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.Octets;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** Look-ups of single records. Thread-safe, and never blocks who calls. */
final class DnsRecordResolver implements RecordResolver {
    private final DnsLookUps dns;

    DnsRecordResolver(DnsLookUps dns) {
        this.dns = dns;
    }

    @Override
    public CompletionStage<RecordAnswer> resolve(String name, RecordType type) {
        String ascii = DomainGrammar.toAscii(name);
        Name asked;
        try {
            // dnsjava would ask for the octets of Latin-1, which are in no zone.
            if (!Octets.isAscii(ascii)) {
                return CompletableFuture.completedFuture(new RecordAnswer.None());
            }
            asked = Name.fromString(ascii, Name.root);
        } catch (TextParseException e) {
            return CompletableFuture.completedFuture(new RecordAnswer.None());
        }
        // Elsewhere, as a query may take locks, and read what the system is configured for.
        return CompletableFuture.completedFuture(asked)
                .thenComposeAsync(n -> dns.ask(n, Type.value(type.name())))
                .handle((answer, error) -> answer != null ? read(answer) : failed(DnsLookUps.cause(error)));
    }

    private static RecordAnswer read(DnsAnswer answer) {
        List<String> values = answer.records().stream()
                .limit(MAX_RECORDS)
                .map(DnsRecordResolver::text)
                .toList();
        return values.isEmpty() ? new RecordAnswer.None() : new RecordAnswer.Records(values, answer.secure());
    }

    private static RecordAnswer failed(Throwable cause) {
        String message = cause.getMessage();
        return new RecordAnswer.Failed(
                Octets.printable(message == null ? cause.getClass().getSimpleName() : message));
    }

    private static String text(Record each) {
        return each instanceof TXTRecord txt
                ? joined(txt)
                : each instanceof PTRRecord ptr ? ptr.getTarget().toString(true) : each.rdataToString();
    }

    /** Its strings as one. RFC 8461 §3.1, RFC 8460 §3. */
    static String joined(TXTRecord record) {
        StringBuilder text = new StringBuilder();
        record.getStringsAsByteArrays().forEach(s -> text.append(new String(s, StandardCharsets.ISO_8859_1)));
        return text.toString();
    }
}
