package dev.ehlo.smtp.client;

import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.tls.reactor.Escaped;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.ExtendedResolver;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import org.xbill.DNS.hosts.HostsFileParser;
import org.xbill.DNS.lookup.LookupResult;
import org.xbill.DNS.lookup.LookupSession;
import org.xbill.DNS.lookup.NoSuchDomainException;
import org.xbill.DNS.lookup.NoSuchRRSetException;

/**
 * MX look-ups by dnsjava: the MX records, or the domain itself where there are none, and the addresses of the most
 * preferred hosts. What several look-ups ask at the same time, of one domain or of a host that many domains share, is
 * asked once. Thread-safe, and never blocks who calls. RFC 5321 §5.1, RFC 7505.
 */
final class DnsMxResolver implements MxResolver {
    /** Hosts whose addresses are looked up, the most preferred ones; RFC 5321 §5.1 asks for two addresses at least. */
    static final int MAX_HOSTS = 10;
    /** Hosts known by name, the most preferred ones, so that this one is found among them. */
    static final int MAX_NAMES = 100;
    /** Addresses kept of one host and family. */
    static final int MAX_ADDRESSES = 8;
    /** CNAME and DNAME records followed in one look-up, so that a loop of them ends. RFC 1034 §3.6.2. */
    static final int MAX_REDIRECTS = 8;

    private static final Duration QUERY_TIME = Duration.ofSeconds(5);
    private static final Duration WHOLE_TIME = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(DnsMxResolver.class);

    private final LookupSession dns;
    private final ConcurrentMap<Question, CompletableFuture<List<Record>>> inFlight = new ConcurrentHashMap<>();

    private record Question(Name name, int type) {}

    private DnsMxResolver(LookupSession dns) {
        this.dns = dns;
    }

    static MxResolver system() {
        Resolver servers = new ExtendedResolver();
        servers.setTimeout(QUERY_TIME);
        return new DnsMxResolver(
                session(servers).hostsFileParser(new HostsFileParser()).build());
    }

    static MxResolver at(InetSocketAddress server) {
        SimpleResolver one = new SimpleResolver(server);
        one.setTimeout(QUERY_TIME);
        return new DnsMxResolver(session(one).build());
    }

    private static LookupSession.LookupSessionBuilder session(Resolver resolver) {
        return LookupSession.builder()
                .resolver(resolver)
                .maxRedirects(MAX_REDIRECTS)
                .cache(new DnsCache());
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
        return records(name, Type.MX).thenCompose(mx -> mx.isEmpty() ? implicitMx(name) : explicitMx(mx));
    }

    /** The domain is its own mail exchanger. RFC 5321 §5.1. */
    private CompletableFuture<MxAnswer> implicitMx(Name domain) {
        return host(domain, 0).thenApply(host -> answer(List.of(host)));
    }

    private CompletableFuture<MxAnswer> explicitMx(List<Record> records) {
        List<MXRecord> exchangers = new ArrayList<>();
        for (Record each : records) {
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
                            ? host(mx.getTarget(), mx.getPriority())
                            : CompletableFuture.completedFuture(
                                    new MxHost(text(mx.getTarget()), mx.getPriority(), List.of(), true)));
        }
        return CompletableFuture.allOf(hosts.toArray(CompletableFuture<?>[]::new))
                .thenApply(all ->
                        answer(hosts.stream().map(CompletableFuture::join).toList()));
    }

    private static MxAnswer answer(List<MxHost> hosts) {
        if (hosts.stream().anyMatch(h -> !h.addresses().isEmpty())) {
            return new MxAnswer.Hosts(hosts);
        }
        return hosts.stream().anyMatch(MxHost::isLookUpFailed)
                ? new MxAnswer.TemporaryFailure()
                : new MxAnswer.NoAddress();
    }

    private CompletableFuture<MxHost> host(Name name, int preference) {
        if (isNumber(name)) {
            return CompletableFuture.completedFuture(new MxHost(text(name), preference, List.of()));
        }
        CompletableFuture<Optional<List<InetAddress>>> ipv6 = addresses(name, Type.AAAA);
        CompletableFuture<Optional<List<InetAddress>>> ipv4 = addresses(name, Type.A);
        return ipv6.thenCombine(ipv4, (six, four) -> {
            // IPv4 first: a machine without a route for IPv6 is more common than one without IPv4.
            List<InetAddress> all = new ArrayList<>(four.orElse(List.of()));
            all.addAll(six.orElse(List.of()));
            return new MxHost(text(name), preference, all, six.isEmpty() || four.isEmpty());
        });
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

    /** The addresses of one family, none if there are none; empty if DNS does not know at the moment. */
    private CompletableFuture<Optional<List<InetAddress>>> addresses(Name name, int type) {
        return records(name, type).handle((records, error) -> {
            if (error != null) {
                if (cause(error) instanceof NoSuchDomainException) {
                    return Optional.of(List.of());
                }
                LOG.debug("look-up of {} {} failed", name, Type.string(type), Escaped.error(error));
                return Optional.empty();
            }
            List<InetAddress> addresses = new ArrayList<>();
            for (Record each : records) {
                InetAddress address = each instanceof ARecord a
                        ? a.getAddress()
                        : each instanceof AAAARecord aaaa ? aaaa.getAddress() : null;
                if (address != null && addresses.size() < MAX_ADDRESSES) {
                    addresses.add(address);
                }
            }
            return Optional.of(addresses);
        });
    }

    /** The records of that type, none if the name has none of it. */
    private CompletableFuture<List<Record>> records(Name name, int type) {
        Question question = new Question(name, type);
        CompletableFuture<List<Record>> answer = new CompletableFuture<>();
        CompletableFuture<List<Record>> underWay = inFlight.putIfAbsent(question, answer);
        if (underWay != null) {
            return underWay.copy();
        }
        CompletableFuture<Void> unused = ask(question).handle((records, error) -> {
            inFlight.remove(question);
            if (error == null) {
                answer.complete(records);
            } else if (cause(error) instanceof NoSuchRRSetException) {
                answer.complete(List.of());
            } else {
                answer.completeExceptionally(cause(error));
            }
            return null;
        });
        return answer.copy();
    }

    private CompletableFuture<List<Record>> ask(Question question) {
        try {
            return dns.lookupAsync(question.name(), question.type())
                    .toCompletableFuture()
                    .thenApply(LookupResult::getRecords)
                    .orTimeout(WHOLE_TIME.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static MxAnswer failed(String domain, Throwable error) {
        if (cause(error) instanceof NoSuchDomainException) {
            return new MxAnswer.NoSuchDomain();
        }
        LOG.debug("MX look-up of {} failed", Octets.printable(domain), Escaped.error(error));
        return new MxAnswer.TemporaryFailure();
    }

    private static Throwable cause(Throwable error) {
        Throwable cause = error;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
