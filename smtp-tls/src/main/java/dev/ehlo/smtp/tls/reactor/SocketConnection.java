package dev.ehlo.smtp.tls.reactor;

import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsSession;
import dev.ehlo.smtp.tls.reactor.CloseCause.Kind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
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
 *                    implicit TLS           startTls
 *     CONNECTING ────────────────► HANDSHAKING ◄──── OPEN
 *         │ └──────────── in clear ──────│───────────► ▲ │
 *         │                              └─ established ┘ │ close
 *         │                              │ alert          ▼
 *         │                              └───────────► CLOSING   sends the rest, then FIN, then discards input
 *         │                              │                │      until the peer's FIN or a time limit, so that
 *         ▼                              ▼                ▼      no reset overtakes the last reply
 *      CLOSED ◄─── abort, loss or time limit, from every phase
 * </pre>
 *
 * The one deadline serves each phase in turn: time to connect, for the handshake, the handler's own, time to close.
 * The handler's {@link ConnectionHandler#closed} is told by a task, never from within a call that the handler made.
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
    private InetSocketAddress localAddress = new InetSocketAddress(0);
    private final Deadline deadline = new Deadline(this::deadlineReached);
    private final Runnable resume = () -> guarded(this::resume);
    private final OutputQueue out;
    private final boolean connects;

    private Phase phase = Phase.CONNECTING;
    private ConnectionHandler handler;
    private CloseCause cause = new CloseCause(Kind.LOCAL, null);
    private @Nullable SocketChannel channel;
    private @Nullable SelectionKey key;
    private @Nullable TlsContext nextTls;
    private @Nullable TlsLayer tls;
    private Optional<TlsSession> session = Optional.empty();

    /** Clear octets, not yet consumed: up to its position. */
    private @Nullable ByteBuffer in;
    /** Octets of the network that are no whole record yet: up to its position. */
    private @Nullable ByteBuffer networkIn;
    /** Under TLS, what the handler has put since the last record: up to its position. */
    private @Nullable ByteBuffer clearOut;

    private boolean delivering;
    private boolean paused;
    private boolean tasksRun;
    private boolean writeBlocked;
    private boolean aboveBound;
    /** The handler has been told so: by FIN in clear, by close_notify under TLS. */
    private boolean inputEnded;
    /** The socket has nothing more to read. */
    private boolean finSeen;

    private long discarded;

    private SocketConnection(
            Reactor reactor,
            SelectorLoop loop,
            InetSocketAddress remoteAddress,
            ConnectionHandler handler,
            boolean connects,
            @Nullable TlsContext implicitTls) {
        this.reactor = reactor;
        this.connects = connects;
        this.loop = loop;
        this.remoteAddress = remoteAddress;
        this.handler = handler;
        this.nextTls = implicitTls;
        this.out = new OutputQueue(loop.pool());
    }

    /** Takes an accepted socket over, on its loop. */
    static void accepted(
            Reactor reactor,
            SelectorLoop loop,
            SocketChannel channel,
            @Nullable TlsContext implicitTls,
            Supplier<ConnectionHandler> handlers)
            throws IOException {
        SocketConnection connection;
        try {
            InetSocketAddress remote = (InetSocketAddress) channel.getRemoteAddress();
            connection = new SocketConnection(reactor, loop, remote, handlers.get(), false, implicitTls);
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
        connection.guarded(() -> {
            connection.register(channel, SelectionKey.OP_READ);
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
        SocketConnection connection = new SocketConnection(reactor, loop, remote, handler, true, implicitTls);
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
        if (phase != Phase.OPEN) {
            return ByteBuffer.allocate(atLeast); // goes nowhere
        }
        if (tls == null) {
            return out.room(atLeast);
        }
        ByteBuffer clear = clearOut;
        if (clear != null && clear.remaining() < atLeast) {
            wrapPut();
            clear = clearOut;
        }
        if (clear == null) {
            clear = loop.pool().take();
            clearOut = clear;
        }
        return clear;
    }

    @Override
    public void flush() {
        if (phase == Phase.OPEN) {
            aboveBound |= unsent() > UNSENT_BOUND;
            wrapPut();
            write();
            if (aboveBound && phase == Phase.OPEN && unsent() <= UNSENT_BOUND) {
                loop.execute(resume);
            }
            updateInterest();
        }
    }

    @Override
    public long unsent() {
        ByteBuffer clear = clearOut;
        return out.octets() + (clear == null ? 0 : clear.position());
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
            loop.execute(resume);
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
        paused = false;
        aboveBound = false;
        write();
        if (phase == Phase.OPEN) {
            phase = Phase.HANDSHAKING;
            loop.deadline(deadline, reactor.handshakeNanos());
            if (!delivering) {
                guarded(this::beginTls);
            }
        }
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
            case CONNECTING, HANDSHAKING -> finish(cause);
            case OPEN -> {
                guarded(() -> {
                    wrapPut();
                    if (tls != null && phase == Phase.OPEN) {
                        tls.close(out);
                    }
                });
                beginClosing();
            }
            case CLOSING, CLOSED -> {}
        }
    }

    @Override
    public void abort() {
        if (phase != Phase.CLOSED) {
            reset(cause);
        }
    }

    @Override
    public boolean isClosing() {
        return phase == Phase.CLOSING || phase == Phase.CLOSED;
    }

    // What the loop calls

    @Override
    public void ready(int operations) {
        guarded(() -> {
            if ((operations & SelectionKey.OP_CONNECT) != 0 && phase == Phase.CONNECTING) {
                socket().finishConnect();
                stands();
                return;
            }
            if ((operations & SelectionKey.OP_WRITE) != 0) {
                write();
                tellWritable();
            }
            if ((operations & SelectionKey.OP_READ) != 0) {
                read();
            }
        });
    }

    @Override
    public void stop() {
        abort();
    }

    private void deadlineReached() {
        switch (phase) {
            case CONNECTING ->
                finish(new CloseCause(Kind.NOT_CONNECTED, new SocketTimeoutException("not connected in time")));
            case HANDSHAKING ->
                reset(new CloseCause(
                        Kind.HANDSHAKE_FAILED, new SocketTimeoutException("the handshake did not end in time")));
            case OPEN -> tell(ConnectionHandler::deadlineReached);
            case CLOSING -> reset(cause);
            case CLOSED -> {}
        }
    }

    private void resume() throws IOException {
        tellWritable();
        if (tls == null) {
            deliver();
        } else if (!tasksRun) {
            advanceTls();
        }
    }

    // Coming to stand

    private void connect(long timeoutNanos) throws IOException {
        if (remoteAddress.isUnresolved()) {
            throw new UnknownHostException(remoteAddress.getHostString());
        }
        SocketChannel opened = SocketChannel.open();
        register(opened, SelectionKey.OP_CONNECT);
        loop.deadline(deadline, timeoutNanos);
        if (opened.connect(remoteAddress)) {
            stands();
        }
    }

    private void register(SocketChannel opened, int operations) throws IOException {
        channel = opened;
        opened.configureBlocking(false);
        opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
        key = opened.register(loop.selector(), operations, this);
    }

    private void stands() throws IOException {
        localAddress = (InetSocketAddress) socket().getLocalAddress();
        loop.clearDeadline(deadline);
        if (nextTls == null) {
            open();
        } else {
            phase = Phase.HANDSHAKING;
            loop.deadline(deadline, reactor.handshakeNanos());
            beginTls();
        }
    }

    private void open() {
        phase = Phase.OPEN;
        loop.clearDeadline(deadline);
        tell(ConnectionHandler::opened);
    }

    private void beginTls() throws IOException {
        ByteBuffer unconsumed = in;
        if (unconsumed != null && unconsumed.position() > 0) {
            // Commands or replies in front of the handshake, to be taken for ones that came under TLS: CVE-2011-0411
            throw new SSLException("octets in clear between STARTTLS and the handshake");
        }
        if (finSeen) {
            throw new SSLException("the peer closed before the handshake");
        }
        releaseEmpty();
        TlsContext context = nextTls;
        assert context != null;
        nextTls = null;
        SSLEngine engine = context.newEngine();
        if (engine.getUseClientMode() != connects) {
            throw new IllegalStateException("a TLS context of the other role");
        }
        tls = new TlsLayer(engine);
        advanceTls();
    }

    // Input

    private boolean wantsInput() {
        return !finSeen
                && switch (phase) {
                    case HANDSHAKING -> !tasksRun;
                    case OPEN -> !paused;
                    case CLOSING -> true;
                    case CONNECTING, CLOSED -> false;
                };
    }

    private void read() throws IOException {
        for (int i = 0; i < READS_PER_TURN && wantsInput(); i++) {
            ByteBuffer to = tls == null && phase == Phase.OPEN ? in() : networkIn();
            int count = socket().read(to);
            boolean drained = to.hasRemaining();
            if (count < 0) {
                fin();
            } else if (phase == Phase.CLOSING) {
                discard(to, count);
            } else if (count > 0 && tls == null) {
                deliver();
            } else if (count > 0) {
                advanceTls();
            }
            releaseEmpty();
            if (drained) {
                return;
            }
        }
    }

    private void fin() throws IOException {
        finSeen = true;
        switch (phase) {
            case OPEN -> {
                if (tls == null) {
                    tellInputEnded();
                } else if (!inputEnded) {
                    finish(new CloseCause(Kind.TRUNCATED, new SSLException("the octets ended without close_notify")));
                }
            }
            case HANDSHAKING -> throw new SSLException("the peer closed during the handshake");
            case CLOSING -> {
                if (!writeBlocked) {
                    finish(cause);
                }
            }
            case CONNECTING, CLOSED -> {}
        }
    }

    private void discard(ByteBuffer octets, int count) {
        octets.clear();
        discarded += count;
        if (discarded > LINGER_OCTETS) {
            reset(cause);
        }
    }

    /** Shows the clear octets to the handler, until less than what it must be able to leave is left. */
    private void deliver() throws IOException {
        while (phase == Phase.OPEN && !paused && !delivering) {
            ByteBuffer octets = in;
            if (octets == null || octets.position() == 0) {
                break;
            }
            octets.flip();
            int shown = octets.remaining();
            delivering = true;
            try {
                handler.received(this, octets);
            } catch (Throwable e) { // whatever it is, it is this connection's
                defect(e);
            } finally {
                delivering = false;
            }
            int left = octets.remaining();
            octets.compact();
            if (phase == Phase.HANDSHAKING) {
                beginTls();
                return;
            }
            if (phase != Phase.OPEN || paused || left < BUFFER_OCTETS) {
                break;
            }
            if (left == shown) {
                defect(new IllegalStateException("the handler consumes nothing of a full buffer"));
            }
        }
        releaseEmpty();
    }

    private void advanceTls() throws IOException {
        while (phase == Phase.OPEN || phase == Phase.HANDSHAKING) {
            deliver();
            TlsLayer layer = tls;
            if (layer == null || phase == Phase.OPEN && paused || phase != Phase.OPEN && phase != Phase.HANDSHAKING) {
                break;
            }
            ByteBuffer network = networkIn();
            network.flip();
            TlsLayer.Step step;
            try {
                step = layer.advance(network, in(), out);
            } finally {
                network.compact();
            }
            write();
            if (!advanced(layer, step)) {
                break;
            }
        }
        releaseEmpty();
    }

    /** Does what the layer asks for; true if it can then go on at once. */
    private boolean advanced(TlsLayer layer, TlsLayer.Step step) throws IOException {
        switch (step) {
            case NEEDS_INPUT -> {
                deliver();
                return false;
            }
            case NEEDS_ROOM -> {
                return true;
            }
            case NEEDS_TASKS -> {
                runTasks(layer);
                return false;
            }
            case ESTABLISHED -> {
                session = Optional.of(layer.session());
                open();
                return true;
            }
            case ENDED -> {
                deliver();
                ByteBuffer behind = networkIn;
                if (behind != null && behind.position() > 0) {
                    // Never back to clear: octets behind close_notify are nobody's. CVE-2026-45185
                    throw new SSLException("octets after close_notify");
                }
                if (phase == Phase.OPEN && !paused && !inputEnded) {
                    tellInputEnded();
                }
                return false;
            }
        }
        throw new IllegalStateException(String.valueOf(step));
    }

    private void runTasks(TlsLayer layer) {
        tasksRun = true;
        reactor.handshakes().execute(() -> {
            Throwable failure = null;
            try {
                layer.runTasks();
            } catch (Throwable e) { // told on the loop, where the connection can be ended
                failure = e;
            }
            Throwable error = failure;
            try {
                loop.execute(() -> guarded(() -> tasksDone(error)));
            } catch (RejectedExecutionException e) {
                LOG.trace("{}: the reactor closed during its handshake", remoteAddress, e);
            }
        });
    }

    private void tasksDone(@Nullable Throwable error) throws IOException {
        tasksRun = false;
        if (error != null && phase != Phase.CLOSED) {
            throw new SSLException("a computation of the handshake failed", error);
        }
        advanceTls();
    }

    // Output

    private void wrapPut() {
        ByteBuffer clear = clearOut;
        TlsLayer layer = tls;
        if (clear != null && layer != null) {
            clearOut = null;
            try {
                layer.wrap(clear.flip(), out);
            } catch (SSLException e) {
                failed(e);
            } finally {
                loop.pool().give(clear);
            }
        }
    }

    private void write() {
        try {
            writeBlocked = !out.writeTo(socket());
            if (!writeBlocked && phase == Phase.CLOSING) {
                outputDone();
            }
        } catch (IOException e) {
            failed(e);
        }
    }

    private void tellWritable() {
        if (aboveBound && phase == Phase.OPEN && unsent() <= UNSENT_BOUND) {
            aboveBound = false;
            tell(ConnectionHandler::writable);
        }
    }

    // Ending

    private void tellInputEnded() {
        inputEnded = true;
        tell(ConnectionHandler::inputEnded);
    }

    private void beginClosing() {
        if (phase == Phase.CLOSED) {
            return;
        }
        phase = Phase.CLOSING;
        releaseEmpty();
        loop.deadline(deadline, FLUSH_NANOS);
        write();
        updateInterest();
    }

    private void outputDone() throws IOException {
        if (finSeen) {
            finish(cause);
        } else {
            socket().shutdownOutput();
            loop.deadline(deadline, LINGER_NANOS);
        }
    }

    /** The network or the TLS engine failed: what that means depends on how far the connection had come. */
    private void failed(IOException error) {
        switch (phase) {
            case CONNECTING -> finish(new CloseCause(Kind.NOT_CONNECTED, error));
            case HANDSHAKING, OPEN -> {
                cause = new CloseCause(phase == Phase.OPEN ? Kind.LOST : Kind.HANDSHAKE_FAILED, error);
                TlsLayer layer = tls;
                if (layer != null && error instanceof SSLException && !finSeen) {
                    layer.alert(out);
                    beginClosing();
                } else {
                    reset(cause);
                }
            }
            case CLOSING -> finish(cause);
            case CLOSED -> {}
        }
    }

    private void defect(Throwable error) {
        LOG.error("{}: its handler failed, the connection is aborted", remoteAddress, Escaped.error(error));
        abort();
    }

    /** Closes so that the peer sees a reset where the system can show one. */
    private void reset(CloseCause because) {
        SocketChannel socket = channel;
        if (socket != null && socket.isConnected()) {
            try {
                socket.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException e) {
                LOG.debug("{}: closed without a reset", remoteAddress, e);
            }
        }
        finish(because);
    }

    private void finish(CloseCause because) {
        phase = Phase.CLOSED;
        cause = because;
        loop.clearDeadline(deadline);
        out.discard();
        releaseEmpty();
        ByteBuffer clear = clearOut;
        if (clear != null) {
            loop.pool().give(clear);
            clearOut = null;
        }
        SocketChannel socket = channel;
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.debug("{}: did not close", remoteAddress, e);
            }
        }
        loop.execute(() -> tell((told, connection) -> told.closed(connection, because)));
    }

    private void tell(BiConsumer<ConnectionHandler, Connection> event) {
        try {
            event.accept(handler, this);
        } catch (Throwable e) { // whatever it is, it is this connection's
            defect(e);
        }
    }

    /** Whatever goes wrong in it ends this connection and nothing else. */
    private void guarded(Work work) {
        try {
            work.run();
        } catch (IOException e) {
            failed(e);
        } catch (Throwable e) { // a defect of ours; the loop goes on
            defect(e);
        }
        updateInterest();
    }

    private interface Work {
        void run() throws IOException;
    }

    private void updateInterest() {
        SelectionKey selection = key;
        if (selection == null || !selection.isValid() || phase == Phase.CONNECTING) {
            return;
        }
        int operations = (wantsInput() ? SelectionKey.OP_READ : 0) | (writeBlocked ? SelectionKey.OP_WRITE : 0);
        if (selection.interestOps() != operations) {
            selection.interestOps(operations);
        }
    }

    private SocketChannel socket() {
        SocketChannel socket = channel;
        assert socket != null;
        return socket;
    }

    // Buffers

    private ByteBuffer in() {
        ByteBuffer buffer = in;
        if (buffer == null) {
            buffer = loop.pool().take();
            in = buffer;
        }
        return buffer;
    }

    private ByteBuffer networkIn() {
        ByteBuffer buffer = networkIn;
        if (buffer == null) {
            buffer = loop.pool().take();
            networkIn = buffer;
        }
        return buffer;
    }

    /** Gives back the input buffers in which nothing is left, or all when nobody will ask for it. */
    private void releaseEmpty() {
        boolean over = isClosing();
        ByteBuffer clear = in;
        if (clear != null && !delivering && (over || clear.position() == 0)) {
            loop.pool().give(clear);
            in = null;
        }
        ByteBuffer network = networkIn;
        if (network != null && !delivering && (over || network.position() == 0)) {
            loop.pool().give(network);
            networkIn = null;
        }
    }
}
