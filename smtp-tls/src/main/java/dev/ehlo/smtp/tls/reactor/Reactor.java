package dev.ehlo.smtp.tls.reactor;

import dev.ehlo.smtp.tls.LoopHealth;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Event loops, a thread each, and what goes on on them: ports that are listened on, and connections, accepted or made.
 * Thread-safe.
 *
 * <p>The long computations of TLS handshakes (signatures, certificate chains) are done by a few threads beside the
 * loops, so that no connection waits for the handshake of another.
 */
public final class Reactor implements AutoCloseable {
    /** What a peer has from the first octet of a TLS handshake to its last, unless a test says otherwise. */
    static final long HANDSHAKE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Seconds after which a thread for handshakes that has nothing to do ends. */
    private static final long HANDSHAKE_THREAD_IDLE_SECONDS = 30;

    private final List<SelectorLoop> loops = new ArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();
    private final ExecutorService handshakes;
    private final long handshakeNanos;

    private Reactor(String name, int loops, LongSupplier clock, long handshakeNanos, boolean daemon)
            throws IOException {
        if (loops < 1) {
            throw new IllegalArgumentException("loops: " + loops);
        }
        this.handshakeNanos = handshakeNanos;
        this.handshakes = handshakeThreads(name);
        try {
            for (int i = 0; i < loops; i++) {
                this.loops.add(new SelectorLoop(name + "-" + i, clock, daemon));
            }
        } catch (IOException e) {
            for (SelectorLoop loop : this.loops) {
                loop.discard();
            }
            throw e;
        }
        this.loops.forEach(SelectorLoop::start);
    }

    /**
     * Starts that many loops, on threads {@code name-0} and so on, which keep the JVM alive until {@link #close}.
     *
     * @throws IllegalArgumentException if {@code loops} is less than 1
     * @throws IOException if the system has no selector to give
     */
    public static Reactor start(String name, int loops) throws IOException {
        return start(name, loops, System::nanoTime);
    }

    /**
     * As {@link #start(String, int)}, with the time that the clock tells in place of {@link System#nanoTime()}; after a
     * step of it, any event or task makes a loop look again.
     */
    public static Reactor start(String name, int loops, LongSupplier clock) throws IOException {
        return start(name, loops, clock, HANDSHAKE_NANOS);
    }

    /**
     * As {@link #start(String, int, LongSupplier)}.
     *
     * @param handshake what a peer has for a TLS handshake; 30 seconds where it is longer
     * @param daemon whether the JVM may end before {@link #close}
     */
    public static Reactor start(String name, int loops, LongSupplier clock, Duration handshake, boolean daemon)
            throws IOException {
        return new Reactor(name, loops, clock, Math.min(HANDSHAKE_NANOS, handshake.toNanos()), daemon);
    }

    /** As {@link #start(String, int, LongSupplier)}, with another time limit for handshakes. */
    static Reactor start(String name, int loops, LongSupplier clock, long handshakeNanos) throws IOException {
        return new Reactor(name, loops, clock, handshakeNanos, false);
    }

    /** How many loops there are. */
    public int loops() {
        return loops.size();
    }

    /** One of them, by its number, from 0 on. */
    public EventLoop loop(int index) {
        return loops.get(index);
    }

    /** How each loop is doing. From any thread, in the order of the loops' names. */
    public List<LoopHealth> health() {
        return loops.stream().map(SelectorLoop::health).toList();
    }

    /** The loop whose turn it is; on the thread of a loop of this reactor, that loop. */
    public EventLoop nextLoop() {
        return ownLoopOrInTurn();
    }

    /**
     * Listens. Each accepted connection gets a handler of its own from {@code handlers}, made on the connection's loop.
     *
     * @param backlog connections that the system keeps ready at most; 0 for what it likes
     * @param implicitTls a server's keys, if connections are to be under TLS from the first octet; null for in clear
     * @throws java.net.BindException if the address is in use, or is none of this host's
     * @throws IOException if it cannot be listened on for another reason
     * @throws RejectedExecutionException if the reactor is closed
     */
    public Listener listen(
            InetSocketAddress address,
            int backlog,
            @Nullable TlsContext implicitTls,
            Supplier<ConnectionHandler> handlers)
            throws IOException {
        Acceptor acceptor = new Acceptor(this, loopInTurn(), address, backlog, implicitTls, handlers);
        try {
            acceptor.start();
        } catch (RejectedExecutionException e) {
            acceptor.close();
            throw e;
        }
        return new Listener(acceptor);
    }

    /** As {@link #connect(InetSocketAddress, InetSocketAddress, long, TlsContext, ConnectionHandler)}, from any address. */
    public void connect(
            InetSocketAddress remote, long timeoutNanos, @Nullable TlsContext implicitTls, ConnectionHandler handler) {
        connect(remote, null, timeoutNanos, implicitTls, handler);
    }

    /**
     * Connects, on {@link #nextLoop}. Whatever hinders it is told by {@link ConnectionHandler#closed} with
     * {@link CloseCause.Kind#NOT_CONNECTED}, a local address that is none of this host's, too.
     *
     * @param local the address to connect from, most often with port 0, for a port that the system chooses; null for what
     *     the system chooses
     * @param timeoutNanos until the connection stands, without the TLS handshake, which has a time limit of its own
     * @param implicitTls a client's trust, if the connection is to be under TLS from the first octet; null for in clear
     * @throws RejectedExecutionException if the reactor is closed
     */
    public void connect(
            InetSocketAddress remote,
            @Nullable InetSocketAddress local,
            long timeoutNanos,
            @Nullable TlsContext implicitTls,
            ConnectionHandler handler) {
        SelectorLoop loop = ownLoopOrInTurn();
        loop.execute(() -> SocketConnection.connect(this, loop, remote, local, timeoutNanos, implicitTls, handler));
    }

    /**
     * Aborts what is left, tells each handler, and waits for the threads to end; called on a loop, does not wait for
     * that one. Tasks given to a loop from then on are refused with
     * {@link RejectedExecutionException}.
     */
    @Override
    public void close() {
        loops.forEach(SelectorLoop::stop);
        boolean interrupted = false;
        for (SelectorLoop loop : loops) {
            interrupted |= joinInterrupted(loop);
        }
        handshakes.shutdown();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    SelectorLoop loopInTurn() {
        return loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
    }

    ExecutorService handshakes() {
        return handshakes;
    }

    long handshakeNanos() {
        return handshakeNanos;
    }

    private SelectorLoop ownLoopOrInTurn() {
        for (SelectorLoop loop : loops) {
            if (loop.isInLoop()) {
                return loop;
            }
        }
        return loopInTurn();
    }

    private static boolean joinInterrupted(SelectorLoop loop) {
        boolean interrupted = false;
        while (true) {
            try {
                loop.join();
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    private static ExecutorService handshakeThreads(String name) {
        AtomicInteger number = new AtomicInteger();
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                threads,
                threads,
                HANDSHAKE_THREAD_IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(), // holds one task of each connection at most
                task -> {
                    Thread thread = new Thread(task, name + "-handshake-" + number.getAndIncrement());
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }
}
