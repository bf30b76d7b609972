package dev.ehlo.smtp.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.dnssec.ValidatingResolver;

/**
 * Which answers of DNS are proven, and so may say by which certificate a mail host is known (DANE). An immutable value.
 * RFC 7672 §2.1.
 *
 * <pre>
 *                       believes                            for
 *     standard          a server on the loopback address    a machine with a resolver of its own that validates
 *     trusted           any server                          a resolver that validates, by a network that is trusted
 *     validated         nobody                              any other that passes signatures on
 *     none              nobody                              going without DANE
 * </pre>
 *
 * A server that does not validate says of nothing that it is proven, and then nothing changes.
 */
public final class Dnssec {
    /** The keys of the root, KSK-2017 and KSK-2024, as IANA publishes them. RFC 9718. */
    private static final String ROOT = """
            . 3600 IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
            . 3600 IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
            """;

    /** Octets of a file of anchors. */
    private static final long MAX_ANCHORS = 1 << 20;

    private enum Kind {
        NONE,
        STANDARD,
        TRUSTED,
        VALIDATED
    }

    private final Kind kind;
    private final String anchors;

    private Dnssec(Kind kind, String anchors) {
        this.kind = kind;
        this.anchors = anchors;
    }

    /** Nothing is proven. */
    public static Dnssec none() {
        return new Dnssec(Kind.NONE, "");
    }

    /**
     * What servers on the loopback address say is proven (the AD bit, RFC 4035 §4.9.3), if all that are asked are
     * there.
     */
    public static Dnssec standard() {
        return new Dnssec(Kind.STANDARD, "");
    }

    /** What the servers say is proven: whoever is on the way to them, and forges answers, can make anything so. */
    public static Dnssec trusted() {
        return new Dnssec(Kind.TRUSTED, "");
    }

    /**
     * What this JVM validates itself from the keys of the root on. The servers have to pass signatures on; mail to all
     * domains is deferred where they do not.
     */
    public static Dnssec validated() {
        return new Dnssec(Kind.VALIDATED, ROOT);
    }

    /**
     * As {@link #validated()}, from other keys.
     *
     * @param file DS or DNSKEY records, as in a zone file
     * @throws IOException if it cannot be read, or holds anything else
     */
    public static Dnssec validated(Path file) throws IOException {
        if (Files.size(file) > MAX_ANCHORS) {
            throw new IOException(file + " is too long for trust anchors");
        }
        String anchors = Files.readString(file, StandardCharsets.US_ASCII);
        Dnssec made = new Dnssec(Kind.VALIDATED, anchors);
        try (ByteArrayInputStream in = made.anchors()) {
            ValidatingResolver trial = new ValidatingResolver(new org.xbill.DNS.SimpleResolver("127.0.0.1"));
            trial.loadTrustAnchors(in);
            if (trial.getTrustAnchors().items().isEmpty()) {
                throw new IOException("no trust anchor in " + file);
            }
        }
        return made;
    }

    private ByteArrayInputStream anchors() {
        return new ByteArrayInputStream(anchors.getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Look-ups at those servers.
     *
     * @param isLocal whether all of them are on the loopback address
     */
    DnsLookUps at(Resolver servers, boolean isLocal) {
        return switch (kind) {
            case NONE -> new DnsLookUps(servers, false);
            case STANDARD -> new DnsLookUps(servers, isLocal);
            case TRUSTED -> new DnsLookUps(servers, true);
            case VALIDATED -> new DnsLookUps(validating(servers), true);
        };
    }

    private Resolver validating(Resolver servers) {
        ValidatingResolver resolver = new ValidatingResolver(servers);
        try {
            resolver.loadTrustAnchors(anchors());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // of anchors that were read before
        }
        return resolver;
    }
}
