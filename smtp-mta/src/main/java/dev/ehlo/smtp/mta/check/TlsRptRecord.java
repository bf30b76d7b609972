package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.client.RecordAnswer;
import dev.ehlo.smtp.grammar.Octets;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where a domain wants reports of how TLS with its hosts fares. RFC 8460 §3.
 *
 * @param places {@code mailto:} and {@code https:} URIs; none if there is no good record
 * @param fault what is wrong with it, printable; empty if nothing is, or there is none
 */
public record TlsRptRecord(List<String> places, String fault) {
    /** There is none. */
    public static final TlsRptRecord NONE = new TlsRptRecord(List.of(), "");

    private static final String VERSION = "v=TLSRPTv1";
    private static final Pattern DELIMITER = Pattern.compile("[ \\t]*;[ \\t]*");
    private static final Pattern URI = Pattern.compile("(mailto:[!-~&&[^,;]]+@[!-~&&[^,;]]+|https://[!-~&&[^,;]]+)");

    /** Copies the list. */
    public TlsRptRecord {
        places = List.copyOf(places);
    }

    /** What the TXT records at {@code _smtp._tls.} and the domain say. */
    static TlsRptRecord of(RecordAnswer answer) {
        if (answer instanceof RecordAnswer.Failed failed) {
            return new TlsRptRecord(List.of(), "the record can't be looked up: " + failed.reason());
        }
        List<String> own =
                answer.orNone().stream().filter(t -> t.startsWith(VERSION)).toList();
        if (own.size() > 1) {
            return new TlsRptRecord(List.of(), "there are " + own.size() + " records of it, where only one counts");
        }
        return own.isEmpty() ? NONE : read(own.get(0));
    }

    private static TlsRptRecord read(String text) {
        String[] fields = DELIMITER.split(text, -1);
        if (!fields[0].equals(VERSION) || fields.length < 2 || !fields[1].startsWith("rua=")) {
            return new TlsRptRecord(List.of(), "the record is malformed: " + Octets.printable(text));
        }
        List<String> places = List.of(fields[1].substring("rua=".length()).split("[ \\t]*,[ \\t]*", -1));
        return places.stream().allMatch(place -> URI.matcher(place).matches())
                ? new TlsRptRecord(places, "")
                : new TlsRptRecord(List.of(), "the record has no good rua: " + Octets.printable(fields[1]));
    }
}
