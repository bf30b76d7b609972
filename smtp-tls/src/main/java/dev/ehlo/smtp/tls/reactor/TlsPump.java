package dev.ehlo.smtp.tls.reactor;

import dev.ehlo.smtp.tls.ChannelBinding;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
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
final class TlsPump implements OctetSink {
    private static final Logger LOG = LoggerFactory.getLogger(TlsPump.class);

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    /** Rounds of making records and writing them in one turn. */
    private static final int ROUNDS_PER_TURN = 4;

    private final SocketConnection connection;
    private final Lifecycle lifecycle;
    private final SelectorLoop loop;
    private final TlsLayer layer;
    private final Wire wire;
    private final Executor handshakes;
    /** Octets of the network that are no whole record yet, or wait for the handler to read on. */
    private final PooledBuffer networkIn;
    /** What is in no record yet. */
    private final OutputQueue clearOut;

    private boolean computing;
    private boolean ending;

    TlsPump(
            SocketConnection connection,
            Lifecycle lifecycle,
            SelectorLoop loop,
            TlsLayer layer,
            Wire wire,
            Executor handshakes) {
        this.connection = connection;
        this.lifecycle = lifecycle;
        this.loop = loop;
        this.layer = layer;
        this.wire = wire;
        this.handshakes = handshakes;
        this.networkIn = new PooledBuffer(loop.pool(), true);
        wire.out().useHeap();
        this.clearOut = new OutputQueue(loop.pool());
    }

    /** Whether the handshake waits for a computation on another thread. */
    boolean isComputing() {
        return computing;
    }

    /** Where octets of the network go; then {@link #advance} is called. */
    ByteBuffer networkIn() {
        return networkIn.room(BufferPool.RECORD_OCTETS);
    }

    /** What waits to be put into records. */
    OutputQueue clearOut() {
        return clearOut;
    }

    /** Makes records, and writes them, until all is out, the socket takes no more, or the turn is over. */
    void write() throws IOException {
        boolean all = false;
        for (int round = 0; !all && round < ROUNDS_PER_TURN; round++) {
            all = clearOut.writeTo(this);
            if (all && ending) {
                ending = false;
                layer.close(wire.out());
            }
            wire.write();
            if (wire.isBlocked()) {
                return;
            }
        }
        if (!all) {
            wire.block();
        }
    }

    /** Makes records of what was put and of these slices behind it, and writes them; how many octets of theirs it took. */
    long write(ByteBuffer[] slices, int from, int count) throws IOException {
        long taken = clearOut.writeTo(this, slices, from, count);
        write();
        return taken;
    }

    @Override
    public long take(ByteBuffer[] buffers, int from, int count) throws SSLException {
        return layer.wrap(buffers, from, count, wire.out(), Connection.UNSENT_BOUND);
    }

    @Override
    public long take(FileRegion region, long atMost) throws IOException {
        ByteBuffer[] one = loop.pool().gathered(1);
        ByteBuffer buffer = loop.pool().take();
        long taken = 0;
        try {
            one[0] = buffer;
            while (taken < atMost && wire.out().octets() <= Connection.UNSENT_BOUND) {
                int octets = (int) Math.min(
                        atMost - taken, layer.fullRecords(buffer.clear().limit()));
                region.read(buffer, octets);
                buffer.flip();
                layer.wrap(one, 0, 1, wire.out(), Long.MAX_VALUE);
                taken += octets;
            }
        } finally {
            one[0] = null;
            loop.pool().give(buffer);
        }
        return taken;
    }

    /** Goes as far as the octets that are there allow, and as the handler wants any. */
    void advance() throws IOException {
        boolean goOn = !computing;
        while (goOn && connection.deliver()) {
            TlsLayer.Step step = step();
            lifecycle.write();
            goOn = advanced(step);
        }
        networkIn.releaseIfEmpty();
    }

    /** Says close_notify behind what was put, once that is through. */
    void close() {
        ending = true;
    }

    /** Says what the engine has to say about its failure; what is in no record yet is lost. */
    void alert() {
        clearOut.discard();
        layer.alert(wire.out());
    }

    /** Lets fall what came and is not consumed. */
    void releaseInput() {
        networkIn.release();
    }

    Optional<ChannelBinding> channelBinding() {
        return layer.channelBinding();
    }

    Optional<ChannelBinding> channelBinding(String type) {
        return layer.channelBinding(type);
    }

    /** Lets everything fall. */
    void release() {
        networkIn.release();
        clearOut.discard();
    }

    private TlsLayer.Step step() throws SSLException {
        if (networkIn.octets() == 0) {
            return layer.advance(NOTHING, connection.in().room(BufferPool.RECORD_OCTETS), wire.out());
        }
        try {
            ByteBuffer network = networkIn.show();
            return layer.advance(network, connection.in().room(BufferPool.RECORD_OCTETS), wire.out());
        } finally {
            networkIn.shown();
        }
    }

    private boolean advanced(TlsLayer.Step step) throws IOException {
        return switch (step) {
            case NEEDS_ROOM -> true;
            case NEEDS_INPUT -> {
                if (connection.deliver() && wire.isFinSeen()) {
                    lifecycle.truncated();
                }
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
