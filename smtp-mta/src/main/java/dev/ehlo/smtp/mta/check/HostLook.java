package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.client.MxAnswer;
import dev.ehlo.smtp.client.MxHost;
import dev.ehlo.smtp.client.RecordAnswer;
import dev.ehlo.smtp.client.RecordResolver;
import dev.ehlo.smtp.client.RecordType;
import dev.ehlo.smtp.client.TlsaAnswer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** Asks DNS about hosts. Never blocks. */
final class HostLook {
    /** Addresses of a host that are tried. */
    static final int MAX_ADDRESSES = 4;
    /** Names of an address that are looked up in turn. */
    private static final int MAX_NAMES = 4;

    private final CheckSettings settings;

    /** Where a host is, and by which certificate it is known. */
    record Place(List<InetAddress> addresses, TlsaAnswer tlsa) {
        Place {
            addresses = addresses.stream().limit(MAX_ADDRESSES).toList();
        }
    }

    HostLook(CheckSettings settings) {
        this.settings = settings;
    }

    /** An address as it is written is where it is. */
    static Place address(String literal) {
        return new Place(List.of(parsed(literal)), new TlsaAnswer.None());
    }

    /** That of a host, whatever mail exchangers a domain of that name has. */
    CompletableFuture<Place> place(String host) {
        return known(host)
                .thenCompose(place -> place.addresses().isEmpty()
                        ? ofThisMachine(host).thenApply(found -> new Place(found, new TlsaAnswer.None()))
                        : CompletableFuture.completedFuture(place));
    }

    private CompletableFuture<Place> known(String host) {
        return settings.mx()
                .resolve(host)
                .thenCompose(answer -> {
                    List<MxHost> hosts = answer instanceof MxAnswer.Hosts some ? some.hosts() : List.of();
                    boolean isOwn = hosts.size() == 1 && hosts.get(0).name().equalsIgnoreCase(host);
                    return isOwn
                            ? CompletableFuture.completedFuture(new Place(
                                    hosts.get(0).addresses(), hosts.get(0).tlsa()))
                            : addresses(host).thenApply(found -> new Place(found, new TlsaAnswer.None()));
                })
                .toCompletableFuture();
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

    private CompletableFuture<List<InetAddress>> addresses(String host) {
        return settings.records()
                .resolve(host, RecordType.A)
                .thenCombine(
                        settings.records().resolve(host, RecordType.AAAA),
                        (four, six) -> Stream.concat(four.orNone().stream(), six.orNone().stream())
                                .map(HostLook::parsed)
                                .toList())
                .toCompletableFuture();
    }

    /** TLSA records, if there are any and nothing proves them. */
    CompletableFuture<List<String>> unproven(String host, TlsaAnswer proven) {
        return proven instanceof TlsaAnswer.None
                ? settings.records()
                        .resolve("_25._tcp." + host, RecordType.TLSA)
                        .thenApply(answer -> answer instanceof RecordAnswer.Records records && !records.isSecure()
                                ? records.values()
                                : List.<String>of())
                        .toCompletableFuture()
                : CompletableFuture.completedFuture(List.of());
    }

    /** The names of the addresses; those that only this machine or its network can reach need none. */
    CompletableFuture<List<PointerFacts>> pointers(List<InetAddress> addresses) {
        List<CompletableFuture<PointerFacts>> asked = addresses.stream()
                .filter(HostLook::isOfTheWorld)
                .map(this::pointer)
                .toList();
        return CompletableFuture.allOf(asked.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> asked.stream().map(CompletableFuture::join).toList());
    }

    private static boolean isOfTheWorld(InetAddress address) {
        return !address.isLoopbackAddress() && !address.isSiteLocalAddress() && !address.isLinkLocalAddress();
    }

    private CompletableFuture<PointerFacts> pointer(InetAddress address) {
        return settings.records()
                .resolve(RecordResolver.reverse(address), RecordType.PTR)
                .thenCompose(answer -> {
                    List<String> names = answer.orNone();
                    CompletableFuture<Boolean> confirmed = CompletableFuture.completedFuture(false);
                    for (String name : names.subList(0, Math.min(names.size(), MAX_NAMES))) {
                        confirmed = confirmed.thenCombine(
                                addresses(name), (before, found) -> before || found.contains(address));
                    }
                    return confirmed.thenApply(
                            is -> new PointerFacts(address, names, is, !(answer instanceof RecordAnswer.Failed)));
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

    /** Those of all, in order. */
    static <T> List<T> joined(List<CompletableFuture<T>> each) {
        List<T> all = new ArrayList<>();
        each.forEach(one -> all.add(one.join()));
        return all;
    }
}
