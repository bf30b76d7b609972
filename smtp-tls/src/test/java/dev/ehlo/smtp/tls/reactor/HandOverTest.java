package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.Loopback.next;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsSession;
import dev.ehlo.smtp.tls.reactor.CloseCause.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What comes in clear before the protocol proper, and the handler that takes over behind it. */
@Timeout(60)
class HandOverTest {
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final TlsContext SERVER = TlsContext.selfSigned("localhost");
    private static final String LINE = "FROM somebody\r\n";

    private final AtomicLong clock = new AtomicLong();
    private final Loopback.Recorder first = new Loopback.Recorder();
    private final Loopback.Recorder then = new Loopback.Echo();
    private Reactor reactor;

    @BeforeEach
    void start() throws IOException {
        reactor = Reactor.start("hand-over-test", 1, clock::get, MINUTE);
    }

    @AfterEach
    void stop() throws Exception {
        Loopback.awaitNoBufferLent(reactor);
        reactor.close();
    }

    @Test
    void showsWhatIsLeftToTheNextHandler() throws Exception {
        Listener listener = reactor.listen(
                Loopback.anyPort(),
                0,
                null,
                () -> new LineFirst(connection -> {
                    connection.deadline(1);
                    connection.handOver(then);
                }));
        byte[] octets = (LINE + "rest").getBytes(US_ASCII);
        for (int cut = 0; cut < octets.length; cut++) {
            try (Socket socket = Loopback.connect(listener)) {
                socket.setTcpNoDelay(true);
                socket.getOutputStream().write(octets, 0, cut);
                socket.getOutputStream().write(octets, cut, octets.length - cut);
                assertThat(socket.getInputStream().readNBytes(4)).isEqualTo("rest".getBytes(US_ASCII));
                clock.addAndGet(MINUTE);
                Loopback.wake(reactor);
                assertThat(then.events).isEmpty();
            }
            next(then.opened);
            next(then.closed);
        }
        assertThat(first.closed).isEmpty();
    }

    @Test
    void beginsImplicitTlsWithOctetsThatCameWithTheLine() throws Exception {
        Listener listener = listenImplicit();
        byte[] hello = clientHello();
        byte[] lineAndHello = join(LINE.getBytes(US_ASCII), hello);
        for (int cut = 0; cut < lineAndHello.length; cut += cut < LINE.length() + 12 ? 1 : 37) {
            try (Socket socket = Loopback.connect(listener)) {
                socket.setTcpNoDelay(true);
                socket.getOutputStream().write(lineAndHello, 0, cut);
                socket.getOutputStream().write(lineAndHello, cut, lineAndHello.length - cut);
                // A record of the handshake: the server's hello.
                assertThat(socket.getInputStream().read()).isEqualTo(22);
            }
            assertThat(next(then.closed).kind()).isEqualTo(Kind.HANDSHAKE_FAILED);
        }
    }

    @Test
    void goesOnUnderTlsBehindTheLine() throws Exception {
        Listener listener = listenImplicit();
        Loopback.Recorder client = new Loopback.Recorder();
        TlsContext trust = TlsContext.client(ClientTrust.insecure(), "localhost");
        reactor.connect(listener.address(), MINUTE, null, new ConnectionHandler() {
            @Override
            public void opened(Connection connection) {
                connection.output(LINE.length()).put(LINE.getBytes(US_ASCII));
                connection.startTls(trust, client);
            }

            @Override
            public void received(Connection connection, ByteBuffer in) {}

            @Override
            public void deadlineReached(Connection connection) {}

            @Override
            public void closed(Connection connection, CloseCause cause) {}
        });
        Connection connection = next(client.opened);
        TlsSession session = Loopback.session(then);
        assertThat(session.protocol()).isEqualTo("TLSv1.3");
        Loopback.run(connection, () -> {
            connection.output(4).put("ping".getBytes(US_ASCII));
            connection.flush();
        });
        assertThat(next(client.events)).isEqualTo("ping");
        Loopback.run(connection, connection::close);
        next(client.closed);
        next(then.closed);
    }

