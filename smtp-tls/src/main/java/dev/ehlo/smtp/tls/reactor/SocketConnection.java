package dev.ehlo.smtp.tls.reactor;

import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsSession;
import dev.ehlo.smtp.tls.reactor.CloseCause.Kind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection over a socket. Owned by its loop; holds a buffer only while there are octets in it.
 *
 * <pre>
 *     CONNECTING ── in clear ───────────────────► OPEN
 *         │                   startTls │ ▲ established │
 *         │                            ▼ │             │ close, or the TLS engine failed
 *         └── implicit TLS ──────► HANDSHAKING         │
 *                                      │ failed        ▼
 *                                      └────────────► CLOSING ── done ──► CLOSED
 * </pre>
 *
 * From every phase abort, loss of the network, and the phase's time limit lead to CLOSED. In CLOSING the rest is sent,
 * then FIN, and what the peer still sends is discarded until its FIN or a limit: a reset would destroy the last reply
 * on its way. The one deadline serves each phase in turn: to connect, for the handshake, the handler's own, to close.
 * {@link ConnectionHandler#closed} is told by a task, never from within a call that the handler made.
 */
final class SocketConnection implements Connection, Selectable {
    private static final Logger LOG = LoggerFactory.getLogger(SocketConnection.class);

    /** Reads in one turn before other connections are served. */
    private static final int READS_PER_TURN = 4;

    /** What a peer has to take the last octets after {@link #close}. */
    private static final long FLUSH_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** What a peer has to close its side after it was sent FIN. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Octets of a peer that sends on after {@link #close}, discarded before it is reset. */
    private static final long LINGER_OCTETS = 4 * 1024 * 1024;

    private enum Phase {
        CONNECTING,
        HANDSHAKING,
        OPEN,
        CLOSING,
        CLOSED
    }

    private final Reactor reactor;
    private final SelectorLoop loop;
    private final InetSocketAddress remoteAddress;
    private final boolean connects;
    private final Deadline deadline = new Deadline(() -> guarded(this::deadlineReached));
    private final Wire wire;
    /** Clear octets that are not consumed yet. */
    private final PooledBuffer in;

    private Phase phase = Phase.CONNECTING;
    private ConnectionHandler handler;
    private CloseCause cause = new CloseCause(Kind.LOCAL, null);
    private InetSocketAddress localAddress = new InetSocketAddress(0);
    private @Nullable TlsContext nextTls;
    private @Nullable TlsPump tls;
    private Optional<TlsSession> session = Optional.empty();
    private boolean delivering;
    private boolean paused;
    private boolean aboveBound;
    private boolean inputEnded;
    private long discarded;

    private SocketConnection(
            Reactor reactor,
            SelectorLoop loop,
            InetSocketAddress remoteAddress,
            boolean connects,
            ConnectionHandler handler,
            @Nullable TlsContext implicitTls) {
        this.reactor = reactor;
        this.loop = loop;
        this.remoteAddress = remoteAddress;
        this.connects = connects;
        this.handler = handler;
        this.nextTls = implicitTls;
        this.wire = new Wire(loop);
        this.in = new PooledBuffer(loop.pool());
    }

    /** Takes an accepted socket over, on its loop. */
    static void accepted(
            Reactor reactor,
            SelectorLoop loop,
            SocketChannel socket,
            @Nullable TlsContext implicitTls,
            Supplier<ConnectionHandler> handlers)
            throws IOException {
        SocketConnection connection;
        try {
            InetSocketAddress remote = (InetSocketAddress) socket.getRemoteAddress();
            connection = new SocketConnection(reactor, loop, remote, false, handlers.get(), implicitTls);
        } catch (IOException | RuntimeException | Error e) {
            socket.close();
            throw e;
        }
        connection.guarded(() -> {
            connection.wire.register(socket, SelectionKey.OP_READ, connection);
            connection.stands();
        });
    }

    /** Begins to connect, on the loop. */
    static void connect(
            Reactor reactor,
            SelectorLoop loop,
            InetSocketAddress remote,
            long timeoutNanos,
            @Nullable TlsContext implicitTls,
            ConnectionHandler handler) {
        SocketConnection connection = new SocketConnection(reactor, loop, remote, true, handler, implicitTls);
        connection.guarded(() -> connection.connect(timeoutNanos));
    }

    // What the handler calls

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public InetSocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public Optional<TlsSession> tls() {
        return session;
    }

    @Override
    public ByteBuffer output(int atLeast) {
        if (atLeast < 0 || atLeast > BUFFER_OCTETS) {
            throw new IllegalArgumentException("octets: " + atLeast);
        }
        if (phase == Phase.HANDSHAKING) {
            throw new IllegalStateException("the handshake is not done");
        }
        TlsPump pump = tls;
        try {
            if (phase == Phase.OPEN) {
                return pump == null ? wire.out().room(atLeast) : pump.output(atLeast);
            }
        } catch (SSLException e) {
            failed(e);
        }
        return ByteBuffer.allocate(atLeast); // goes nowhere
    }

    @Override
    public void flush() {
        if (phase != Phase.OPEN) {
            return;
        }
        aboveBound |= unsent() > UNSENT_BOUND;
        guarded(() -> {
            TlsPump pump = tls;
            if (pump != null) {
                pump.takeUp();
            }
            write();
        });
        aboveBound |= unsent() > UNSENT_BOUND; // records are longer than what was put
    }

    @Override
    public long unsent() {
        TlsPump pump = tls;
        return wire.out().octets() + (pump == null ? 0 : pump.put());
    }

    @Override
    public void pauseReading() {
        paused = true;
        updateInterest();
    }

    @Override
    public void resumeReading() {
        if (paused) {
            paused = false;
            loop.execute(this::resumed);
        }
    }

    @Override
    public void startTls(TlsContext context, ConnectionHandler next) {
        if (tls != null || phase == Phase.HANDSHAKING) {
            throw new IllegalStateException("under TLS already");
        }
        if (phase != Phase.OPEN) {
            return;
        }
        handler = next;
        nextTls = context;
        aboveBound = false;
        phase = Phase.HANDSHAKING;
        loop.deadline(deadline, reactor.handshakeNanos());
        guarded(() -> {
            write();
            if (!delivering) {
                beginTls();
            }
        });
    }

    @Override
    public void deadline(long delayNanos) {
        if (phase == Phase.OPEN) {
            loop.deadline(deadline, delayNanos);
        }
    }

    @Override
    public void clearDeadline() {
        if (phase == Phase.OPEN) {
            loop.clearDeadline(deadline);
        }
    }

    @Override
    public void close() {
        switch (phase) {
            case CONNECTING, HANDSHAKING -> {
                wire.close();
                gone(cause);
            }
            case OPEN ->
                guarded(() -> {
                    TlsPump pump = tls;
                    if (pump != null) {
                        pump.close();
                    }
                    beginClosing();
                });
            case CLOSING, CLOSED -> {}
        }
    }

    @Override
    public void abort() {
        reset(cause);
    }

    @Override
    public boolean isClosing() {
        return phase == Phase.CLOSING || phase == Phase.CLOSED;
    }

    // What the loop calls

    @Override
    public void ready(int operations) {
        try {
            if (phase == Phase.CONNECTING) {
                wire.finishConnect();
                stands();
            } else {
                if ((operations & SelectionKey.OP_WRITE) != 0) {
                    write();
                }
                if ((operations & SelectionKey.OP_READ) != 0) {
                    read();
                }
            }
        } catch (Throwable e) {
            ended(e);
        }
        updateInterest();
    }

    @Override
    public void stop() {
        abort();
    }

    private void deadlineReached() {
        switch (phase) {
            case CONNECTING ->
                reset(new CloseCause(Kind.NOT_CONNECTED, new SocketTimeoutException("not connected in time")));
            case HANDSHAKING ->
                reset(new CloseCause(
                        Kind.HANDSHAKE_FAILED, new SocketTimeoutException("the handshake did not end in time")));
            case OPEN -> tell(ConnectionHandler::deadlineReached);
            case CLOSING -> reset(cause);
            case CLOSED -> {}
        }
    }

    private void resumed() {
        guarded(this::resume);
    }

    private void resume() throws IOException {
        tellWritable();
        TlsPump pump = tls;
        if (pump == null) {
            deliver();
        } else if (phase == Phase.OPEN) {
            pump.advance();
        }
    }

    // Coming to stand

    private void connect(long timeoutNanos) throws IOException {
        if (remoteAddress.isUnresolved()) {
            throw new UnknownHostException(remoteAddress.getHostString());
        }
        loop.deadline(deadline, timeoutNanos);
        if (wire.connect(remoteAddress, this)) {
            stands();
        }
    }

    private void stands() throws IOException {
        localAddress = wire.localAddress();
        if (nextTls == null) {
            open();
        } else {
            phase = Phase.HANDSHAKING;
            loop.deadline(deadline, reactor.handshakeNanos());
            beginTls();
        }
    }

    private void beginTls() throws IOException {
        if (in.octets() > 0) {
            // Commands or replies in front of the handshake, to be taken for ones under TLS: CVE-2011-0411
            throw new SSLException("octets in clear between STARTTLS and the handshake");
        }
        if (wire.isFinSeen()) {
            throw new SSLException("the peer closed before the handshake");
        }
        SSLEngine engine = Objects.requireNonNull(nextTls).newEngine();
        nextTls = null;
        if (engine.getUseClientMode() != connects) {
            throw new IllegalStateException("a TLS context of the other role");
        }
        TlsPump pump = new TlsPump(this, loop, new TlsLayer(engine), wire.out(), reactor.handshakes());
        tls = pump;
        pump.advance();
    }

    /** The pump tells that the handshake is done. */
    void established(TlsSession tlsSession) {
        session = Optional.of(tlsSession);
        open();
    }

    private void open() {
        phase = Phase.OPEN;
        paused = false;
        loop.clearDeadline(deadline);
        tell(ConnectionHandler::opened);
    }

    // Input

    /** The clear octets, for the pump to put more behind them. */
    PooledBuffer in() {
        return in;
    }

    private boolean wantsInput() {
        return switch (phase) {
            case HANDSHAKING -> tls == null || !tls.isComputing();
            case OPEN -> !paused;
            case CLOSING -> true;
            case CONNECTING, CLOSED -> false;
        };
    }

    private void read() throws IOException {
        boolean drained = false;
        for (int i = 0; i < READS_PER_TURN && !drained && wantsInput() && !wire.isFinSeen(); i++) {
            TlsPump pump = tls;
            ByteBuffer to = pump == null || phase == Phase.CLOSING ? in.get() : pump.networkIn();
            int count = wire.read(to);
            drained = to.hasRemaining();
            if (phase == Phase.CLOSING) {
                discard(to, count);
            } else if (count < 0) {
                fin();
            } else if (pump == null) {
                deliver();
            } else {
                pump.advance();
            }
        }
    }

    private void discard(ByteBuffer octets, int count) {
        octets.clear();
        in.release();
        discarded += Math.max(0, count);
        if (discarded > LINGER_OCTETS) {
            reset(cause);
        } else if (count < 0 && !wire.isBlocked()) {
            wire.close();
            gone(cause);
        }
    }

    private void fin() throws IOException {
        TlsPump pump = tls;
        if (phase == Phase.HANDSHAKING) {
            throw new SSLException("the peer closed during the handshake");
        }
        if (pump == null) {
            in.releaseIfEmpty();
            inputEnded();
        } else if (!inputEnded) {
            reset(new CloseCause(Kind.TRUNCATED, new SSLException("the octets ended without close_notify")));
        } else {
            pump.advance();
        }
    }

    /** By FIN in clear, by close_notify under TLS. */
    void inputEnded() {
        if (!inputEnded) {
            inputEnded = true;
            tell(ConnectionHandler::inputEnded);
        }
    }

    /**
     * Shows the clear octets to the handler, until so few are left that a whole record fits behind them.
     *
     * @return whether more are wanted
     */
    boolean deliver() throws IOException {
        while (phase == Phase.OPEN && !paused && in.octets() > 0) {
            ByteBuffer octets = in.get();
            octets.flip();
            int shown = octets.remaining();
            received(octets);
            int left = octets.remaining();
            octets.compact();
            if (isClosing()) {
                in.release();
            } else if (phase == Phase.HANDSHAKING) {
                beginTls();
                return false;
            } else if (left < BUFFER_OCTETS) {
                break;
            } else if (left == shown && !paused) {
                defect(new IllegalStateException("the handler consumes nothing of a full buffer"));
            }
        }
        in.releaseIfEmpty();
        return phase == Phase.HANDSHAKING || phase == Phase.OPEN && !paused;
    }

    private void received(ByteBuffer octets) {
        delivering = true;
        try {
            handler.received(this, octets);
        } catch (Throwable e) { // whatever it is, it is this connection's
            defect(e);
        } finally {
            delivering = false;
        }
    }

    // Output

    /** Writes what the socket takes. */
    void write() throws IOException {
        wire.write();
        if (aboveBound && unsent() <= UNSENT_BOUND) {
            loop.execute(this::resumed); // and not from here, where the handler may have called
        }
        if (phase == Phase.CLOSING && !wire.isBlocked()) {
            if (wire.isFinSeen()) {
                wire.close();
                gone(cause);
            } else {
                wire.shutdownOutput();
                loop.deadline(deadline, LINGER_NANOS);
            }
        }
    }

    private void tellWritable() {
        if (aboveBound && phase == Phase.OPEN && unsent() <= UNSENT_BOUND) {
            aboveBound = false;
            tell(ConnectionHandler::writable);
        }
    }

    private void updateInterest() {
        if (phase != Phase.CONNECTING) {
            wire.interest(wantsInput());
        }
    }

    // Ending

    private void beginClosing() throws IOException {
        phase = Phase.CLOSING;
        loop.deadline(deadline, FLUSH_NANOS);
        releaseInput();
        write();
    }

    /** The network or the TLS engine failed: what that means depends on how far the connection had come. */
    private void failed(IOException error) {
        switch (phase) {
            case CONNECTING -> reset(new CloseCause(Kind.NOT_CONNECTED, error));
            case HANDSHAKING -> failed(new CloseCause(Kind.HANDSHAKE_FAILED, error));
            case OPEN -> failed(new CloseCause(Kind.LOST, error));
            case CLOSING -> reset(cause);
            case CLOSED -> {}
        }
    }

    private void failed(CloseCause because) {
        cause = because;
        TlsPump pump = tls;
        if (pump == null || wire.isFinSeen() || !(because.error() instanceof SSLException)) {
            reset(because);
            return;
        }
        pump.alert();
        guarded(this::beginClosing);
    }

    private void defect(Throwable error) {
        LOG.error("{}: the connection is aborted, as its handler failed", remoteAddress, Escaped.error(error));
        abort();
    }

    private void reset(CloseCause because) {
        if (phase != Phase.CLOSED) {
            wire.reset();
            gone(because);
        }
    }

    private void gone(CloseCause because) {
        phase = Phase.CLOSED;
        loop.clearDeadline(deadline);
        releaseInput();
        loop.execute(() -> tell((told, connection) -> told.closed(connection, because)));
    }

    private void releaseInput() {
        if (!delivering) { // else when the handler returns
            in.release();
        }
        TlsPump pump = tls;
        if (pump != null) {
            pump.release();
        }
    }

    private void tell(BiConsumer<ConnectionHandler, Connection> event) {
        try {
            event.accept(handler, this);
        } catch (Throwable e) { // whatever it is, it is this connection's
            defect(e);
        }
    }

    interface Work {
        void run() throws IOException;
    }

    /** Whatever goes wrong in it ends this connection and nothing else. */
    void guarded(Work work) {
        try {
            work.run();
        } catch (Throwable e) {
            ended(e);
        }
        updateInterest();
    }

    private void ended(Throwable error) {
        if (error instanceof IOException failure) {
            failed(failure);
        } else { // a defect of ours; the loop goes on
            defect(error);
        }
    }
}
