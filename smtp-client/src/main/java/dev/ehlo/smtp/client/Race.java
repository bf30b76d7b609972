package dev.ehlo.smtp.client;

import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import dev.ehlo.smtp.tls.reactor.EventLoop;
import dev.ehlo.smtp.tls.reactor.LoopTimer;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connects to a host that has several addresses: to the next one a little after the one before, or at once where that
 * failed. The first connection that stands is handed over, and the others are given up; so the handler is told of one
 * connection, or of one that never came to stand. What failed or was overtaken is remembered in
 * {@link FailedAddresses}. Used on one loop's thread.
 *
 * <pre>
 *     addresses ─ next, each 250 ms ──► runners ─ the first that stands ──► handler.opened
 *         └──────── the last failed, or the time is over ─────────────────► handler.closed
 * </pre>
 *
 * RFC 8305 §4, §5.
 */
final class Race {
    /** How long the one before has until the next address is tried as well. RFC 8305 §5. */
    static final long NEXT_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Reactor reactor;
    private final EventLoop loop;
    private final Hop hop;
    private final FailedAddresses failed;
    private final ConnectionHandler handler;
    private final long end;
    private final LoopTimer next;
    private final Deque<InetSocketAddress> left;
    /** In the order in which they began. */
    private final List<Runner> running = new ArrayList<>();

    /** Tells the handler of the first that failed, or was given up; null if none has. */
    private @Nullable Runnable firstFailed;

    /** The handler has been told, or has the connection. */
    private boolean over;

    private boolean isGivenUp;

    private Race(
            Reactor reactor,
            EventLoop loop,
            Hop hop,
            long timeoutNanos,
            FailedAddresses failed,
            ConnectionHandler handler) {
        this.reactor = reactor;
        this.loop = loop;
        this.hop = hop;
        this.failed = failed;
        this.handler = handler;
        this.end = loop.nanoTime() + timeoutNanos;
        this.next = loop.timer(this::startNext);
        this.left = new ArrayDeque<>(failed.atTheEnd(hop.addresses()));
    }

    /**
     * Begins, on the thread of that loop, which is one of the reactor's.
     *
     * @param timeoutNanos until a connection stands, for all addresses together
     * @param handler is told as if it had been given to {@link Reactor#connect}, with the hop's TLS
     */
    static Race begin(
            Reactor reactor,
            EventLoop loop,
            Hop hop,
            long timeoutNanos,
            FailedAddresses failed,
            ConnectionHandler handler) {
        Race race = new Race(reactor, loop, hop, timeoutNanos, failed, handler);
        race.startNext();
        return race;
    }

    /** The families in turn, beginning with the one that is first, so that a dead one costs little. RFC 8305 §4. */
    static List<InetAddress> interleaved(List<InetAddress> addresses) {
        Deque<InetAddress> own = new ArrayDeque<>();
        Deque<InetAddress> other = new ArrayDeque<>();
        for (InetAddress each : addresses) {
            boolean isOwn = each instanceof Inet4Address == addresses.get(0) instanceof Inet4Address;
            (isOwn ? own : other).add(each);
        }
        List<InetAddress> mixed = new ArrayList<>(addresses.size());
        while (!own.isEmpty() || !other.isEmpty()) {
            if (!own.isEmpty()) {
                mixed.add(own.remove());
            }
            if (!other.isEmpty()) {
                mixed.add(other.remove());
            }
        }
        return mixed;
    }

    /** Ends it without a connection, unless one stands already. */
    void giveUp() {
        if (!over) {
            isGivenUp = true;
            next.clear();
            for (Runner each : running) {
                each.abort();
            }
        }
    }

    private void startNext() {
        long time = end - loop.nanoTime();
        InetSocketAddress address = time > 0 ? left.poll() : null;
        if (address == null) {
            return;
        }
        Runner runner = new Runner(address);
        running.add(runner);
        if (!left.isEmpty()) {
            next.set(NEXT_NANOS);
        }
        reactor.connect(address, time, null, runner);
    }

    private void arrived(Runner winner, Connection connection) {
        over = true;
        next.clear();
        failed.reached(winner.address);
        int place = running.indexOf(winner);
        for (int i = 0; i < running.size(); i++) {
            if (i < place) {
                // Who loses a start of 250 ms is no better than who fails.
                failed.failed(running.get(i).address);
            }
            if (i != place) {
                running.get(i).abort();
            }
        }
        if (hop.implicitTls()) {
            connection.startImplicitTls(hop.context(), handler);
        } else {
            connection.handOver(handler);
        }
    }

    private void ended(Runner loser, Connection connection, CloseCause cause) {
        if (over) {
            return;
        }
        running.remove(loser);
        if (cause.kind() == CloseCause.Kind.LOCAL) {
            left.clear();
            firstFailed = () -> handler.closed(connection, cause);
        } else {
            failed.failed(loser.address);
            if (firstFailed == null) {
                firstFailed = () -> handler.closed(connection, cause);
            }
        }
        if (end - loop.nanoTime() <= 0) {
            left.clear();
        }
        if (!left.isEmpty()) {
            startNext();
        }
        if (running.isEmpty()) {
            over = true;
            firstFailed.run();
        }
    }

    /** One connection that is being made. */
    private final class Runner implements ConnectionHandler {
        private final InetSocketAddress address;
        private @Nullable Connection connection;

        Runner(InetSocketAddress address) {
            this.address = address;
        }

        void abort() {
            if (connection != null) {
                connection.abort();
            }
        }

        @Override
        public void connecting(Connection begun) {
            connection = begun;
            if (over || isGivenUp) {
                begun.abort();
            }
        }

        @Override
        public void opened(Connection stands) {
            arrived(this, stands);
        }

        @Override
        public void closed(Connection gone, CloseCause cause) {
            ended(this, gone, cause);
        }

        @Override
        public void received(Connection stands, ByteBuffer in) {
            throw new IllegalStateException("a connection that was handed over");
        }

        @Override
        public void deadlineReached(Connection stands) {
            throw new IllegalStateException("no deadline was set");
        }
    }
}
