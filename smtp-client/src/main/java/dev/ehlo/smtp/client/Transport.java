package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsPolicy;
import dev.ehlo.smtp.tls.reactor.EventLoop;
import dev.ehlo.smtp.tls.reactor.LoopTimer;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
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

    /** How many have to wait without company before the loop is left to those who wait: with company that is no gain. */
    private static final int ALONE = 4;

    /** How long that thread waits at most for the loop's own to let go, and how often it looks. */
    private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    private static final int LOOKS = 20;

    /** What the servers of kept connections have to answer QUIT when the client is closed. */
    private static final long QUIT_MILLIS = 1000;

    private final Reactor reactor;
    private final String localName;
    private final SessionTimeouts timeouts;
    private final ConnectionReuse reuse;
    private final @Nullable DialogueListener dialogue;
    private final Random random;
    private @Nullable ClientTrust trust;
    private final LongSupplier clock;
    private @Nullable HostTls verified;
    private final ThreadPoolExecutor blocking;
    private final ConcurrentSkipListMap<Long, OpenReport> open = new ConcurrentSkipListMap<>();
    private final List<SessionHandler.Loop> loops = new ArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();
    private final FailedAddresses failed;
    private final OwnHost own;
    private final AtomicLong number = new AtomicLong();
    /** Of those who came while there was no delivery, how many could not have the loop. */
    private final AtomicInteger alone = new AtomicInteger();

    private volatile boolean closed;

    Transport(
            Reactor reactor,
            String localName,
            Set<InetSocketAddress> listeners,
            SessionTimeouts timeouts,
            ConnectionReuse reuse,
            ConnectionLimits limits,
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
        for (int i = 0; i < reactor.loops(); i++) {
            loops.add(loop(reactor.loop(i), limits, i));
        }
    }

    private SessionHandler.Loop loop(EventLoop events, ConnectionLimits limits, int index) {
        Shares shares = new Shares(limits, index, reactor.loops());
        Pool pool = new Pool(
                shares,
                (place, hop, delivery) -> connect(loops.get(index), place, hop, delivery),
                new WaitingList.Terms(
                        limits.patience().toNanos(), shares.waiting(), events, events::nanoTime, events::timer));
        return new SessionHandler.Loop(events, pool, new ContentBlocks(), blocking);
    }

    private void connect(SessionHandler.Loop loop, Place place, Hop hop, SessionHandler.Delivery delivery) {
        TlsMode secured = hop.implicitTls() ? TlsMode.IMPLICIT : TlsMode.NONE;
        SessionHandler session = new SessionHandler(loop, place, hop, secured, delivery);
        Race race = Race.begin(reactor, loop.events(), hop, timeouts.connect().toNanos(), failed, session);
        CompletableFuture<?> report = delivery.report();
        Then.then(report, report, (done, error) -> {
            if (report.isCancelled()) {
                loop.events().execute(race::giveUp);
            }
        });
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
    synchronized HostTls verifiedTls() throws UnreadableRoots {
        HostTls known = verified;
        if (known == null) {
            known = HostTls.by(trust());
            verified = known;
        }
        return known;
    }

    /** The roots to trust, which are read when they are first asked for: to be called where it may block. */
    synchronized ClientTrust trust() throws UnreadableRoots {
        ClientTrust known = trust;
        if (known == null) {
            try {
                known = ClientTrust.system();
            } catch (IllegalStateException e) {
                throw new UnreadableRoots(e);
            }
            trust = known;
        }
        return known;
    }

    /**
     * A report to be made, which {@link #close} completes if nobody else has; told when its time is up.
     *
     * @param nanos how much time there is; {@link OpenReport#NEVER} for no limit
     */
    OpenReport openReport(Envelope envelope, long nanos) {
        if (nanos == OpenReport.NEVER) {
            return opened(new OpenReport(envelope, OpenReport.NEVER));
        }
        OpenReport report = opened(new OpenReport(envelope, nanoTime() + nanos));
        EventLoop loop = reactor.nextLoop();
        LoopTimer timer = loop.timer(report::timeIsUp);
        if (!report.isDone() && runs(loop, () -> timer.set(nanos))) {
            Then.then(report, report, (done, error) -> runs(loop, timer::clear));
        }
        return report;
    }

    /** A report of some of the recipients, which has the time that is left of the whole one's. */
    OpenReport openPart(Envelope envelope, OpenReport whole) {
        return openReport(envelope, whole.remaining(nanoTime()));
    }

    private static boolean runs(EventLoop loop, Runnable task) {
        if (loop.isInLoop()) {
            task.run();
            return true;
        }
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException closing) {
            return false; // and the end of the client completes what is left
        }
    }

    private OpenReport opened(OpenReport report) {
        Long key = number.getAndIncrement();
        open.put(key, report);
        Then.then(report, report, (done, error) -> open.remove(key));
        if (closed) {
            report.giveUp();
        }
        return report;
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
        deliver(hop, message, report, ended, false);
    }

    /** The same, on a new session, and before all others. */
    void deliverAnew(Hop hop, Message message, CompletableFuture<?> report, Consumer<SessionOutcome> ended) {
        deliver(hop, message, report, ended, true);
    }

    private void deliver(
            Hop hop, Message message, CompletableFuture<?> report, Consumer<SessionOutcome> ended, boolean again) {
        if (report instanceof OpenReport limited && !limited.begin()) {
            return;
        }
        SessionPlan plan = new SessionPlan(
                localName,
                hop.host(),
                message.envelope(),
                message.content(),
                hop.policy(),
                message.login(),
                timeouts,
                reuse,
                dialogue,
                hop.lmtp());
        deliver(hop, new SessionHandler.Delivery(plan, OpenReport.stopOf(report), ended), again, ownLoop(), 0);
    }

    /** Where the caller is, so that one delivery after the other goes by the same connection; else in turn. */
    private int ownLoop() {
        int count = loops.size();
        for (int i = 0; count > 1 && i < count; i++) {
            if (loops.get(i).events().isInLoop()) {
                return i;
            }
        }
        return count == 1 ? 0 : Math.floorMod(turn.getAndIncrement(), count);
    }

    /** From loop to loop until one can begin it at once; where none can, it waits in the first that serves it. */
    private void deliver(Hop hop, SessionHandler.Delivery delivery, boolean again, int first, int tried) {
        int count = loops.size();
        SessionHandler.Loop loop = loops.get((first + tried) % count);
        boolean mayWait = count == 1 || tried >= count;
        Runnable attempt = () -> {
            try {
                if (!loop.pool().deliver(hop, delivery, again, mayWait)) {
                    deliver(hop, delivery, again, first, tried + 1);
                }
            } catch (RuntimeException e) {
                // A defect, of which whoever waits for the report must hear.
                delivery.report().completeExceptionally(e);
            }
        };
        if (!runs(loop.events(), attempt) && !closed) {
            throw new RejectedExecutionException("the loops have ended");
        }
    }

    static DeliveryReport notSent(Envelope envelope, Reply reply) {
        return decided(envelope, DeliveryStatus.NOT_SENT, reply);
    }

    /** A report in this side's words, where no host had a part in it. */
    static DeliveryReport decided(Envelope envelope, DeliveryStatus status, Reply reply) {
        return DeliveryReport.forEach(envelope, r -> new RecipientOutcome(r, status, reply, null));
    }

    /**
     * Begins what ends with a report, and waits for it; where nobody else has the loop at work, by doing its work here.
     *
     * @throws InterruptedException if the thread is interrupted before that; it is given up then
     */
    <T> T await(Supplier<CompletableFuture<T>> begin) throws InterruptedException {
        if (isOnLoop()) {
            throw new IllegalStateException("a thread that serves connections can't wait for a delivery: "
                    + Thread.currentThread().getName());
        }
        CompletableFuture<T> here = loops.size() == 1 && !isAtWork() ? runHere(begin) : null;
        CompletableFuture<T> begun = here == null ? begin.get() : here;
        try {
            return begun.get();
        } catch (InterruptedException e) {
            begun.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        }
    }

    /** Null if the loop's own thread has it. */
    private <T> @Nullable CompletableFuture<T> runHere(Supplier<CompletableFuture<T>> begin) {
        EventLoop only = loops.get(0).events();
        CompletableFuture<T> here = only.runHere(begin, this::isAtWork);
        if (here == null && alone.incrementAndGet() >= ALONE) {
            alone.set(0);
            only.rest(this::isAtWork); // as it will not be, until something is begun here
            for (int looks = 0; here == null && looks < LOOKS; looks++) {
                LockSupport.parkNanos(LOOK_NANOS);
                here = only.runHere(begin, this::isAtWork);
            }
        }
        return here;
    }

    /** Has the loop's own thread serve what is begun from now on, as it reads what an interrupt of another would close. */
    void takeBack() {
        if (loops.size() == 1) {
            loops.get(0).events().takeBack();
        }
    }

    private boolean isAtWork() {
        return !open.isEmpty();
    }

    /** Whether to wait here would be to wait for oneself. */
    boolean isOnLoop() {
        return loops.stream().anyMatch(loop -> loop.events().isInLoop());
    }

    /** Ends the connections, which makes most reports; then the rest, parts before what they are parts of. */
    @Override
    public void close() {
        closed = true;
        leaveKept();
        if (isOnLoop()) {
            // Which has to end first: only its sessions know how far they were.
            new Thread(this::end, "smtp-client-closing").start();
        } else {
            end();
        }
    }

    private void end() {
        reactor.close();
        blocking.shutdownNow();
        open.descendingMap().values().forEach(OpenReport::giveUp);
    }

    /** Says QUIT on the connections that wait, and waits a little for the answers, unless it is a loop that would wait. */
    private void leaveKept() {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        boolean mayWait = true;
        for (SessionHandler.Loop each : loops) {
            CompletableFuture<Void> gone = new CompletableFuture<>();
            try {
                each.events().execute(() -> each.pool().close(gone));
                all.add(gone);
            } catch (RejectedExecutionException e) {
                // Closed before, and nothing is kept there any more.
                return;
            }
            mayWait &= !each.events().isInLoop();
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
