package dev.ehlo.smtp.tls.reactor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves octets between a socket, a {@link TlsLayer} and the connection that both belong to. Owned by the
 * {@link Transport}; used on the loop's thread only; while the layer computes on another thread, it is not touched.
 */
final class TlsPump {
    private static final Logger LOG = LoggerFactory.getLogger(TlsPump.class);

    private final SocketConnection connection;
    private final Lifecycle lifecycle;
    private final SelectorLoop loop;
    private final TlsLayer layer;
    private final OutputQueue out;
    private final Executor handshakes;
    /** Octets of the network that are no whole record yet, or wait for the handler to read on. */
    private final PooledBuffer networkIn;
    /** What the handler has put since the last record. */
    private final PooledBuffer clearOut;

    private boolean computing;

    TlsPump(
            SocketConnection connection,
            Lifecycle lifecycle,
            SelectorLoop loop,
            TlsLayer layer,
            OutputQueue out,
            Executor handshakes) {
        this.connection = connection;
        this.lifecycle = lifecycle;
        this.loop = loop;
        this.layer = layer;
        this.out = out;
        this.handshakes = handshakes;
        this.networkIn = new PooledBuffer(loop.pool());
        this.clearOut = new PooledBuffer(loop.pool());
    }

    /** Whether the handshake waits for a computation on another thread. */
    boolean isComputing() {
        return computing;
    }

    /** Where octets of the network go; then {@link #advance} is called. */
    ByteBuffer networkIn() {
        return networkIn.get();
    }

    /** Where the handler puts. */
    ByteBuffer output(int atLeast) throws SSLException {
        if (clearOut.get().remaining() < atLeast) {
            takeUp();
        }
        return clearOut.get();
    }

    /** Octets put and not in a record yet. */
    int put() {
        return clearOut.octets();
    }

    /** Makes records of what was put. */
    void takeUp() throws SSLException {
        assert loop.isInLoop();
        try {
            if (clearOut.octets() > 0) {
                layer.wrap(clearOut.get().flip(), out);
            }
        } finally {
            clearOut.release();
        }
    }

    /** Goes as far as the octets that are there allow, and as the handler wants any. */
    void advance() throws IOException {
        assert loop.isInLoop();
        boolean goOn = !computing;
        while (goOn && connection.deliver()) {
            TlsLayer.Step step = step();
            lifecycle.write();
            goOn = advanced(step);
        }
        networkIn.releaseIfEmpty();
    }

    /** Says close_notify behind what was put. */
    void close() throws SSLException {
        takeUp();
        layer.close(out);
    }

    /** Says what the engine has to say about its failure. */
    void alert() {
        layer.alert(out);
    }

    void release() {
        networkIn.release();
        clearOut.release();
    }

    private TlsLayer.Step step() throws SSLException {
        ByteBuffer network = networkIn.get();
        network.flip();
        try {
            return layer.advance(network, connection.in().get(), out);
        } finally {
            network.compact();
        }
    }

    private boolean advanced(TlsLayer.Step step) throws IOException {
        return switch (step) {
            case NEEDS_ROOM -> true;
            case NEEDS_INPUT -> {
                connection.deliver();
                yield false;
            }
            case NEEDS_TASKS -> {
                compute();
                yield false;
            }
            case ESTABLISHED -> {
                lifecycle.established(layer.session());
                yield true;
            }
            case ENDED -> {
                boolean wantsMore = connection.deliver();
                if (networkIn.octets() > 0) {
                    // Never back to clear: octets behind close_notify are nobody's. CVE-2026-45185
                    throw new SSLException("octets after close_notify");
                }
                if (wantsMore) {
                    connection.inputEnded();
                }
                yield false;
            }
        };
    }

    private void compute() {
        computing = true;
        handshakes.execute(() -> {
            Throwable failure = null;
            try {
                layer.runTasks();
            } catch (Throwable e) { // told on the loop, where the connection can be ended
                failure = e;
            }
            Throwable told = failure;
            try {
                loop.execute(() -> lifecycle.guarded(it -> computed(told)));
            } catch (RejectedExecutionException e) {
                LOG.trace("the reactor closed during a handshake", e);
            }
        });
    }

    private void computed(@Nullable Throwable failure) throws IOException {
        computing = false;
        if (lifecycle.isClosing()) {
            return;
        }
        if (failure != null) {
            throw new SSLException("a computation of the handshake failed", failure);
        }
        advance();
    }
}
