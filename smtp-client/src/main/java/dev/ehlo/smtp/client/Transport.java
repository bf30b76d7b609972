package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsPolicy;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What the deliveries of one client share: the loops, some threads for what may block, and the reports that are not
 * made yet. Thread-safe.
 *
 * @see SmtpClient#close()
 */
final class Transport implements AutoCloseable {
    /** Threads for look-ups by the system and for a first reading of content, which may wait for a disk. */
    private static final int MAX_BLOCKING_THREADS = 8;

    private static final long IDLE_SECONDS = 10;

    private final Reactor reactor;
    private final String localName;
    private final SessionTimeouts timeouts;
    private final @Nullable DialogueListener dialogue;
    private final Random random;
    private final @Nullable ClientTrust trust;
    private @Nullable HostTls verified;
    private final ThreadPoolExecutor blocking;
    private final ConcurrentSkipListMap<Long, Open> open = new ConcurrentSkipListMap<>();
    private final AtomicLong number = new AtomicLong();
    private volatile boolean closed;

    private record Open(Envelope envelope, CompletableFuture<DeliveryReport> report) {
        void giveUp() {
            report.complete(deferred(envelope, Reply.quoting(451, "4.4.2", "given up before there was a connection")));
        }
    }

    Transport(
            Reactor reactor,
            String localName,
            SessionTimeouts timeouts,
            @Nullable DialogueListener dialogue,
            Random random,
            @Nullable ClientTrust trust) {
        this.reactor = reactor;
        this.localName = localName;
        this.timeouts = timeouts;
        this.dialogue = dialogue;
        this.random = random;
        this.trust = trust;
        this.blocking = new ThreadPoolExecutor(
                MAX_BLOCKING_THREADS,
                MAX_BLOCKING_THREADS,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(), // one task for each delivery at most
                task -> {
                    Thread thread = new Thread(task, "smtp-client-blocking");
                    thread.setDaemon(true);
                    return thread;
                });
        blocking.allowCoreThreadTimeOut(true);
    }

    String localName() {
        return localName;
    }

    Random random() {
        return random;
    }

    /** What is asked of the TLS of hosts, and a context for it. */
    record HostTls(TlsPolicy policy, TlsContext context) {
        static HostTls by(ClientTrust trust) {
            TlsPolicy policy = TlsPolicy.verified(trust);
            return new HostTls(policy, TlsContext.client(policy));
        }
    }

    /** That of the roots to trust, which are read when they are first asked for: to be called where it may block. */
    synchronized HostTls verifiedTls() {
        HostTls known = verified;
        if (known == null) {
            known = HostTls.by(trust == null ? ClientTrust.system() : trust);
            verified = known;
        }
        return known;
    }

    SessionPlan plan(Message message, Hop hop) {
        return message.plan(localName, hop, timeouts, dialogue);
    }

    /** A report to be made, which {@link #close} completes if nobody else has. */
    CompletableFuture<DeliveryReport> openReport(Envelope envelope) {
        Open opened = new Open(envelope, new CompletableFuture<>());
        Long key = number.getAndIncrement();
        open.put(key, opened);
        Then.then(opened.report(), opened.report(), (done, error) -> open.remove(key));
        if (closed) {
            opened.giveUp();
        }
        return opened.report();
    }

    /** Runs what may block. */
    <T> CompletableFuture<T> block(Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            blocking.execute(() -> {
                try {
                    result.complete(work.call());
                } catch (Exception e) {
                    result.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(e);
        }
        return result;
    }

    /** Connects; a closed client has no connections to give, and the report of such an attempt is completed already. */
    void connect(Hop hop, SessionHandler handler) {
        TlsContext implicit = hop.implicitTls() ? hop.context() : null;
        try {
            reactor.connect(hop.address(), timeouts.connect().toNanos(), implicit, handler);
        } catch (RejectedExecutionException e) {
            if (!closed) {
                throw e;
            }
        }
    }

    static DeliveryReport deferred(Envelope envelope, Reply reply) {
        return decided(envelope, DeliveryStatus.DEFERRED, reply);
    }

    /** A report in this side's words, where no host had a part in it. */
    static DeliveryReport decided(Envelope envelope, DeliveryStatus status, Reply reply) {
        return DeliveryReport.forEach(envelope, r -> new RecipientOutcome(r, status, reply, null));
    }

    /** Ends the connections, which makes most reports; then the rest, parts before what they are parts of. */
    @Override
    public void close() {
        closed = true;
        reactor.close();
        blocking.shutdownNow();
        for (Map.Entry<Long, Open> each : open.descendingMap().entrySet()) {
            each.getValue().giveUp();
        }
    }

    boolean isClosed() {
        return closed;
    }
}
