package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsPolicy;
import dev.ehlo.smtp.tls.reactor.EventLoop;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
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

    /** Octets of content that a loop looks through by itself: as much time as it takes to send them. */
    private static final long LOOKED_THROUGH_ON_LOOP = 2 << 20;

    private static final long IDLE_SECONDS = 10;

    /** What the servers of kept connections have to answer QUIT when the client is closed. */
    private static final long QUIT_MILLIS = 1000;

    private final Reactor reactor;
    private final String localName;
    private final SessionTimeouts timeouts;
    private final ConnectionReuse reuse;
    private final @Nullable DialogueListener dialogue;
    private final Random random;
    private final @Nullable ClientTrust trust;
    private final LongSupplier clock;
    private @Nullable HostTls verified;
    private final ThreadPoolExecutor blocking;
    private final ConcurrentSkipListMap<Long, Open> open = new ConcurrentSkipListMap<>();
    private final ConcurrentHashMap<EventLoop, SessionHandler.Loop> shared = new ConcurrentHashMap<>();
    private final FailedAddresses failed;
    private final OwnHost own;
    private final AtomicLong number = new AtomicLong();
    private volatile boolean closed;

    private record Open(Envelope envelope, CompletableFuture<DeliveryReport> report) {
        void giveUp() {
            report.complete(notSent(envelope, Reply.quoting(451, "4.4.2", "given up before there was a connection")));
        }
    }

    Transport(
            Reactor reactor,
            String localName,
            Set<InetSocketAddress> listeners,
            SessionTimeouts timeouts,
            ConnectionReuse reuse,
            @Nullable DialogueListener dialogue,
            Random random,
            @Nullable ClientTrust trust,
            LongSupplier clock) {
        this.reactor = reactor;
        this.localName = localName;
        this.timeouts = timeouts;
        this.reuse = reuse;
        this.dialogue = dialogue;
        this.random = random;
        this.trust = trust;
        this.clock = clock;
        this.failed = new FailedAddresses(clock);
        this.own = new OwnHost(localName, listeners, clock);
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

    /** This host, as it might be found in DNS. */
    OwnHost own() {
        return own;
    }

    /** As {@link System#nanoTime()} counts it. */
    long nanoTime() {
        return clock.getAsLong();
    }

    /** Where no connection came to stand lately, for all deliveries. */
    FailedAddresses failedAddresses() {
        return failed;
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

    /**
     * Whether the content is to be looked through before a loop has it, since that may take long: not content of
     * usual size, which the loop looks through when a server wants to know, nor what the sender has told all about.
     */
    static boolean isToBeLookedThrough(Envelope envelope, MessageSource content) {
        return content.octets() > LOOKED_THROUGH_ON_LOOP
                && !envelope.parameters().has(EsmtpKeyword.BODY);
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

    /**
     * Has the message go by that hop, on a session that is kept for it, or a new one. A closed client has none to give,
     * and the report of such an attempt is completed already.
     *
     * @param ended is told the outcome, on a loop
     */
    void deliver(Hop hop, Message message, CompletableFuture<?> report, Consumer<SessionOutcome> ended) {
        deliver(hop, message, report, ended, true);
    }

    /** The same, on a new session. */
    void deliverAnew(Hop hop, Message message, CompletableFuture<?> report, Consumer<SessionOutcome> ended) {
        deliver(hop, message, report, ended, false);
    }

    private void deliver(
            Hop hop, Message message, CompletableFuture<?> report, Consumer<SessionOutcome> ended, boolean mayReuse) {
        SessionPlan plan = new SessionPlan(
                localName,
                hop.host(),
                message.envelope(),
                message.content(),
                hop.policy(),
                message.login(),
                timeouts,
                reuse,
                dialogue);
        SessionHandler.Delivery delivery = new SessionHandler.Delivery(plan, report, ended);
        EventLoop loop = reactor.nextLoop();
        if (loop.isInLoop()) {
            deliver(hop, delivery, loop, mayReuse);
            return;
        }
        try {
            loop.execute(() -> deliver(hop, delivery, loop, mayReuse));
        } catch (RejectedExecutionException e) {
            if (!closed) {
                throw e;
            }
        }
    }

    private void deliver(Hop hop, SessionHandler.Delivery delivery, EventLoop loop, boolean mayReuse) {
        if (delivery.report().isDone()) {
            return;
        }
        try {
            SessionHandler.Loop shared = shared(loop);
            SessionHandler kept =
                    mayReuse ? shared.pool().take(hop.route(delivery.plan().login())) : null;
            if (kept != null) {
                kept.begin(delivery);
                return;
            }
            TlsMode secured = hop.implicitTls() ? TlsMode.IMPLICIT : TlsMode.NONE;
            SessionHandler session = new SessionHandler(shared, hop, secured, delivery);
            Race race = Race.begin(reactor, loop, hop, timeouts.connect().toNanos(), failed, session);
            Then.then(delivery.report(), delivery.report(), (done, error) -> {
                if (delivery.report().isCancelled()) {
                    loop.execute(race::giveUp);
                }
            });
        } catch (RejectedExecutionException e) {
            if (!closed) {
                delivery.report().completeExceptionally(e);
            }
        } catch (RuntimeException e) {
            // A defect, of which whoever waits for the report must hear.
            delivery.report().completeExceptionally(e);
        }
    }

    private SessionHandler.Loop shared(EventLoop loop) {
        SessionHandler.Loop known = shared.get(loop);
        return known != null
                ? known
                : shared.computeIfAbsent(
                        loop,
                        each -> new SessionHandler.Loop(
                                new Pool(reuse, reactor.loops()), new ContentBlocks(), blocking));
    }

    static DeliveryReport notSent(Envelope envelope, Reply reply) {
        return decided(envelope, DeliveryStatus.NOT_SENT, reply);
    }

    /** A report in this side's words, where no host had a part in it. */
    static DeliveryReport decided(Envelope envelope, DeliveryStatus status, Reply reply) {
        return DeliveryReport.forEach(envelope, r -> new RecipientOutcome(r, status, reply, null));
    }

    /** Ends the connections, which makes most reports; then the rest, parts before what they are parts of. */
    @Override
    public void close() {
        closed = true;
        leaveKept();
        reactor.close();
        blocking.shutdownNow();
        for (Map.Entry<Long, Open> each : open.descendingMap().entrySet()) {
            each.getValue().giveUp();
        }
    }

    /** Says QUIT on the connections that wait, and waits a little for the answers, unless it is a loop that would wait. */
    private void leaveKept() {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        boolean mayWait = true;
        for (Map.Entry<EventLoop, SessionHandler.Loop> each : shared.entrySet()) {
            CompletableFuture<Void> gone = new CompletableFuture<>();
            try {
                each.getKey().execute(() -> each.getValue().pool().close(gone));
                all.add(gone);
            } catch (RejectedExecutionException e) {
                // Closed before, and nothing is kept there any more.
                return;
            }
            mayWait &= !each.getKey().isInLoop();
        }
        if (mayWait) {
            CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
                    .completeOnTimeout(null, QUIT_MILLIS, TimeUnit.MILLISECONDS)
                    .join();
        }
    }

    boolean isClosed() {
        return closed;
    }
}
