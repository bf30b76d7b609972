package dev.ehlo.smtp.tls.reactor;

import dev.ehlo.smtp.tls.ChannelBinding;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * How the octets of one connection travel between its {@link Wire} and its handler: in clear, or through a
 * {@link TlsPump}. Knows no phases: it is the {@link Lifecycle}, its owner, that says when. Used on the loop's thread
 * only.
 *
 * <pre>
 *     in clear ── beginTls ──► under TLS          and never back
 * </pre>
 */
final class Transport {
    private final SocketConnection connection;
    private final Lifecycle lifecycle;
    private final SelectorLoop loop;
    private final Wire wire;
    private final boolean connects;
    private final Executor handshakes;
    private @Nullable TlsPump tls;
    private boolean clearOctetsAreTls;

    Transport(
            SocketConnection connection,
            Lifecycle lifecycle,
            SelectorLoop loop,
            Wire wire,
            boolean connects,
            Executor handshakes) {
        this.connection = connection;
        this.lifecycle = lifecycle;
        this.loop = loop;
        this.wire = wire;
        this.connects = connects;
        this.handshakes = handshakes;
    }

    /** Clear octets that are not consumed when TLS begins are the first of the handshake. */
    void takeClearOctetsForTls() {
        clearOctetsAreTls = true;
    }

    /** Turns to TLS, when all that came in clear should be consumed, unless it is said to be of the handshake. */
    void beginTls(TlsContext context) throws IOException {
        if (connection.in().octets() > 0 && !clearOctetsAreTls) {
            // Commands or replies in front of the handshake, to be taken for ones under TLS: CVE-2011-0411
            throw new SSLException("octets in clear between STARTTLS and the handshake");
        }
        if (wire.isFinSeen()) {
            throw new SSLException("the peer closed before the handshake");
        }
        SSLEngine engine = context.newEngine();
        if (engine.getUseClientMode() != connects) {
            throw new IllegalStateException("a TLS context of the other role");
        }
        TlsPump pump = new TlsPump(connection, lifecycle, loop, new TlsLayer(engine), wire, handshakes);
        tls = pump;
        if (connection.in().octets() > 0) {
            pump.networkIn().put(connection.in().show());
            connection.in().shown();
            connection.in().releaseIfEmpty();
        }
        pump.advance();
    }

    /** Under TLS, or in its handshake. */
    boolean isTls() {
        return tls != null;
    }

    /** Whether the handshake waits for a computation on another thread. */
    boolean isComputing() {
        TlsPump pump = tls;
        return pump != null && pump.isComputing();
    }

    /** What only the two ends know; empty in clear. */
    Optional<ChannelBinding> channelBinding() {
        TlsPump pump = tls;
        return pump == null ? Optional.empty() : pump.channelBinding();
    }

    /** As {@link #channelBinding()}, of that type. */
    Optional<ChannelBinding> channelBinding(String type) {
        TlsPump pump = tls;
        return pump == null ? Optional.empty() : pump.channelBinding(type);
    }

    // Output

    /** What the handler puts, until it goes into records or to the socket. */
    OutputQueue output() {
        TlsPump pump = tls;
        return pump == null ? wire.out() : pump.clearOut();
    }

    /** Whether more is to go than the socket takes for now, or than goes in one turn. */
    boolean isBlocked() {
        return wire.isBlocked();
    }

    /** Octets put and not yet taken by the socket. */
    long unsent() {
        TlsPump pump = tls;
        return wire.out().octets() + (pump == null ? 0 : pump.clearOut().octets());
    }

    /** Writes what the socket takes, in one turn. */
    void write() throws IOException {
        TlsPump pump = tls;
        if (pump == null) {
            wire.write();
        } else {
            pump.write();
        }
    }

    /** Writes what the socket takes, and of these slices what goes with it; how many octets of theirs that was. */
    long write(ByteBuffer[] slices, int from, int count) throws IOException {
        TlsPump pump = tls;
        return pump == null ? wire.write(slices, from, count) : pump.write(slices, from, count);
    }

    /** Says close_notify behind the last octets, under TLS. */
    void close() {
        TlsPump pump = tls;
        if (pump != null) {
            pump.close();
        }
    }

    /** Brings what the TLS engine has to say about its failure into the wire's queue. */
    void alert() {
        TlsPump pump = tls;
        if (pump != null) {
            pump.alert();
        }
    }

    // Input

    /**
     * Reads once, and goes as far as that allows.
     *
     * @return whether the socket may have more
     */
    boolean read() throws IOException {
        TlsPump pump = tls;
        ByteBuffer to = pump == null ? connection.in().room(BufferPool.RECORD_OCTETS) : pump.networkIn();
        int count = wire.read(to);
        boolean more = !to.hasRemaining();
        if (count < 0 && lifecycle.isHandshaking()) {
            throw new SSLException("the peer closed during the handshake");
        }
        if (count < 0) {
            resume();
        } else if (pump == null) {
            connection.deliver();
        } else {
            pump.advance();
        }
        return more;
    }

    /** Goes on with the octets that are there, when the handler wants them again; behind the last of them comes FIN. */
    void resume() throws IOException {
        TlsPump pump = tls;
        if (pump != null) {
            if (lifecycle.isOpen()) {
                pump.advance();
            }
        } else if (connection.deliver() && wire.isFinSeen()) {
            connection.inputEnded();
        }
    }

    /** Lets fall what was read and not consumed. */
    void releaseInput() {
        connection.releaseInput();
        TlsPump pump = tls;
        if (pump != null) {
            pump.releaseInput();
        }
    }

    /** Lets fall whatever is on its way, but for what is in the wire's queue. */
    void release() {
        connection.releaseInput();
        TlsPump pump = tls;
        if (pump != null) {
            pump.release();
        }
    }
}
