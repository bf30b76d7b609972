package dev.ehlo.smtp.client;

import dev.ehlo.smtp.grammar.Octets;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a domain wants reports on TLS, as its TXT record at {@code _smtp._tls.} and the domain says. RFC 8460 §3.
 *
 * @param isPublished whether there is a TXT record of it, a good one or not
 * @param addresses {@code mailto:} and {@code https:} URIs that can be reported to, at most {@link #MAX_ADDRESSES}; none if
 *     there is no record that is sound
 * @param fault what is wrong with the record, printable; empty if nothing is, or there is none
 */
public record TlsReportRecord(boolean isPublished, List<URI> addresses, String fault) {
    /** Addresses of one domain that reports go to; those behind them are passed over. */
    public static final int MAX_ADDRESSES = 5;

    /** What the name of the record begins with; the domain is the rest. */
    public static final String NAME = "_smtp._tls.";

    /** There is none. */
    public static final TlsReportRecord NONE = new TlsReportRecord(false, List.of(), "");

    private static final int MAX_OCTETS = 2_048;
    private static final int MAX_PORT = 65_535;
    /** What is meant to be one. */
    private static final String LIKELY = "v=TLSRPTv1";

    private static final String VERSION = LIKELY + ";";
    private static final Pattern DELIMITER = Pattern.compile("[ \\t]*;[ \\t]*");
    private static final Pattern FIELD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,31}=[ -:<-~]*");
    private static final Pattern COMMA = Pattern.compile("[ \\t]*,[ \\t]*");

    /** Copies the list. */
    public TlsReportRecord {
        addresses = List.copyOf(addresses);
    }

    /** Whether DNS said if there is a record; else the fault is why not. */
    public boolean isKnown() {
        return isPublished || fault.isEmpty();
    }

    /** What the TXT records at that name say; of several of its kind, none counts. */
    public static TlsReportRecord of(RecordAnswer answer) {
        if (answer instanceof RecordAnswer.Failed failed) {
            return new TlsReportRecord(false, List.of(), "the record can't be looked up: " + failed.reason());
        }
        List<String> texts = answer.orNone();
        List<String> own = texts.stream().filter(t -> t.startsWith(VERSION)).toList();
        if (own.isEmpty()) {
            return texts.stream()
                    .filter(t -> t.startsWith(LIKELY))
                    .findFirst()
                    .map(TlsReportRecord::malformed)
                    .orElse(NONE);
        }
        return own.size() == 1
                ? read(own.get(0))
                : bad("there are " + own.size() + " records of it, where only one counts");
    }

    private static TlsReportRecord bad(String fault) {
        return new TlsReportRecord(true, List.of(), fault);
    }

    private static TlsReportRecord malformed(String text) {
        return bad("the record is malformed: " + Octets.printable(text));
    }

    private static TlsReportRecord read(String text) {
        if (text.length() > MAX_OCTETS) {
            return bad("the record has more than " + MAX_OCTETS + " octets");
        }
        String rest = text.substring(VERSION.length()).strip();
        List<String> fields =
                List.of(DELIMITER.split(rest.endsWith(";") ? rest.substring(0, rest.length() - 1) : rest, -1));
        if (!fields.stream().allMatch(field -> FIELD.matcher(field).matches())) {
            return malformed(text);
        }
        List<String> places = fields.stream()
                .filter(field -> field.startsWith("rua="))
                .map(field -> field.substring("rua=".length()).strip())
                .toList();
        return places.isEmpty()
                ? bad("the record has no rua: " + Octets.printable(text))
                : addresses(String.join(",", places));
    }

    private static TlsReportRecord addresses(String text) {
        List<URI> usable = new ArrayList<>();
        String fault = "";
        for (String each : COMMA.split(text, -1)) {
            Optional<URI> address = usable(each);
            if (address.isEmpty()) {
                fault = "the record has no good rua: " + Octets.printable(each);
            } else if (usable.size() < MAX_ADDRESSES) {
                usable.add(address.get());
            }
        }
        return new TlsReportRecord(true, usable, fault);
    }

    private static Optional<URI> usable(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        boolean isMail = scheme.equals("mailto") && uri.getSchemeSpecificPart().indexOf('@') > 0;
        boolean isWeb = scheme.equals("https")
                && uri.getHost() != null
                && uri.getRawUserInfo() == null
                && uri.getPort() != 0
                && uri.getPort() <= MAX_PORT;
        return isMail || isWeb ? Optional.of(uri) : Optional.empty();
    }
}
