package dev.ehlo.smtp.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedResolver;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.SimpleResolver;

/**
 * Look-ups by dnsjava: along aliases, once for all who ask the same at the same time, kept as long as they are good, and
 * with what DNSSEC says of them. Thread-safe, and never blocks who calls.
 */
final class DnsLookUps {
    private static final Duration QUERY_TIME = Duration.ofSeconds(5);
    private static final Duration WHOLE_TIME = Duration.ofSeconds(30);

    private final Resolver resolver;
    private final boolean believed;
    private final DnsCache cache = new DnsCache(System::nanoTime);
    private final ConcurrentMap<DnsQuestion, CompletableFuture<DnsAnswer>> inFlight = new ConcurrentHashMap<>();

    /**
     * Look-ups at those servers.
     *
     * @param believed whether what they say is proven is so
     */
    DnsLookUps(Resolver resolver, boolean believed) {
        this.resolver = resolver;
        this.believed = believed;
    }

    /** Look-ups at the servers that this machine is configured for. */
    static DnsLookUps system(Dnssec dnssec) {
        ExtendedResolver servers = new ExtendedResolver();
        servers.setTimeout(QUERY_TIME);
        boolean isLocal = Arrays.stream(servers.getResolvers())
                .allMatch(each -> each instanceof SimpleResolver one && isLocal(one));
        return dnssec.at(servers, isLocal);
    }

    /** Look-ups at that server. */
    static DnsLookUps at(InetSocketAddress server, Dnssec dnssec) {
        SimpleResolver one = new SimpleResolver(server);
        one.setTimeout(QUERY_TIME);
        return dnssec.at(one, isLocal(one));
    }

    private static boolean isLocal(SimpleResolver server) {
        InetAddress address = server.getAddress().getAddress();
        return address != null && address.isLoopbackAddress();
    }

    /** The answer, which may be that there is nothing; fails if there is none, or it is forged. */
    CompletableFuture<DnsAnswer> ask(Name name, int type) {
        DnsQuestion question = new DnsQuestion(name, type);
        DnsAnswer known = cache.get(question);
        if (known != null) {
            return CompletableFuture.completedFuture(known);
        }
        CompletableFuture<DnsAnswer> answer = new CompletableFuture<>();
        CompletableFuture<DnsAnswer> underWay = inFlight.putIfAbsent(question, answer);
        if (underWay != null) {
            return underWay.copy();
        }
        CompletableFuture<Void> unused = follow(name, type, DnsMessage.MAX_ALIASES)
                .orTimeout(WHOLE_TIME.toNanos(), TimeUnit.NANOSECONDS)
                .handle((said, error) -> {
                    if (said != null) {
                        cache.put(question, said);
                    }
                    inFlight.remove(question);
                    if (said != null) {
                        answer.complete(said);
                    } else {
                        answer.completeExceptionally(cause(error));
                    }
                    return null;
                });
        return answer.copy();
    }

    private CompletableFuture<DnsAnswer> follow(Name name, int type, int aliases) {
        return send(name, type).thenCompose(message -> {
            DnsMessage read;
            try {
                read = DnsMessage.of(message, name, type, believed, aliases);
            } catch (IOException e) {
                return CompletableFuture.failedFuture(e);
            }
            return read.isOpen()
                    ? follow(read.answer().name(), type, aliases - read.aliases())
                            .thenApply(end -> end.after(read.answer()))
                    : CompletableFuture.completedFuture(read.answer());
        });
    }

    private CompletableFuture<Message> send(Name name, int type) {
        Message query = Message.newQuery(Record.newRecord(name, type, DClass.IN));
        if (believed) {
            // To be told whether it is proven, without the proof. RFC 6840 §5.7.
            query.getHeader().setFlag(Flags.AD);
        }
        try {
            return resolver.sendAsync(query, ForkJoinPool.commonPool()).toCompletableFuture();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** The error behind what stages make of it. */
    static Throwable cause(Throwable error) {
        Throwable cause = error;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
