package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.client.MxAnswer;
import dev.ehlo.smtp.client.MxHost;
import dev.ehlo.smtp.client.RecordAnswer;
import dev.ehlo.smtp.client.RecordResolver;
import dev.ehlo.smtp.client.RecordType;
import dev.ehlo.smtp.client.TlsaAnswer;
import dev.ehlo.smtp.tls.TlsaRecord;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** Asks DNS about hosts. Never blocks. */
final class HostLook {
    /** Names of an address that are looked up in turn. */
    private static final int MAX_NAMES = 4;
    /** Where a host says what its certificate at port 25 is. RFC 6698 §3. */
    private static final String TLSA = "_25._tcp.";

    private final CheckSettings settings;

    /**
     * What DNS says of the addresses of a host.
     *
     * @param isProven whether DNSSEC proves them
     */
    private record Addresses(List<InetAddress> all, boolean isKnown, boolean isProven) {
        static Addresses of(RecordAnswer four, RecordAnswer six) {
            return new Addresses(
                    Stream.concat(four.orNone().stream(), six.orNone().stream())
                            .map(HostLook::parsed)
                            .toList(),
                    !(four instanceof RecordAnswer.Failed) && !(six instanceof RecordAnswer.Failed),
                    isProven(four) && isProven(six));
        }

        /** Nothing has nothing to be proven. */
        private static boolean isProven(RecordAnswer answer) {
            return !(answer instanceof RecordAnswer.Records records) || records.isSecure();
        }
    }

    HostLook(CheckSettings settings) {
        this.settings = settings;
    }

    /** An address as it is written is where it is. */
    static Place address(String literal) {
        return Place.unproven(List.of(parsed(literal)));
    }

    /** That of a host, whatever mail exchangers a domain of that name has; if not by DNS, as this machine knows it. */
    CompletableFuture<Place> place(String host) {
        return known(host)
                .thenCompose(place -> place.addresses().isEmpty()
                        ? ofThisMachine(host).thenApply(found -> found.isEmpty() ? place : Place.unproven(found))
                        : CompletableFuture.completedFuture(place));
    }

    /** The same by DNS alone. */
    CompletableFuture<Place> known(String host) {
        return settings.mx()
                .resolve(host)
                .thenCompose(answer -> itself(answer, host)
                        .map(own -> CompletableFuture.completedFuture(
                                Place.of(own.addresses(), !own.isLookUpFailed(), own.tlsa())))
                        .orElseGet(() -> addresses(host).thenCompose(found -> placed(host, found))))
                .toCompletableFuture();
    }

    private static Optional<MxHost> itself(MxAnswer answer, String host) {
        return answer instanceof MxAnswer.Hosts some
                ? some.hosts().stream()
                        .filter(each -> each.name().equalsIgnoreCase(host))
                        .findFirst()
                : Optional.empty();
    }

    private CompletableFuture<Place> placed(String host, Addresses found) {
        boolean isAsked = found.isProven() && !found.all().isEmpty();
        return (isAsked ? tlsa(host) : CompletableFuture.<TlsaAnswer>completedFuture(new TlsaAnswer.None()))
                .thenApply(tlsa -> Place.of(found.all(), found.isKnown(), tlsa));
    }

    private CompletableFuture<TlsaAnswer> tlsa(String host) {
        return settings.records()
                .resolve(TLSA + host, RecordType.TLSA)
                .thenApply(answer -> tlsa(host, answer))
                .toCompletableFuture();
    }

    private static TlsaAnswer tlsa(String host, RecordAnswer answer) {
        if (answer instanceof RecordAnswer.Records records && records.isSecure()) {
            List<TlsaRecord> each =
                    records.values().stream().map(HostLook::record).toList();
            return new TlsaAnswer.Records(host, each, List.of());
        }
        return answer instanceof RecordAnswer.Failed ? new TlsaAnswer.Failed() : new TlsaAnswer.None();
    }

    /** As a zone file has it: three numbers, and what they are about in hexadecimal. RFC 6698 §2.2. */
    private static TlsaRecord record(String text) {
        String[] parts = text.split(" ", 4);
        return TlsaRecord.of(
                Integer.parseInt(parts[0]),
                Integer.parseInt(parts[1]),
                Integer.parseInt(parts[2]),
                HexFormat.of().parseHex(parts.length < 4 ? "" : parts[3].replace(" ", "")));
    }

    /** What this machine knows by its file of hosts, or by whatever else it asks. */
    CompletableFuture<List<InetAddress>> ofThisMachine(String host) {
        return settings.isSystemAsked()
                ? CompletableFuture.supplyAsync(() -> {
                    try {
                        return List.of(InetAddress.getAllByName(host));
                    } catch (UnknownHostException e) {
                        return List.of();
                    }
                })
                : CompletableFuture.completedFuture(List.of());
    }

    private CompletableFuture<Addresses> addresses(String host) {
        return settings.records()
                .resolve(host, RecordType.A)
                .thenCombine(settings.records().resolve(host, RecordType.AAAA), Addresses::of)
                .toCompletableFuture();
    }

    /** TLSA records, if there are any and nothing proves them, or not that they are those of a mail host. */
    CompletableFuture<List<String>> unproven(String host, TlsaAnswer proven) {
        return proven instanceof TlsaAnswer.None
                ? settings.records()
                        .resolve(TLSA + host, RecordType.TLSA)
                        .thenApply(answer ->
                                answer instanceof RecordAnswer.Records records ? records.values() : List.<String>of())
                        .toCompletableFuture()
                : CompletableFuture.completedFuture(List.of());
    }

    /** The names of the addresses; those that only this machine or its network can reach need none. */
    CompletableFuture<List<PointerFacts>> pointers(List<InetAddress> addresses) {
        List<CompletableFuture<PointerFacts>> asked = addresses.stream()
                .filter(HostLook::isOfTheWorld)
                .map(this::pointer)
                .toList();
        return all(asked);
    }

    static boolean isOfTheWorld(InetAddress address) {
        return !address.isLoopbackAddress() && !address.isSiteLocalAddress() && !address.isLinkLocalAddress();
    }

    private CompletableFuture<PointerFacts> pointer(InetAddress address) {
        return settings.records()
                .resolve(RecordResolver.reverse(address), RecordType.PTR)
                .thenCompose(answer -> {
                    List<String> names = answer.orNone();
                    List<CompletableFuture<Addresses>> forward =
                            names.stream().limit(MAX_NAMES).map(this::addresses).toList();
                    return all(forward).thenApply(found -> {
                        boolean isConfirmed =
                                found.stream().anyMatch(each -> each.all().contains(address));
                        boolean isKnown = !(answer instanceof RecordAnswer.Failed)
                                && (isConfirmed || found.stream().allMatch(Addresses::isKnown));
                        return new PointerFacts(address, names, isConfirmed, isKnown);
                    });
                })
                .toCompletableFuture();
    }

    /** Nothing is looked up, as it is no name. */
    private static InetAddress parsed(String address) {
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not an address: " + address, e);
        }
    }

    /** Once all are there; blocks nobody. */
    static <T> CompletableFuture<List<T>> all(List<CompletableFuture<T>> each) {
        return CompletableFuture.allOf(each.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> joined(each));
    }

    /** Those of all, in order. */
    static <T> List<T> joined(List<CompletableFuture<T>> each) {
        return each.stream().map(CompletableFuture::join).toList();
    }
}
