package dev.ehlo.smtp.client;

import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.tls.reactor.Escaped;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import org.xbill.DNS.hosts.HostsFileParser;

/**
 * MX look-ups: the MX records, or the domain itself where there are none, the addresses of the most preferred hosts, and
 * where all of that is proven their TLSA records. Thread-safe, and never blocks who calls. RFC 5321 §5.1, RFC 7505,
 * RFC 7672 §2.2.
 */
final class DnsMxResolver implements MxResolver {
    /** Hosts whose addresses are looked up, the most preferred ones; RFC 5321 §5.1 asks for two addresses at least. */
    static final int MAX_HOSTS = 10;
    /** Hosts known by name, the most preferred ones, so that this one is found among them. */
    static final int MAX_NAMES = 100;
    /** Addresses kept of one host and family. */
    static final int MAX_ADDRESSES = 8;

    private static final Logger LOG = LoggerFactory.getLogger(DnsMxResolver.class);

    private final DnsLookUps dns;
    private final TlsaLookUps tlsa;
    private final @Nullable HostsFileParser hostsFile;

    /** What DNS says of the addresses of a host; the answer stands for its name and how far that is proven. */
    private record Found(List<InetAddress> addresses, boolean isFailed, DnsAnswer answer) {}

    private DnsMxResolver(DnsLookUps dns, @Nullable HostsFileParser hostsFile) {
        this.dns = dns;
        this.tlsa = new TlsaLookUps(dns);
        this.hostsFile = hostsFile;
    }

    static MxResolver system(Dnssec dnssec) {
        return new DnsMxResolver(DnsLookUps.system(dnssec), new HostsFileParser());
    }

    static MxResolver at(InetSocketAddress server, Dnssec dnssec) {
        return new DnsMxResolver(DnsLookUps.at(server, dnssec), null);
    }

    @Override
    public CompletionStage<MxAnswer> resolve(String domain) {
        String ascii = DomainGrammar.toAscii(domain);
        // Elsewhere, as it may read the file of hosts, and takes locks.
        return CompletableFuture.completedFuture(ascii)
                .thenComposeAsync(this::lookUp)
                .exceptionally(error -> failed(ascii, error));
    }

    private CompletableFuture<MxAnswer> lookUp(String domain) {
        Name name;
        try {
            // dnsjava would ask for the octets of Latin-1, which are in no zone.
            if (!StandardCharsets.US_ASCII.newEncoder().canEncode(domain)) {
                throw new IllegalArgumentException("neither ASCII nor U-labels");
            }
            name = Name.fromString(domain, Name.root);
        } catch (TextParseException | IllegalArgumentException e) {
            LOG.debug("{} can't be a domain in DNS", Octets.printable(domain), e);
            return CompletableFuture.completedFuture(new MxAnswer.NoSuchDomain());
        }
        return dns.ask(name, Type.MX).thenCompose(mx -> {
            if (!mx.exists()) {
                return CompletableFuture.completedFuture(new MxAnswer.NoSuchDomain());
            }
            List<Name> names = List.of(name, mx.name());
            return mx.records().isEmpty() ? implicitMx(name, mx.secure(), names) : explicitMx(mx, names);
        });
    }

    /** The domain is its own mail exchanger. RFC 5321 §5.1. */
    private CompletableFuture<MxAnswer> implicitMx(Name domain, boolean secure, List<Name> names) {
        return host(domain, 0, secure, names).thenApply(host -> answer(List.of(host), secure, true));
    }

    private CompletableFuture<MxAnswer> explicitMx(DnsAnswer answer, List<Name> names) {
        List<MXRecord> exchangers = new ArrayList<>();
        for (Record each : answer.records()) {
            if (each instanceof MXRecord mx && !mx.getTarget().equals(Name.root)) {
                exchangers.add(mx);
            }
        }
        if (exchangers.isEmpty()) {
            return CompletableFuture.completedFuture(new MxAnswer.NullMx());
        }
        // So that of more equals than are looked up each has its turn.
        Collections.shuffle(exchangers, ThreadLocalRandom.current());
        exchangers.sort(Comparator.comparingInt(MXRecord::getPriority));
        List<CompletableFuture<MxHost>> hosts = new ArrayList<>();
        for (MXRecord mx : exchangers.subList(0, Math.min(exchangers.size(), MAX_NAMES))) {
            hosts.add(
                    hosts.size() < MAX_HOSTS
                            ? host(mx.getTarget(), mx.getPriority(), answer.secure(), names)
                            : CompletableFuture.completedFuture(
                                    new MxHost(text(mx.getTarget()), mx.getPriority(), List.of(), true)));
        }
        return CompletableFuture.allOf(hosts.toArray(CompletableFuture<?>[]::new))
                .thenApply(all ->
                        answer(hosts.stream().map(CompletableFuture::join).toList(), answer.secure(), false));
    }

