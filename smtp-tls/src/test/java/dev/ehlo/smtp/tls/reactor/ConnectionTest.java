package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.Loopback.next;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections in clear, over sockets. */
@Timeout(60)
class ConnectionTest {
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - MINUTE); // wraps around within each test
    private Reactor reactor;

    @BeforeEach
    void start() throws IOException {
        reactor = Reactor.start("connection-test", 2, clock::get, MINUTE);
    }

    @AfterEach
    void stop() throws Exception {
        Loopback.awaitNoBufferLent(reactor);
        reactor.close();
    }

    @Test
    void tellsThatAnAddressIsInUse() throws IOException {
        Listener listener = listen(new Loopback.Echo());
        assertThatThrownBy(() -> reactor.listen(listener.address(), 0, null, Loopback.Echo::new))
                .isInstanceOf(BindException.class);
    }

    @Test
    void acceptsNoMoreOnceTheListenerIsClosed() throws Exception {
        Loopback.Echo echo = new Loopback.Echo();
        Listener listener = listen(echo);
        try (Socket before = Loopback.connect(listener)) {
            before.getOutputStream().write('a');
            assertThat(before.getInputStream().read()).isEqualTo('a');
            listener.close();
            assertThatThrownBy(() -> {
                        while (true) { // the port is let go in the next turn of its loop
                            Loopback.connect(listener).close();
                        }
                    })
                    .isInstanceOf(IOException.class);
            before.getOutputStream().write('b');
            assertThat(before.getInputStream().read()).isEqualTo('b');
        }
    }

    @Test
    void tellsThatNobodyListens() throws Exception {
        InetSocketAddress free;
        try (java.net.ServerSocket socket = new java.net.ServerSocket()) {
            socket.bind(Loopback.anyPort());
            free = (InetSocketAddress) socket.getLocalSocketAddress();
        }
        assertNotConnected(free);
    }

    @Test
    void tellsThatANameHasNoAddress() throws Exception {
        assertNotConnected(InetSocketAddress.createUnresolved("nowhere.invalid", 25));
    }

    @Test
    void connectsFromTheAddressThatItIsGiven() throws Exception {
        Loopback.Recorder accepted = new Loopback.Recorder();
        Loopback.Recorder connected = new Loopback.Recorder();
        InetSocketAddress local = new InetSocketAddress("127.0.0.77", 0);
        reactor.connect(listen(accepted).address(), local, MINUTE, null, connected);
        assertThat(next(accepted.opened).remoteAddress().getAddress()).isEqualTo(local.getAddress());
        Connection connection = next(connected.opened);
        assertThat(Loopback.on(connection.loop(), connection::localAddress).getAddress())
                .isEqualTo(local.getAddress());
        Loopback.run(connection, connection::abort);
        next(accepted.closed);
    }

    @Test
    void tellsWhyItCannotConnectFromAnAddress() throws Exception {
        InetSocketAddress remote = listen(new Loopback.Echo()).address();
        InetSocketAddress taken = listen(new Loopback.Echo()).address();
        for (InetSocketAddress local : new InetSocketAddress[] {
            new InetSocketAddress("192.0.2.1", 0), // documentation's, and no host's
            new InetSocketAddress("2001:db8::1", 0), // of the other family
            InetSocketAddress.createUnresolved("nowhere.invalid", 0),
            taken
        }) {
            Loopback.Recorder handler = new Loopback.Recorder();
            reactor.connect(remote, local, MINUTE, null, handler);
            CloseCause cause = next(handler.closed);
            assertThat(cause.kind()).isEqualTo(CloseCause.Kind.NOT_CONNECTED);
            assertThat(cause.cause().orElseThrow()).hasMessageContaining(local.getHostString());
            assertThat(handler.opened).isEmpty();
        }
    }

    @Test
    void canBeAbortedBeforeItStands() throws Exception {
        Loopback.Echo accepted = new Loopback.Echo();
        InetSocketAddress remote = listen(accepted).address();
        Loopback.Recorder handler = new Loopback.Recorder() {
            @Override
            public void connecting(Connection connection) {
                assertThat(connection.remoteAddress()).isEqualTo(remote);
                connection.abort();
            }
        };
        reactor.connect(remote, MINUTE, null, handler);
        assertThat(next(handler.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
        assertThat(handler.opened).isEmpty();
        assertThat(accepted.opened).isEmpty();
    }

    @Test
    void givesUpAPeerThatDoesNotAnswerInTime() throws Exception {
        try (java.net.ServerSocket full = new java.net.ServerSocket()) {
            full.bind(Loopback.anyPort(), 1);
            InetSocketAddress address = (InetSocketAddress) full.getLocalSocketAddress();
            Loopback.Recorder last = new Loopback.Recorder();
            for (int i = 0; i < 16; i++) { // more than its backlog takes
                last = new Loopback.Recorder();
                reactor.connect(address, MINUTE, null, last);
            }
            Loopback.wake(reactor);
            clock.addAndGet(MINUTE);
            Loopback.wake(reactor);
            CloseCause cause = next(last.closed);
            assertThat(cause.kind()).isEqualTo(CloseCause.Kind.NOT_CONNECTED);
            assertThat(cause.cause()).get().isInstanceOf(java.net.SocketTimeoutException.class);
            assertThat(last.opened).isEmpty();
        }
    }

    @Test
    void tellsTheDeadlineOnceAndOnlyTheLastThatWasSet() throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder();
        try (Socket socket = Loopback.connect(listen(handler))) {
            Connection connection = next(handler.opened);
            Loopback.run(connection, () -> connection.deadline(MINUTE / 2));
            Loopback.run(connection, () -> connection.deadline(MINUTE));
            clock.addAndGet(MINUTE / 2);
            Loopback.wake(reactor);
            assertThat(handler.events).isEmpty();
            clock.addAndGet(MINUTE / 2);
            Loopback.wake(reactor);
            assertThat(next(handler.events)).isEqualTo("deadline");
            clock.addAndGet(MINUTE);
            Loopback.run(connection, () -> connection.deadline(MINUTE));
            Loopback.run(connection, connection::clearDeadline);
            clock.addAndGet(2 * MINUTE);
            Loopback.wake(reactor);
            assertThat(handler.events).isEmpty();
            assertThat(socket.isClosed()).isFalse();
        }
    }

    @Test
    void showsAgainWhatWasNotConsumedWithMoreBehindIt() throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder() {
            @Override
            public void received(Connection connection, ByteBuffer in) {
                byte[] seen = new byte[in.remaining()];
                in.get(seen).position(in.limit() - (seen.length < 4 ? seen.length : 0));
                events.add(new String(seen, US_ASCII));
            }
        };
        try (Socket socket = Loopback.connect(listen(handler))) {
            socket.getOutputStream().write("ab".getBytes(US_ASCII));
            assertThat(next(handler.events)).isEqualTo("ab");
            socket.getOutputStream().write("cd".getBytes(US_ASCII));
            assertThat(next(handler.events)).isEqualTo("abcd");
        }
    }

    @Test
    void keepsOctetsWhileReadingIsPaused() throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder();
        try (Socket socket = Loopback.connect(listen(handler))) {
            Connection connection = next(handler.opened);
            Loopback.run(connection, connection::pauseReading);
            socket.getOutputStream().write("later".getBytes(US_ASCII));
            socket.shutdownOutput();
            Loopback.run(connection, () -> {});
            assertThat(handler.events).isEmpty();
            assertThat(handler.closed).isEmpty();
            Loopback.run(connection, connection::resumeReading);
            assertThat(next(handler.events)).isEqualTo("later");
            assertThat(next(handler.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
        }
    }

    @Test
    void sendsOnToAPeerThatHasEndedItsInput() throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder() {
            @Override
            public void inputEnded(Connection connection) {
                connection.output(3).put("bye".getBytes(US_ASCII));
                connection.close();
            }
        };
        try (Socket socket = Loopback.connect(listen(handler))) {
            socket.shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).isEqualTo("bye".getBytes(US_ASCII));
        }
        assertThat(next(handler.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
    }

    @Test
    void bringsTheLastReplyToAPeerThatSendsOn() throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder() {
            @Override
            public void received(Connection connection, ByteBuffer in) {
                connection.output(5).put("521\r\n".getBytes(US_ASCII));
                connection.close();
            }
        };
        try (Socket socket = Loopback.connect(listen(handler))) {
            for (int i = 0; i < 200; i++) {
                socket.getOutputStream().write(new byte[10_000]);
            }
            socket.shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).isEqualTo("521\r\n".getBytes(US_ASCII));
        }
        assertThat(next(handler.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
    }

    @Test
    void doesNotWaitForeverForAPeerThatNeverCloses() throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder();
        try (Socket socket = Loopback.connect(listen(handler))) {
            Connection connection = next(handler.opened);
            Loopback.run(connection, connection::close);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            assertThat(handler.closed).isEmpty();
            clock.addAndGet(MINUTE);
            Loopback.wake(reactor);
            assertThat(next(handler.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
        }
    }

    @Test
    void resetsThePeerWhenItAborts() throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder();
        try (Socket socket = Loopback.connect(listen(handler))) {
            Connection connection = next(handler.opened);
            Loopback.run(connection, connection::abort);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThat(next(handler.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
        }
    }

    @Test
    void tellsThatThePeerResetTheConnection() throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder();
        Socket socket = Loopback.connect(listen(handler));
        socket.setSoLinger(true, 0);
        next(handler.opened);
        socket.close();
        assertThat(next(handler.closed).kind()).isEqualTo(CloseCause.Kind.LOST);
    }

    @Test
    void doesNothingOnceItIsClosed() throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder();
        try (Socket socket = Loopback.connect(listen(handler))) {
            Connection connection = next(handler.opened);
            Loopback.run(connection, () -> {
                connection.abort();
                connection.output(100).put((byte) 'x');
                connection.flush();
                connection.deadline(0);
                connection.clearDeadline();
                connection.pauseReading();
                connection.resumeReading();
                connection.close();
                connection.abort();
            });
            assertThat(Loopback.on(connection.loop(), connection::isClosing)).isTrue();
            assertThat(next(handler.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
            Loopback.run(connection, () -> {});
            assertThat(handler.closed).isEmpty();
            assertThat(socket.isClosed()).isFalse();
        }
    }

    @Test
    void abortsAConnectionWhoseHandlerFailsAndNoOther() throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder() {
            @Override
            public void received(Connection connection, ByteBuffer in) {
                if (in.get() == 'x') {
                    throw new AssertionError("a defect\r\nERROR");
                }
                super.received(connection, in);
            }
        };
        Listener listener = listen(handler);
        try (Socket good = Loopback.connect(listener);
                Socket other = Loopback.connect(listener);
                Socket bad = Loopback.connect(listener)) {
            try (Logged logged = Logged.of(SocketConnection.class)) {
                bad.getOutputStream().write('x');
                assertThat(next(handler.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
                assertThat(logged.text()).contains("AssertionError: a defect\\u000D\\u000AERROR");
            }
            for (Socket socket : new Socket[] {good, other}) {
                socket.getOutputStream().write("yes".getBytes(US_ASCII));
                assertThat(next(handler.events)).isEqualTo("es");
            }
        }
    }

    @Test
    void abortsAConnectionWhoseHandlerConsumesNothingOfAFullBuffer() throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder() {
            @Override
            public void received(Connection connection, ByteBuffer in) {}
        };
        try (Socket socket = Loopback.connect(listen(handler));
                Logged logged = Logged.of(SocketConnection.class)) {
            socket.getOutputStream().write(new byte[BufferPool.SEGMENT_OCTETS]);
            assertThat(next(handler.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
            assertThat(logged.text()).contains("full buffer");
        }
    }

    @Test
    void tellsEveryHandlerWhenTheReactorCloses() throws Exception {
        Loopback.Recorder accepted = new Loopback.Recorder();
        Loopback.Recorder connected = new Loopback.Recorder();
        Reactor other = Reactor.start("closing", 2);
        Listener listener = other.listen(Loopback.anyPort(), 0, null, () -> accepted);
        other.connect(listener.address(), MINUTE, null, connected);
        next(accepted.opened);
        next(connected.opened);
        other.close();
        assertThat(accepted.closed).hasSize(1);
        assertThat(connected.closed).hasSize(1);
        EventLoop loop = other.nextLoop();
        assertThatThrownBy(() -> loop.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> other.listen(Loopback.anyPort(), 0, null, Loopback.Echo::new))
                .isInstanceOf(RejectedExecutionException.class);
        other.close();
    }

    @Test
    void runsTasksInTheOrderOfTheirSender() throws Exception {
        EventLoop loop = reactor.nextLoop();
        StringBuilder order = new StringBuilder(); // of the loop alone, until it is waited for
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 5_000; i++) {
            int number = i;
            expected.append(number).append(' ');
            loop.execute(() -> order.append(number).append(' '));
        }
        Loopback.on(loop, () -> true);
        assertThat(order.toString()).isEqualTo(expected.toString());
        assertThat(Loopback.on(loop, reactor::nextLoop)).isSameAs(loop);
        assertThat(loop.isInLoop()).isFalse();
    }

    private Listener listen(ConnectionHandler handler) throws IOException {
        return reactor.listen(Loopback.anyPort(), 0, null, () -> handler);
    }

    private void assertNotConnected(InetSocketAddress address) throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder();
        reactor.connect(address, MINUTE, null, handler);
        CloseCause cause = next(handler.closed);
        assertThat(cause.kind()).isEqualTo(CloseCause.Kind.NOT_CONNECTED);
        assertThat(cause.cause()).isPresent();
        assertThat(handler.opened).isEmpty();
    }
}
