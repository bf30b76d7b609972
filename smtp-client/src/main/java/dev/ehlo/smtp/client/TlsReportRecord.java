package dev.ehlo.smtp.client;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** Reads the TXT record at {@code _smtp._tls.} and the domain. RFC 8460 §3. */
final class TlsReportRecord implements TlsReportAddresses {
    /** Addresses of one domain that reports go to; those behind them are passed over. */
    static final int MAX_ADDRESSES = 5;

    private static final int MAX_OCTETS = 2_048;
    private static final String VERSION = "v=TLSRPTv1;";
    private static final Pattern DELIMITER = Pattern.compile("[ \\t]*;[ \\t]*");
    private static final Pattern FIELD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,31}=[ -:<-~]*");
    private static final Pattern RUA = Pattern.compile("rua=[ \\t]*");
    private static final Pattern COMMA = Pattern.compile("[ \\t]*,[ \\t]*");

    private final DnsLookUps dns;

    TlsReportRecord(DnsLookUps dns) {
        this.dns = dns;
    }

    @Override
    public CompletableFuture<List<URI>> of(String domain) {
        Name name;
        try {
            name = Name.fromString("_smtp._tls." + domain, Name.root);
        } catch (TextParseException e) {
            return CompletableFuture.completedFuture(List.of()); // too long a name for anything below it
        }
        return dns.ask(name, Type.TXT).thenApply(answer -> addresses(texts(answer)));
    }

    private static List<String> texts(DnsAnswer answer) {
        List<String> texts = new ArrayList<>();
        for (Record each : answer.records()) {
            if (each instanceof TXTRecord record) {
                StringBuilder joined = new StringBuilder();
                record.getStringsAsByteArrays()
                        .forEach(part -> joined.append(new String(part, StandardCharsets.ISO_8859_1)));
                texts.add(joined.toString());
            }
        }
        return texts;
    }

    /** Those that the record tells; none unless there is one that is sound. */
    static List<URI> addresses(List<String> texts) {
        List<String> own = texts.stream().filter(t -> t.startsWith(VERSION)).toList();
        if (own.size() != 1 || own.get(0).length() > MAX_OCTETS) {
            return List.of();
        }
        List<URI> addresses = new ArrayList<>();
        String[] fields = DELIMITER.split(own.get(0).substring(VERSION.length()).strip(), -1);
        for (int i = 0; i < fields.length; i++) {
            boolean isEnd = i == fields.length - 1 && fields[i].isEmpty();
            if (!isEnd && !FIELD.matcher(fields[i]).matches()) {
                return List.of();
            }
            if (addresses.isEmpty() && RUA.matcher(fields[i]).lookingAt()) {
                addresses.addAll(uris(RUA.matcher(fields[i]).replaceFirst("")));
            }
        }
        return List.copyOf(addresses.subList(0, Math.min(addresses.size(), MAX_ADDRESSES)));
    }

    private static List<URI> uris(String text) {
        return COMMA.splitAsStream(text)
                .flatMap(each -> {
                    try {
                        return Stream.of(usable(new URI(each.strip())));
                    } catch (URISyntaxException | IOException e) {
                        return Stream.empty(); // others may be sound
                    }
                })
                .toList();
    }

    private static URI usable(URI uri) throws IOException {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        boolean isMail = scheme.equals("mailto") && uri.getSchemeSpecificPart().indexOf('@') > 0;
        boolean isWeb = scheme.equals("https")
                && uri.getHost() != null
                && uri.getRawUserInfo() == null
                && uri.getPort() != 0
                && uri.getPort() <= 65_535;
        if (!isMail && !isWeb) {
            throw new IOException("no address of reports");
        }
        return uri;
    }
}