    @Test
    void limitsTheTimeOfTheHandshakeBehindTheLine() throws Exception {
        Listener listener = listenImplicit();
        try (Socket socket = Loopback.connect(listener)) {
            socket.getOutputStream().write(join(LINE.getBytes(US_ASCII), new byte[] {22, 3, 1, 2}));
            while (Loopback.lent(reactor) == 0) {
                Thread.onSpinWait();
            }
            clock.addAndGet(MINUTE);
            Loopback.wake(reactor);
            assertThat(next(then.closed).kind()).isEqualTo(Kind.HANDSHAKE_FAILED);
        }
    }

    @Test
    void abortsOnOctetsBehindTheLineThatAreNoTls() throws Exception {
        Listener listener = listenImplicit();
        try (Socket socket = Loopback.connect(listener)) {
            socket.getOutputStream().write((LINE + "EHLO x\r\n").getBytes(US_ASCII));
            // A record with an alert.
            assertThat(socket.getInputStream().readAllBytes()).startsWith(21);
        }
        CloseCause cause = next(then.closed);
        assertThat(cause.kind()).isEqualTo(Kind.HANDSHAKE_FAILED);
        assertThat(cause.error()).isInstanceOf(SSLException.class);
        assertThat(then.opened).isEmpty();
        assertThat(then.events).isEmpty();
    }

    /** CVE-2011-0411: behind a reply to STARTTLS, what came in clear never begins the handshake. */
    @Test
    void startsNoImplicitTlsOnceAWordWasSaidInClear() throws Exception {
        Listener listener = reactor.listen(
                Loopback.anyPort(),
                0,
                null,
                () -> new LineFirst(connection -> {
                    connection.output(8).put("220 go\r\n".getBytes(US_ASCII));
                    assertThatThrownBy(() -> connection.startImplicitTls(SERVER, then))
                            .isInstanceOf(IllegalStateException.class);
                    connection.startTls(SERVER, then);
                }));
        try (Socket socket = Loopback.connect(listener)) {
            socket.getOutputStream().write(join(LINE.getBytes(US_ASCII), clientHello()));
            assertThat(next(then.closed).kind()).isEqualTo(Kind.HANDSHAKE_FAILED);
            assertThatThrownBy(() -> socket.getInputStream().readAllBytes()).isInstanceOf(SocketException.class);
        }
        assertThat(then.opened).isEmpty();
    }

    private Listener listenImplicit() throws IOException {
        return reactor.listen(
                Loopback.anyPort(),
                0,
                null,
                () -> new LineFirst(connection -> connection.startImplicitTls(SERVER, then)));
    }

    private static byte[] clientHello() throws SSLException {
        SSLEngine engine =
                TlsContext.client(ClientTrust.insecure(), "localhost").newEngine();
        ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), hello);
        byte[] octets = new byte[hello.position()];
        hello.flip().get(octets);
        return octets;
    }

    private static byte[] join(byte[] line, byte[] behind) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(line);
        both.writeBytes(behind);
        return both.toByteArray();
    }

    /** Takes a line, and what comes behind it is another's. */
    private final class LineFirst implements ConnectionHandler {
        private final Consumer<Connection> lineCame;

        LineFirst(Consumer<Connection> lineCame) {
            this.lineCame = lineCame;
        }

        @Override
        public void opened(Connection connection) {}

        @Override
        public void received(Connection connection, ByteBuffer in) {
            while (in.hasRemaining()) {
                if (in.get() == '\n') {
                    lineCame.accept(connection);
                    return;
                }
            }
        }

        @Override
        public void deadlineReached(Connection connection) {
            first.deadlineReached(connection);
        }

        @Override
        public void closed(Connection connection, CloseCause cause) {
            first.closed(connection, cause);
        }
    }
}
