package dev.ehlo.smtp.tls.reactor;

import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsSession;
import dev.ehlo.smtp.tls.reactor.CloseCause.Kind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The phases of a connection, and what its socket, its time limits and its failures mean in each. Owned by the
 * {@link SocketConnection}, which it tells what comes; used on the loop's thread only.
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
 * From every phase abort, loss of the network, and the phase's time limit lead to CLOSED. The one deadline serves each
 * phase in turn: to connect, for the handshake, the handler's own, to close. CLOSING is {@link Lingering}.
 */
final class Lifecycle extends Timed implements Selectable {
    /** Reads in one turn before other connections are served. */
    private static final int READS_PER_TURN = 4;

    private final SocketConnection connection;
    private final SelectorLoop loop;
    private final long handshakeNanos;
    private final Wire wire;
    private final Transport transport;
    private final Lingering lingering;

    private Phase phase = Phase.CONNECTING;
    private CloseCause cause = new CloseCause(Kind.LOCAL, null);
    private InetSocketAddress localAddress = new InetSocketAddress(0);
    private @Nullable TlsContext nextTls;
    private Optional<TlsSession> session = Optional.empty();

    Lifecycle(
            SocketConnection connection,
            Reactor reactor,
            SelectorLoop loop,
            boolean connects,
            @Nullable TlsContext implicitTls) {
        this.connection = connection;
        this.loop = loop;
        this.handshakeNanos = reactor.handshakeNanos();
        this.nextTls = implicitTls;
        this.wire = new Wire(loop);
        this.transport = new Transport(connection, this, loop, wire, connects, reactor.handshakes());
        this.lingering = new Lingering(loop, this, wire);
    }

    InetSocketAddress localAddress() {
        return localAddress;
    }

    /** What the handshake came to; empty in clear. */
    Optional<TlsSession> session() {
        return session;
    }

    boolean isOpen() {
        return phase == Phase.OPEN;
    }

    boolean isHandshaking() {
        return phase == Phase.HANDSHAKING;
    }

    /** Not open yet, or not again. */
    boolean isComing() {
        return phase == Phase.CONNECTING || phase == Phase.HANDSHAKING;
    }

    /** Under TLS, or on the way there. */
    boolean isTls() {
        return transport.isTls() || phase == Phase.HANDSHAKING;
    }

    boolean isClosing() {
        return phase == Phase.CLOSING || phase == Phase.CLOSED;
    }

    // Coming to stand

    void accepted(SocketChannel socket) {
        loop.meter().connectionCame();
        guarded(it -> {
            wire.register(socket, SelectionKey.OP_READ, this);
            localAddress = wire.localAddress();
            connection.accepted();
            if (!isClosing()) {
                stands();
            }
        });
    }

    void connect(InetSocketAddress remote, @Nullable InetSocketAddress local, long timeoutNanos) {
        loop.meter().connectionCame();
        guarded(it -> {
            connection.connecting();
            if (isClosing()) {
                return;
            }
            loop.deadline(this, timeoutNanos);
            if (wire.connect(remote, local, this)) {
                stands();
            }
        });
    }

    private void stands() throws IOException {
        localAddress = wire.localAddress();
        if (nextTls == null) {
            open();
        } else {
            handshaking();
            beginTls();
        }
    }

    /** Sends what was put, and turns to TLS: at once, or when the handler has returned what it was shown. */
    void startTls(TlsContext context) {
        nextTls = context;
        handshaking();
        guarded(it -> {
            write();
            if (!connection.isDelivering()) {
                beginTls();
            }
        });
    }

    private void handshaking() {
        phase = Phase.HANDSHAKING;
        loop.deadline(this, handshakeNanos);
    }

    void beginTls() throws IOException {
        TlsContext context = Objects.requireNonNull(nextTls);
        nextTls = null;
        transport.beginTls(context);
    }

    /** The handshake is done. */
    void established(TlsSession tlsSession) {
        session = Optional.of(tlsSession);
        open();
    }

    private void open() {
        phase = Phase.OPEN;
        loop.clearDeadline(this);
        connection.opened();
    }

    // Octets

    Transport transport() {
        return transport;
    }

    void flush() {
        guarded(Lifecycle::write);
    }

    /** Writes what was put, and of these slices what goes with it; how many octets of theirs that was. */
    long write(ByteBuffer[] slices, int from, int count) {
        try {
            return transport.write(slices, from, count);
        } catch (Throwable e) {
            ended(e);
            return 0;
        }
    }

    /** Writes what the socket takes. */
    void write() throws IOException {
        transport.write();
        if (phase == Phase.CLOSING && lingering.written()) {
            gone(cause);
        }
    }