    private static MxAnswer answer(List<MxHost> hosts, boolean secure, boolean implicit) {
        if (hosts.stream().anyMatch(h -> !h.addresses().isEmpty())) {
            return new MxAnswer.Hosts(hosts, secure, implicit);
        }
        return hosts.stream().anyMatch(MxHost::isLookUpFailed)
                ? new MxAnswer.TemporaryFailure()
                : new MxAnswer.NoAddress();
    }

    /** @param secure whether it is proven that the mail of the domains goes there */
    private CompletableFuture<MxHost> host(Name name, int preference, boolean secure, List<Name> domains) {
        if (isNumber(name)) {
            return CompletableFuture.completedFuture(new MxHost(text(name), preference, List.of()));
        }
        return addresses(name, Type.AAAA)
                .thenCombine(addresses(name, Type.A), DnsMxResolver::both)
                .thenCompose(found -> {
                    CompletableFuture<TlsaAnswer> certificates = secure && !found.addresses.isEmpty()
                            ? tlsa.of(name, found.answer, domains)
                            : CompletableFuture.completedFuture(new TlsaAnswer.None());
                    return certificates.thenApply(
                            known -> new MxHost(text(name), preference, found.addresses, found.isFailed, known));
                });
    }

    /** The addresses of both families are proven if all that there are are; a family without any says nothing. */
    private static Found both(Found six, Found four) {
        // IPv4 first: a machine without a route for IPv6 is more common than one without IPv4.
        List<InetAddress> all = new ArrayList<>(four.addresses);
        all.addAll(six.addresses);
        Found one = four.addresses.isEmpty() ? six : four;
        Found other = four.addresses.isEmpty() || six.addresses.isEmpty() ? one : six;
        DnsAnswer answer = one.answer;
        if (!other.answer.secure()) {
            answer = new DnsAnswer(List.of(), answer.name(), true, false, 0);
        }
        return new Found(all, six.isFailed || four.isFailed, answer);
    }

    /** Such as an address where a name belongs: there is no top-level domain of digits, so DNS is not asked. */
    private static boolean isNumber(Name name) {
        if (name.labels() < 2) {
            return false;
        }
        String top = name.getLabelString(name.labels() - 2);
        return top.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static String text(Name name) {
        return name.toString(true);
    }

    /** The addresses of one family, none if there are none or DNS does not know at the moment. */
    private CompletableFuture<Found> addresses(Name name, int type) {
        InetAddress own = inHostsFile(name, type);
        if (own != null) {
            return CompletableFuture.completedFuture(new Found(List.of(own), false, nothing(name)));
        }
        return dns.ask(name, type).handle((answer, error) -> {
            if (answer == null) {
                LOG.debug(
                        "look-up of {} {} failed",
                        Octets.printable(name.toString()),
                        Type.string(type),
                        Escaped.error(DnsLookUps.cause(error)));
                return new Found(List.of(), true, nothing(name));
            }
            List<InetAddress> addresses = new ArrayList<>();
            for (Record each : answer.records()) {
                InetAddress address = each instanceof ARecord a
                        ? a.getAddress()
                        : each instanceof AAAARecord aaaa ? aaaa.getAddress() : null;
                if (address != null && addresses.size() < MAX_ADDRESSES) {
                    addresses.add(address);
                }
            }
            return new Found(addresses, false, answer);
        });
    }

    private static DnsAnswer nothing(Name name) {
        return new DnsAnswer(List.of(), name, false, false, 0);
    }

    /** What this machine's own file says goes before what DNS does, and proves nothing. */
    private @Nullable InetAddress inHostsFile(Name name, int type) {
        try {
            return hostsFile == null
                    ? null
                    : hostsFile.getAddressForHost(name, type).orElse(null);
        } catch (IOException e) {
            LOG.debug("the file of hosts can't be read", e);
            return null;
        }
    }

    private static MxAnswer failed(String domain, Throwable error) {
        LOG.debug("MX look-up of {} failed", Octets.printable(domain), Escaped.error(DnsLookUps.cause(error)));
        return new MxAnswer.TemporaryFailure();
    }
}
