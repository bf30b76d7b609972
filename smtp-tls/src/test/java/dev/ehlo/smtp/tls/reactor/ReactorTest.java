package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.Loopback.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.tls.LoopHealth;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What loops say of themselves, and how connections are spread over them. */
@Timeout(60)
class ReactorTest {
    private Reactor reactor;

    @BeforeEach
    void start() throws IOException {
        reactor = Reactor.start("reactor-test", 2);
    }

    @AfterEach
    void stop() throws Exception {
        Loopback.awaitNoBufferLent(reactor);
        reactor.close();
    }

    @Test
    void spreadsConnectionsOverItsLoops() throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder();
        Listener listener = reactor.listen(Loopback.anyPort(), 0, null, () -> handler);
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            sockets.add(Loopback.connect(listener));
            next(handler.opened);
        }
        assertThat(reactor.health()).extracting(LoopHealth::connections).containsExactly(20, 20);
        assertThat(reactor.health()).extracting(LoopHealth::name).containsExactly("reactor-test-0", "reactor-test-1");
        for (Socket socket : sockets) {
            socket.close();
            next(handler.closed);
        }
        assertThat(sum(LoopHealth::connections)).isZero();
    }

    @Test
    void countsBuffersThatConnectionsHold() throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder();
        Listener listener = reactor.listen(Loopback.anyPort(), 0, null, () -> handler);
        try (Socket socket = Loopback.connect(listener)) {
            Connection connection = next(handler.opened);
            Loopback.run(connection, () -> connection.output(1).put((byte) 'x'));
            await(() -> sum(LoopHealth::buffersLent) == 1);
            Loopback.run(connection, connection::flush);
            assertThat(socket.getInputStream().read()).isEqualTo('x');
            await(() -> sum(LoopHealth::buffersLent) == 0);
        }
        next(handler.closed);
    }

    @Test
    void runsAllTasksThatWaitWhenItCloses() throws Exception {
        int tasks = 40_000; // as many connections that were aborted leave
        AtomicInteger run = new AtomicInteger();
        Reactor closing = Reactor.start("closing", 1);
        EventLoop loop = closing.nextLoop();
        loop.execute(() -> {
            closing.close();
            for (int i = 0; i < tasks; i++) {
                loop.execute(run::incrementAndGet);
            }
        });
        closing.close();
        assertThat(run).hasValue(tasks);
    }

    @Test
    void showsALoopThatHangs() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        long before = sum(LoopHealth::busyNanos);
        long iterations = sum(LoopHealth::iterations);
        EventLoop loop = reactor.nextLoop();
        loop.execute(() -> {
            entered.countDown();
            try {
                end.await(Loopback.SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        entered.await();
        long nanos = TimeUnit.MILLISECONDS.toNanos(20);
        await(() -> longest() >= nanos); // grows while it hangs
        end.countDown();
        await(() -> sum(LoopHealth::iterations) > iterations && sum(LoopHealth::busyNanos) - before >= nanos);
        assertThat(longest()).isGreaterThanOrEqualTo(nanos);
    }

    /** The figures of a turn are there when the turn is over, and not when the tasks in it are done. */
    private static void await(BooleanSupplier condition) {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - began).isLessThan(TimeUnit.SECONDS.toNanos(Loopback.SECONDS));
            Thread.onSpinWait();
        }
    }

    @Test
    void isDrainedWhenNothingIsLeftOfWhatItAccepted() throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder();
        Listener listener = reactor.listen(Loopback.anyPort(), 0, TlsContext.selfSigned("localhost"), () -> handler);
        CompletableFuture<Void> drained = listener.drained().toCompletableFuture();
        try (Socket one = Loopback.connect(listener);
                Socket other = Loopback.connect(listener)) {
            await(() -> sum(LoopHealth::connections) == 2); // in their handshakes
            listener.close();
            one.shutdownOutput();
            next(handler.closed);
            assertThat(drained).isNotDone();
            other.shutdownOutput();
            drained.get(Loopback.SECONDS, TimeUnit.SECONDS);
            assertThat(handler.closed).hasSize(1);
        }
        assertThat(handler.opened).isEmpty();
    }

    @Test
    void isDrainedAtOnceWhenNothingWasAccepted() throws Exception {
        Listener listener = reactor.listen(Loopback.anyPort(), 0, null, Loopback.Recorder::new);
        assertThat(listener.drained().toCompletableFuture()).isNotDone();
        listener.close();
        listener.close();
        listener.drained().toCompletableFuture().get(Loopback.SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void isDrainedWhenTheReactorCloses() throws Exception {
        Reactor other = Reactor.start("closed-test", 2);
        Loopback.Recorder handler = new Loopback.Recorder();
        Listener listener = other.listen(Loopback.anyPort(), 0, null, () -> handler);
        try (Socket socket = Loopback.connect(listener)) {
            next(handler.opened);
            other.close();
            assertThat(listener.drained().toCompletableFuture()).isDone();
            assertThat(handler.closed).hasSize(1);
            listener.close();
            assertThat(socket.isClosed()).isFalse();
        }
    }

    @Test
    void isDrainedThoughNoHandlerWasMade() throws Exception {
        Listener listener = reactor.listen(Loopback.anyPort(), 0, null, () -> {
            throw new IllegalStateException("no handler");
        });
        try (Logged logged = Logged.of(SelectorLoop.class);
                Socket socket = Loopback.connect(listener)) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            assertThat(logged.text()).contains("no handler");
            listener.close();
            listener.drained().toCompletableFuture().get(Loopback.SECONDS, TimeUnit.SECONDS);
        }
        assertThat(sum(LoopHealth::connections)).isZero();
    }

    @Test
    void letsAHandlerRefuseAConnectionBeforeItsHandshake() throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder() {
            @Override
            public void accepted(Connection connection) {
                connection.close();
            }
        };
        Listener listener = reactor.listen(Loopback.anyPort(), 0, TlsContext.selfSigned("localhost"), () -> handler);
        try (Socket socket = Loopback.connect(listener)) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(next(handler.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
        assertThat(handler.opened).isEmpty();
        await(() -> sum(LoopHealth::connections) == 0);
    }

    private long sum(ToLongFunction<LoopHealth> figure) {
        return reactor.health().stream().mapToLong(figure).sum();
    }

    private long longest() {
        return reactor.health().stream()
                .mapToLong(LoopHealth::longestCallbackNanos)
                .max()
                .orElseThrow();
    }
}
