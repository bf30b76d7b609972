package dev.ehlo.smtp.tls.reactor;

import dev.ehlo.smtp.tls.TlsContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts on one loop, and gives each connection to the loop whose turn it is. */
final class Acceptor extends Timed implements Selectable {
    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);

    /** Connections accepted before others are served again. */
    private static final int ACCEPTED_PER_TURN = 64;

    /** Pause after a failure, most often for want of file descriptors, which would come again at once. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Reactor reactor;
    private final SelectorLoop loop;
    private final ServerSocketChannel channel;
    private final InetSocketAddress address;
    private final @Nullable TlsContext implicitTls;
    private final Supplier<ConnectionHandler> handlers;
    /** Connections accepted and not gone, and one more as long as it listens. */
    private final AtomicInteger held = new AtomicInteger(1);

    private final AtomicBoolean listening = new AtomicBoolean(true);
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    /** Made once, as each connection needs it. */
    private final Runnable release = this::release;

    /** Binds; accepts only from {@link #start} on. */
    Acceptor(
            Reactor reactor,
            SelectorLoop loop,
            InetSocketAddress address,
            int backlog,
            @Nullable TlsContext implicitTls,
            Supplier<ConnectionHandler> handlers)
            throws IOException {
        this.reactor = reactor;
        this.loop = loop;
        this.implicitTls = implicitTls;
        this.handlers = handlers;
        this.channel = ServerSocketChannel.open();
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(address, backlog);
            this.address = (InetSocketAddress) channel.getLocalAddress();
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    InetSocketAddress address() {
        return address;
    }

    void start() {
        loop.execute(() -> {
            if (loop.isStopping()) {
                stop();
                return;
            }
            try {
                channel.register(loop.selector(), SelectionKey.OP_ACCEPT, this);
            } catch (ClosedChannelException e) {
                LOG.debug("{} was closed before it was served", address, e);
            }
        });
    }

    /** From any thread. */
    void close() {
        closeChannel();
        try {
            loop.execute(this::stop); // and the selector lets go of the port in that turn
        } catch (RejectedExecutionException e) {
            LOG.trace("{}: its loop has ended before", address, e);
            stopListening();
        }
    }

    CompletionStage<Void> drained() {
        return drained.minimalCompletionStage();
    }

    @Override
    public void stop() {
        loop.clearDeadline(this);
        closeChannel();
        stopListening();
    }

    /** On the loop, if it lives: what it accepts is counted before. */
    private void stopListening() {
        if (listening.compareAndSet(true, false)) {
            release();
        }
    }

    private void release() {
        if (held.decrementAndGet() == 0) {
            drained.complete(null);
        }
    }

    private void closeChannel() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("{} did not close", address, e);
        }
    }

    @Override
    public void ready(int operations) {
        try {
            for (int i = 0; i < ACCEPTED_PER_TURN; i++) {
                SocketChannel accepted = channel.accept();
                if (accepted == null) {
                    return;
                }
                handOver(accepted);
            }
        } catch (ClosedChannelException e) {
            LOG.trace("{} was closed meanwhile", address, e);
        } catch (IOException e) {
            LOG.warn("{} cannot accept for now: {}", address, e.toString());
            pause();
        }
    }

    private void handOver(SocketChannel accepted) throws IOException {
        held.incrementAndGet();
        SelectorLoop target = reactor.loopInTurn();
        try {
            target.execute(() -> accepted(target, accepted));
        } catch (RejectedExecutionException e) {
            LOG.trace("{}: the reactor closes", address, e);
            release();
            accepted.close();
        }
    }

    private void accepted(SelectorLoop target, SocketChannel accepted) {
        boolean served = false;
        try {
            if (target.isStopping()) {
                accepted.close();
            } else {
                SocketConnection.accepted(reactor, target, accepted, implicitTls, handlers, release);
                served = true;
            }
        } catch (IOException e) {
            LOG.debug("{}: a connection was gone before it was served", address, e);
        } finally {
            if (!served) {
                release();
            }
        }
    }

    private void pause() {
        SelectionKey key = channel.keyFor(loop.selector());
        if (key != null && key.isValid()) {
            key.interestOps(0);
            loop.deadline(this, PAUSE_NANOS);
        }
    }

    /** The pause is over. */
    @Override
    void deadlineReached() {
        SelectionKey key = channel.keyFor(loop.selector());
        if (key != null && key.isValid()) {
            key.interestOps(SelectionKey.OP_ACCEPT);
        }
    }
}
