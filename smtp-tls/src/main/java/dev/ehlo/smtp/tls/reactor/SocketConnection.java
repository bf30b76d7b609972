package dev.ehlo.smtp.tls.reactor;

import dev.ehlo.smtp.tls.ChannelBinding;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsSession;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection over a socket, as its handler sees it: what the handler calls, and what it is told. Keeps the clear
 * octets that the handler has not consumed. What phase the connection is in, its {@link Lifecycle} knows; how the octets
 * travel, its {@link Transport}. Owned by its loop, and used on the loop's thread only.
 *
 * <p>{@link ConnectionHandler#closed} is told by a task, never from within a call that the handler made.
 */
final class SocketConnection implements Connection {
    private static final Logger LOG = LoggerFactory.getLogger(SocketConnection.class);

    private final SelectorLoop loop;
    private final InetSocketAddress remoteAddress;
    private final Lifecycle lifecycle;
    private final Transport transport;
    /** Whoever counts connections; run when the handler has been told the end. */
    private final Runnable released;
    /** Clear octets that are not consumed yet. */
    private final PooledBuffer in;

    /** Made once, as a session pauses and resumes with many a command. */
    private final Runnable resuming;

    private ConnectionHandler handler;
    private boolean delivering;
    private boolean paused;
    /** Whether the handler is to be told when all is out. */
    private boolean owesWritable;
    /** Octets of slices taken since it was told last. */
    private long slicesTaken;

    private boolean inputEnded;
    /** The handler has sent something, or was about to. */
    private boolean spoken;

    private SocketConnection(
            Reactor reactor,
            SelectorLoop loop,
            InetSocketAddress remoteAddress,
            boolean connects,
            ConnectionHandler handler,
            @Nullable TlsContext implicitTls,
            Runnable released) {
        this.loop = loop;
        this.remoteAddress = remoteAddress;
        this.handler = handler;
        this.released = released;
        this.in = new PooledBuffer(loop.pool(), false);
        this.lifecycle = new Lifecycle(this, reactor, loop, connects, implicitTls);
        this.transport = lifecycle.transport();
        this.resuming = lifecycle::resume;
    }

    /** Takes an accepted socket over, on its loop; unless it throws, {@code released} is run at the end. */
    static void accepted(
            Reactor reactor,
            SelectorLoop loop,
            SocketChannel socket,
            @Nullable TlsContext implicitTls,
            Supplier<ConnectionHandler> handlers,
            Runnable released)
            throws IOException {
        SocketConnection connection;
        try {
            InetSocketAddress remote = (InetSocketAddress) socket.getRemoteAddress();
            connection = new SocketConnection(reactor, loop, remote, false, handlers.get(), implicitTls, released);
        } catch (IOException | RuntimeException | Error e) {
            socket.close();
            throw e;
        }
        connection.lifecycle.accepted(socket);
    }

    /** Begins to connect, on the loop. */
    static void connect(
            Reactor reactor,
            SelectorLoop loop,
            InetSocketAddress remote,
            @Nullable InetSocketAddress local,
            long timeoutNanos,
            @Nullable TlsContext implicitTls,
            ConnectionHandler handler) {
        SocketConnection connection = new SocketConnection(reactor, loop, remote, true, handler, implicitTls, () -> {});
        connection.lifecycle.connect(remote, local, timeoutNanos);
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
        assert loop.isInLoop();
        return lifecycle.localAddress();
    }

    @Override
    public Optional<TlsSession> tls() {
        assert loop.isInLoop();
        return lifecycle.session();
    }

    @Override
    public Optional<ChannelBinding> channelBinding() {
        assert loop.isInLoop();
        return transport.channelBinding();
    }

    @Override
    public Optional<ChannelBinding> channelBinding(String type) {
        assert loop.isInLoop();
        return transport.channelBinding(type);
    }

    @Override
    public ByteBuffer output(int atLeast) {
        assert loop.isInLoop();
        if (atLeast < 0 || atLeast > BUFFER_OCTETS) {
            throw new IllegalArgumentException("octets: " + atLeast);
        }
        speak();
        // What is put once it closes goes nowhere.
        return lifecycle.isOpen() ? transport.output().room(atLeast) : ByteBuffer.allocate(atLeast);
    }

    private void speak() {
        if (lifecycle.isComing()) {
            throw new IllegalStateException("the connection does not stand, or the handshake is not done");
        }
        spoken = true;
    }

    @Override
    public void flush() {
        assert loop.isInLoop();
        if (lifecycle.isOpen()) {
            owesWritable |= unsent() > UNSENT_BOUND;
            lifecycle.flush();
            owesWritable |= unsent() > UNSENT_BOUND; // records are longer than what was put
        }
    }

    @Override
    public long write(ByteBuffer[] slices, int from, int count) {
        assert loop.isInLoop();
        Objects.checkFromIndexSize(from, count, slices.length);
        speak();
        if (owesWritable || isClosing()) {
            return 0;
        }
        long taken = lifecycle.write(slices, from, count);
        slicesTaken += taken;
        owesWritable = slicesTaken > UNSENT_BOUND || hasRemaining(slices, from, count);
        lifecycle.updateInterest();
        return taken;
    }

    private static boolean hasRemaining(ByteBuffer[] slices, int from, int count) {
        for (int i = from + count - 1; i >= from; i--) {
            if (slices[i].hasRemaining()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void transfer(FileChannel file, long position, long octets) {
        assert loop.isInLoop();
        if (position < 0 || octets < 0) {
            throw new IllegalArgumentException("position: " + position + ", octets: " + octets);
        }
        speak();
        if (lifecycle.isOpen()) {
            owesWritable = true;
            transport.output().add(file, position, octets);
            lifecycle.flush();
        }
    }

    @Override
    public long unsent() {
        assert loop.isInLoop();
        return transport.unsent();
    }

    @Override
    public void pauseReading() {
        assert loop.isInLoop();
        paused = true;
        lifecycle.updateInterest();
    }

    @Override
    public void resumeReading() {
        assert loop.isInLoop();
        if (paused) {
            paused = false;
            loop.execute(resuming);
        }
    }

    @Override
    public void startTls(TlsContext context, ConnectionHandler next) {
        assert loop.isInLoop();
        if (lifecycle.isTls()) {
            throw new IllegalStateException("under TLS already");
        }
        if (!lifecycle.isOpen()) {
            return;
        }
        if (transport.output().hasRegion()) {
            throw new IllegalStateException("octets of a file are on their way");
        }
        handler = next;
        owesWritable = false;
        lifecycle.startTls(context);
    }

    @Override
    public void startImplicitTls(TlsContext context, ConnectionHandler next) {
        if (spoken) {
            // What came behind STARTTLS must never be taken for the handshake's. RFC 3207 §6
            throw new IllegalStateException("TLS behind octets sent in clear is not implicit");
        }
        transport.takeClearOctetsForTls();
        startTls(context, next);
    }

    @Override
    public void handOver(ConnectionHandler next) {
        assert loop.isInLoop();
        handler = next;
        lifecycle.clearDeadline();
        if (lifecycle.isOpen()) {
            tell(ConnectionHandler::opened);
        }
    }

    @Override
    public void deadline(long delayNanos) {
        assert loop.isInLoop();
        lifecycle.deadline(delayNanos);
    }

    @Override
    public void clearDeadline() {
        assert loop.isInLoop();
        lifecycle.clearDeadline();
    }

    @Override
    public void close() {
        assert loop.isInLoop();
        lifecycle.close();
    }

    @Override
    public void finish() {
        assert loop.isInLoop();
        lifecycle.finish();
    }

    @Override
    public void abort() {
        assert loop.isInLoop();
        lifecycle.abort();
    }

    @Override
    public boolean isClosing() {
        assert loop.isInLoop();
        return lifecycle.isClosing();
    }

    // What the handler is told

    /** The connection was accepted, and may be refused by its handler. */
    void accepted() {
        tell(ConnectionHandler::accepted);
    }

    /** The connection is about to be made. */
    void connecting() {
        tell(ConnectionHandler::connecting);
    }

    /** The connection stands, under TLS if it is to be. */
    void opened() {
        paused = false;
        tell(ConnectionHandler::opened);
    }

    /**
     * Shows the clear octets to the handler, until so few are left that a whole record fits behind them.
     *
     * @return whether more are wanted
     */
    boolean deliver() throws IOException {
        while (wantsInput() && in.octets() > 0) {
            int shown = in.octets();
            ConnectionHandler told = handler;
            received(in.show());
            in.shown();
            int left = in.octets();
            if (lifecycle.isClosing()) {
                in.release();
            } else if (lifecycle.isHandshaking()) {
                lifecycle.beginTls();
                return false;
            } else if (told.equals(handler)) {
                if (left < BUFFER_OCTETS) {
                    break;
                } else if (left == shown && !paused) {
                    defect(new IllegalStateException("the handler consumes nothing of a full buffer"));
                }
            }
        }
        in.releaseIfEmpty();
        return lifecycle.isHandshaking() || wantsInput();
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

    /** The peer sends no more: said by FIN in clear, by close_notify under TLS. */
    void inputEnded() {
        if (!inputEnded) {
            inputEnded = true;
            tell(ConnectionHandler::inputEnded);
        }
    }

    void deadlineReached() {
        tell(ConnectionHandler::deadlineReached);
    }

    void closed(CloseCause because) {
        tell((told, connection) -> told.closed(connection, because));
        released.run();
    }

    /** The socket takes octets. */
    void writable() {
        if (owesWritable && lifecycle.isOpen() && !transport.isBlocked()) {
            owesWritable = false;
            slicesTaken = 0;
            tell(ConnectionHandler::writable);
        }
    }

    boolean owesWritable() {
        return owesWritable;
    }

    private void tell(BiConsumer<ConnectionHandler, Connection> event) {
        try {
            event.accept(handler, this);
        } catch (Throwable e) { // whatever it is, it is this connection's
            defect(e);
        }
    }

    /** A mistake of the handler's, or of ours, ends the connection; the loop goes on. */
    void defect(Throwable error) {
        LOG.error("{}: the connection is aborted, as its handler failed", remoteAddress, Escaped.error(error));
        abort();
    }

    // What the lifecycle and the transport ask

    /** The clear octets, to put more behind them. */
    PooledBuffer in() {
        return in;
    }

    /** Lets the clear octets fall. */
    void releaseInput() {
        if (!delivering) { // else when the handler returns
            in.release();
        }
    }

    /** Whether the handler has octets in its hands; when it returns, {@link #deliver} goes on. */
    boolean isDelivering() {
        return delivering;
    }

    /** Whether the handler would be shown more octets now. */
    boolean wantsInput() {
        return lifecycle.isOpen() && !paused;
    }
}