    /** Goes on when the handler wants octets again. */
    void resume() {
        guarded(it -> it.transport.resume());
    }

    private void read() throws IOException {
        boolean more = true;
        for (int i = 0; i < READS_PER_TURN && more && wantsInput() && !wire.isFinSeen(); i++) {
            more = phase == Phase.CLOSING ? discard() : transport.read();
        }
    }

    private boolean discard() throws IOException {
        ByteBuffer to = connection.in().room(BufferPool.RECORD_OCTETS);
        int count = wire.read(to);
        boolean more = !to.hasRemaining();
        connection.in().release();
        if (lingering.discarded(count)) {
            gone(cause);
        }
        return more;
    }

    private boolean wantsInput() {
        return switch (phase) {
            case HANDSHAKING -> !transport.isComputing();
            case OPEN -> connection.wantsInput();
            case CLOSING -> true;
            case CONNECTING, CLOSED -> false;
        };
    }

    void updateInterest() {
        if (phase != Phase.CONNECTING) {
            wire.interest(wantsInput(), phase == Phase.OPEN && connection.owesWritable());
        }
    }

    // What the loop calls

    @Override
    public void ready(int operations) {
        assert loop.isInLoop();
        try { // as guarded does, without an object for each event
            if (phase == Phase.CONNECTING) {
                wire.finishConnect();
                stands();
            } else {
                if ((operations & SelectionKey.OP_WRITE) != 0) {
                    write();
                    connection.writable();
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

    @Override
    void deadlineReached() {
        switch (phase) {
            case CONNECTING, HANDSHAKING ->
                reset(new CloseCause(phase.failure, new SocketTimeoutException(phase.late)));
            case OPEN -> connection.deadlineReached();
            case CLOSING -> reset(cause);
            case CLOSED -> {}
        }
        updateInterest();
    }

    /** Sets the handler's deadline. */
    void deadline(long delayNanos) {
        if (phase == Phase.OPEN) {
            loop.deadline(this, delayNanos);
        }
    }

    void clearDeadline() {
        if (phase == Phase.OPEN) {
            loop.clearDeadline(this);
        }
    }

    // Ending

    void close() {
        switch (phase) {
            case CONNECTING, HANDSHAKING -> {
                wire.close();
                gone(cause);
            }
            case OPEN ->
                guarded(it -> {
                    transport.close();
                    beginClosing();
                });
            case CLOSING, CLOSED -> {}
        }
    }

    /** Closes, and waits for the peer only to take what is unsent. */
    void finish() {
        if (phase == Phase.OPEN && !transport.isTls()) {
            lingering.needless();
        }
        close();
    }

    void abort() {
        reset(cause);
    }

    /** Under TLS, FIN came without close_notify. */
    void truncated() {
        reset(new CloseCause(Kind.TRUNCATED, new SSLException("the octets ended without close_notify")));
    }

    private void beginClosing() throws IOException {
        phase = Phase.CLOSING;
        lingering.begin();
        transport.releaseInput();
        write();
    }

    /** The network or the TLS engine failed; if it was the engine, the peer is told why. */
    private void failed(IOException error) {
        if (phase == Phase.CLOSED) {
            return;
        }
        if (error instanceof UnreadableFileException) {
            // With anything softer, what was cut short might pass for whole.
            reset(new CloseCause(Kind.UNREADABLE, error));
            return;
        }
        if (phase == Phase.CLOSING) {
            // The peer is gone before it could be waited for.
            wire.close();
            gone(cause);
            return;
        }
        cause = new CloseCause(phase.failure, error);
        if (transport.isTls() && !wire.isFinSeen() && error instanceof SSLException) {
            transport.alert();
            guarded(Lifecycle::beginClosing);
            return;
        }
        reset(cause);
    }

    private void reset(CloseCause because) {
        if (phase != Phase.CLOSED) {
            wire.reset();
            gone(because);
        }
    }

    private void gone(CloseCause because) {
        assert loop.isInLoop();
        phase = Phase.CLOSED;
        loop.meter().connectionWent();
        loop.clearDeadline(this);
        transport.release();
        loop.execute(() -> connection.closed(because));
    }

    /** Is given the connection's lifecycle, so that what is done for each flight or event is no object of its own. */
    interface Work {
        void run(Lifecycle lifecycle) throws IOException;
    }

    /** Whatever goes wrong in it ends this connection and nothing else. */
    void guarded(Work work) {
        assert loop.isInLoop();
        try {
            work.run(this);
        } catch (Throwable e) {
            ended(e);
        }
        updateInterest();
    }

    private void ended(Throwable error) {
        if (error instanceof IOException failure) {
            failed(failure);
        } else {
            connection.defect(error);
        }
    }
}
