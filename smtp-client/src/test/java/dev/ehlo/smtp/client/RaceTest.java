package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ehlo.smtp.testkit.ManualClock;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsPolicy;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import dev.ehlo.smtp.tls.reactor.EventLoop;
import dev.ehlo.smtp.tls.reactor.LoopTimer;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A host with several addresses, of which some refuse, and some say nothing at all. */
@Timeout(60)
class RaceTest {
    private static final Duration WHOLE = Duration.ofSeconds(30);

    private final ManualClock clock = new ManualClock();
    private final FailedAddresses failed = new FailedAddresses(clock::nanoTime);
    private final Recorder handler = new Recorder();
    private Reactor reactor;
    private EventLoop loop;
    private ServerSocket good;

    @BeforeEach
    void start() throws IOException {
        reactor = Reactor.start("race", 1, clock::nanoTime);
        loop = reactor.nextLoop();
        good = new ServerSocket(0, 0, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
    }

    @AfterEach
    void stop() throws IOException {
        reactor.close();
        good.close();
    }

    @Test
    void takesTheFamiliesInTurn() throws Exception {
        assertThat(Race.interleaved(addresses("192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "2001:db8::2")))
                .isEqualTo(addresses("192.0.2.1", "2001:db8::1", "192.0.2.2", "2001:db8::2", "192.0.2.3"));
        assertThat(Race.interleaved(addresses("2001:db8::1", "192.0.2.1", "192.0.2.2")))
                .isEqualTo(addresses("2001:db8::1", "192.0.2.1", "192.0.2.2"));
        assertThat(Race.interleaved(List.of())).isEmpty();
    }

    @Test
    void triesTheNextAddressAtOnceWhereOneRefuses() throws Exception {
        begin(refusing("127.0.0.2"), refusing("127.0.0.3"), good());
        assertThat(opened().remoteAddress()).isEqualTo(good());
        assertThat(failed.isFailed(refusing("127.0.0.2"))).isTrue();
        assertThat(failed.isFailed(good())).isFalse();
    }

    @Test
    void triesTheNextAddressAWhileAfterOneThatSaysNothingAndTakesTheFirstThatStands() throws Exception {
        try (SilentServer silent = new SilentServer("127.0.0.2", good.getLocalPort())) {
            begin(silent.address(), good());
            awaitConnections(1);
            after(Duration.ofNanos(Race.NEXT_NANOS).minusMillis(1));
            assertThat(handler.opened).isEmpty();
            after(Duration.ofMillis(20));
            assertThat(opened().remoteAddress()).isEqualTo(good());
            // The other one is given up.
            awaitConnections(1);
            // Who was overtaken is behind the others from now on: this one costs no time.
            begin(silent.address(), good());
            assertThat(opened().remoteAddress()).isEqualTo(good());
        }
    }

    @Test
    void tellsOfTheFirstWhereNoneIsReached() throws Exception {
        begin(refusing("127.0.0.2"), refusing("127.0.0.3"));
        Gone gone = closed();
        assertThat(gone.cause().kind()).isEqualTo(CloseCause.Kind.NOT_CONNECTED);
        assertThat(gone.connection().remoteAddress()).isEqualTo(refusing("127.0.0.2"));
        assertThat(failed.size()).isEqualTo(2);
        awaitConnections(0);
    }

    @Test
    void endsAlsoWhereTimeIsUpBetweenTwoLooksAtTheClock() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        EventLoop late = new EventLoop() {
            @Override
            public void execute(Runnable task) {
                loop.execute(task);
            }

            @Override
            public boolean isInLoop() {
                return loop.isInLoop();
            }

            @Override
            public LoopTimer timer(Runnable due) {
                return loop.timer(due);
            }

            @Override
            public long nanoTime() {
                return looks.incrementAndGet() <= 3 ? 0 : WHOLE.toNanos();
            }
        };
        begin(late, refusing("127.0.0.2"), refusing("127.0.0.3"));
        assertThat(closed().cause().kind()).isEqualTo(CloseCause.Kind.NOT_CONNECTED);
    }

    @Test
    void hasOneDeadlineForAllAddresses() throws Exception {
        try (SilentServer one = new SilentServer("127.0.0.2", 0);
                SilentServer other = new SilentServer("127.0.0.3", 0)) {
            begin(one.address(), other.address(), refusing("127.0.0.4"));
            awaitConnections(1);
            after(Duration.ofNanos(Race.NEXT_NANOS).plusMillis(20));
            awaitConnections(2);
            after(WHOLE.minusNanos(Race.NEXT_NANOS));
            assertThat(closed().cause().kind()).isEqualTo(CloseCause.Kind.NOT_CONNECTED);
            // The time was over before it was the third one's turn.
            assertThat(failed.isFailed(refusing("127.0.0.4"))).isFalse();
            awaitConnections(0);
        }
    }

    @Test
    void canBeGivenUp() throws Exception {
        try (SilentServer silent = new SilentServer("127.0.0.2", 0)) {
            Race race = begin(silent.address(), good());
            awaitConnections(1);
            run(race::giveUp);
            assertThat(closed().cause().kind()).isEqualTo(CloseCause.Kind.LOCAL);
            awaitConnections(0);
            assertThat(failed.size()).isZero();
        }
    }

    @Test
    void givingUpAfterTheEndChangesNothing() throws Exception {
        Race race = begin(good());
        Connection connection = opened();
        run(race::giveUp);
        run(() -> assertThat(connection.isClosing()).isFalse());
        assertThat(handler.closed).isEmpty();
    }

    @Test
    void endsWithItsLoop() throws Exception {
        try (SilentServer silent = new SilentServer("127.0.0.2", 0)) {
            begin(silent.address(), good());
            awaitConnections(1);
            reactor.close();
            assertThat(closed().cause().kind()).isEqualTo(CloseCause.Kind.LOCAL);
            assertThat(failed.size()).isZero();
        }
    }

    private record Gone(Connection connection, CloseCause cause) {}

    private Race begin(InetSocketAddress... addresses) throws Exception {
        return begin(loop, addresses);
    }

    private Race begin(EventLoop on, InetSocketAddress... addresses) throws Exception {
        TlsPolicy policy = TlsPolicy.none();
        Hop hop = new Hop("mx.example", List.of(addresses), false, policy, TlsContext.client(policy));
        CompletableFuture<Race> begun = new CompletableFuture<>();
        loop.execute(() -> begun.complete(Race.begin(reactor, on, hop, WHOLE.toNanos(), failed, handler)));
        return begun.get(20, TimeUnit.SECONDS);
    }

    private void after(Duration time) throws Exception {
        clock.advance(time);
        // Deadlines come before tasks, and what they begin is a task.
        run(() -> {});
        run(() -> {});
        run(() -> {});
    }

    private void run(Runnable task) throws Exception {
        CompletableFuture.runAsync(task, loop).get(20, TimeUnit.SECONDS);
    }

    private void awaitConnections(int number) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(reactor.health().get(0).connections()).isEqualTo(number));
    }

    private Connection opened() throws InterruptedException {
        Connection connection = handler.opened.poll(20, TimeUnit.SECONDS);
        assertThat(connection).isNotNull();
        return connection;
    }

    private Gone closed() throws InterruptedException {
        Gone gone = handler.closed.poll(20, TimeUnit.SECONDS);
        assertThat(gone).isNotNull();
        assertThat(handler.closed).isEmpty();
        assertThat(handler.opened).isEmpty();
        return gone;
    }

    private InetSocketAddress good() {
        return (InetSocketAddress) good.getLocalSocketAddress();
    }

    /** Where nobody listens: the port is in use, at another address. */
    private InetSocketAddress refusing(String address) {
        return new InetSocketAddress(address, good.getLocalPort());
    }

    private static List<InetAddress> addresses(String... numbers) throws UnknownHostException {
        List<InetAddress> all = new ArrayList<>();
        for (String each : Arrays.asList(numbers)) {
            all.add(InetAddress.getByName(each));
        }
        return all;
    }

    /** What the race's handler is told. */
    private static final class Recorder implements ConnectionHandler {
        final BlockingQueue<Connection> opened = new LinkedBlockingQueue<>();
        final BlockingQueue<Gone> closed = new LinkedBlockingQueue<>();

        @Override
        public void opened(Connection connection) {
            opened.add(connection);
        }

        @Override
        public void received(Connection connection, ByteBuffer in) {
            in.position(in.limit());
        }

        @Override
        public void deadlineReached(Connection connection) {}

        @Override
        public void closed(Connection connection, CloseCause cause) {
            closed.add(new Gone(connection, cause));
        }
    }
}
