package dev.ehlo.smtp.client;

import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.tls.reactor.Escaped;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * Policies of MTA-STS, fetched when DNS has another id than the one that is kept, and before they expire; what is kept
 * and good holds when nothing else can be had. Once for all who want the same at the same time. Thread-safe. RFC 8461
 * §3.3, §5.1.
 */
final class StsPolicies implements MtaSts {
    /** Domains kept in memory; beyond that, the one that was not asked for longest is read from disk again. */
    static final int MAX_KEPT = 10_000;

    /** How long nothing is fetched of a domain after that failed. RFC 8461 §3.3. */
    static final Duration REST = Duration.ofMinutes(5);

    private static final long IDLE_SECONDS = 10;
    private static final Pattern DOMAIN =
            Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");
    private static final int MAX_DOMAIN = 240;
    private static final Logger LOG = LoggerFactory.getLogger(StsPolicies.class);

    private final DnsLookUps dns;
    private final StsFetcher fetcher;
    private final StsStore store;
    private final InstantSource clock;
    private final TlsEvents events;
    private final ThreadPoolExecutor disk;
    private final ConcurrentMap<String, CompletableFuture<Optional<StsPolicy>>> underWay = new ConcurrentHashMap<>();
    private final Map<String, StsStore.Kept> kept = bounded();
    private final Map<String, Instant> failed = bounded();

    /** @param events is told of what can't be fetched */
    StsPolicies(DnsLookUps dns, StsFetcher fetcher, Path directory, InstantSource clock, TlsEvents events) {
        this.dns = dns;
        this.fetcher = fetcher;
        this.store = new StsStore(directory);
        this.clock = clock;
        this.events = events;
        this.disk = new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "mta-sts");
            thread.setDaemon(true);
            return thread;
        });
        disk.allowCoreThreadTimeOut(true);
    }

    /** Whether a name, in lower case, can have a policy. */
    static boolean isDomain(String name) {
        return name.length() <= MAX_DOMAIN && DOMAIN.matcher(name).matches();
    }

    private static <T> Map<String, T> bounded() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
                return size() > MAX_KEPT;
            }
        };
    }

    @Override
    public CompletableFuture<Optional<StsPolicy>> policy(String name) {
        String domain = DomainGrammar.toAscii(name).toLowerCase(Locale.ROOT);
        if (!isDomain(domain)) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        CompletableFuture<Optional<StsPolicy>> policy = new CompletableFuture<>();
        CompletableFuture<Optional<StsPolicy>> same = underWay.putIfAbsent(domain, policy);
        if (same != null) {
            return same.copy();
        }
        CompletableFuture<Void> unused = id(domain)
                .thenCompose(id -> CompletableFuture.supplyAsync(() -> known(domain), disk)
                        .thenCompose(known -> choose(domain, id, known)))
                .handle((found, error) -> {
                    if (error != null) {
                        LOG.debug("no policy of {}", domain, Escaped.error(error));
                    }
                    underWay.remove(domain);
                    policy.complete(found == null ? Optional.empty() : found);
                    return null;
                });
        return policy.copy();
    }

    /** Which policy the domain has now; empty if it does not say. */
    private CompletableFuture<Optional<String>> id(String domain) {
        Name name;
        try {
            name = Name.fromString("_mta-sts." + domain, Name.root);
        } catch (TextParseException e) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return dns.ask(name, Type.TXT).handle((answer, error) -> {
            if (answer == null) {
                LOG.debug("look-up of the policy of {} failed", domain, Escaped.error(DnsLookUps.cause(error)));
                return Optional.empty();
            }
            return StsRecord.id(texts(answer.records()));
        });
    }

    private static List<String> texts(List<Record> records) {
        List<String> texts = new ArrayList<>();
        for (Record each : records) {
            if (each instanceof TXTRecord txt) {
                texts.add(DnsRecordResolver.joined(txt));
            }
        }
        return texts;
    }

    private Optional<StsStore.Kept> known(String domain) {
        Instant now = clock.instant();
        synchronized (kept) {
            StsStore.Kept inMemory = kept.get(domain);
            if (inMemory != null) {
                return Optional.of(inMemory).filter(k -> k.isGood(now));
            }
        }
        StsStore.Kept onDisk = store.read(domain, now);
        if (onDisk != null) {
            remember(domain, onDisk);
        }
        return Optional.ofNullable(onDisk);
    }

    private CompletableFuture<Optional<StsPolicy>> choose(
            String domain, Optional<String> id, Optional<StsStore.Kept> known) {
        Optional<StsPolicy> last = known.map(StsStore.Kept::policy);
        if (id.isEmpty() || isResting(domain)) {
            return CompletableFuture.completedFuture(last);
        }
        if (known.isEmpty() || !known.get().id().equals(id.get())) {
            return fetch(domain, id.get()).thenApply(fetched -> fetched.or(() -> last));
        }
        Instant half = known.get().fetched().plus(known.get().policy().maxAge().dividedBy(2));
        if (!clock.instant().isBefore(half)) {
            // Nobody waits for it, and who might suppress it has until it expires to do so. RFC 8461 §3.3.
            CompletableFuture<Optional<StsPolicy>> unused = fetch(domain, id.get());
        }
        return CompletableFuture.completedFuture(last);
    }

    private CompletableFuture<Optional<StsPolicy>> fetch(String domain, String id) {
        synchronized (failed) {
            // So that one is not begun behind the other; taken back by success.
            failed.put(domain, clock.instant());
        }
        return fetcher.fetch(domain)
                .handleAsync(
                        (policy, error) -> {
                            if (policy == null) {
                                Throwable cause = DnsLookUps.cause(error);
                                String why = Octets.printable(String.valueOf(cause.getMessage()));
                                LOG.info("MTA-STS policy of {} can't be fetched: {}", domain, why);
                                tell(domain, cause, why);
                                return Optional.empty();
                            }
                            synchronized (failed) {
                                failed.remove(domain);
                            }
                            Instant now = clock.instant();
                            StsStore.Kept fetched = new StsStore.Kept(id, now, policy);
                            remember(domain, fetched);
                            store.write(domain, fetched, now);
                            return Optional.of(policy);
                        },
                        disk);
    }

    private void tell(String domain, Throwable cause, String why) {
        TlsFailure failure = cause instanceof SSLException
                ? TlsFailure.STS_WEBPKI_INVALID
                : cause instanceof StsFetcher.NoPolicy
                        ? TlsFailure.STS_POLICY_INVALID
                        : TlsFailure.STS_POLICY_FETCH_ERROR;
        TlsWatch.tell(
                events,
                new TlsResult(
                        new TlsResult.Policy(TlsResult.Type.STS, List.of(), domain, List.of()),
                        "",
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(failure),
                        why));
    }

    private boolean isResting(String domain) {
        synchronized (failed) {
            Instant since = failed.get(domain);
            return since != null && clock.instant().isBefore(since.plus(REST));
        }
    }

    private void remember(String domain, StsStore.Kept policy) {
        synchronized (kept) {
            kept.put(domain, policy);
        }
    }
}
