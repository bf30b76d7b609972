package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.Loopback.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The reactor against itself, over sockets, in each TLS mode. */
@Timeout(60)
class EchoTest {
    private static final byte[] STARTTLS = "STARTTLS\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] GO = "220 go\r\n".getBytes(StandardCharsets.US_ASCII);

    private final TlsContext server = TlsContext.selfSigned("localhost");
    private final TlsContext client = TlsContext.client(ClientTrust.insecure(), "localhost");
    private Reactor reactor;

    @BeforeEach
    void start() throws IOException {
        reactor = Reactor.start("echo-test", 2);
    }

    @AfterEach
    void stop() {
        reactor.close();
    }

    @ParameterizedTest
    @EnumSource(TlsMode.class)
    void echoesEveryOctet(TlsMode mode) throws Exception {
        byte[] octets = new byte[3_000_000];
        new Random(7).nextBytes(octets);
        Loopback.Echo echo = new Loopback.Echo();
        Listener listener = reactor.listen(
                Loopback.anyPort(),
                0,
                mode == TlsMode.IMPLICIT ? server : null,
                () -> mode == TlsMode.STARTTLS ? new ServerTurn(echo) : echo);
        Pump pump = new Pump(octets);
        reactor.connect(
                listener.address(),
                TimeUnit.SECONDS.toNanos(10),
                mode == TlsMode.IMPLICIT ? client : null,
                mode == TlsMode.STARTTLS ? new ClientTurn(pump) : pump);

        assertThat(pump.received.get(Loopback.SECONDS, TimeUnit.SECONDS)).isEqualTo(octets);
        assertThat(next(pump.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
        assertThat(next(echo.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
        Connection echoed = echo.opened.take();
        assertThat(Loopback.on(echoed.loop(), echoed::tls).isPresent()).isEqualTo(mode != TlsMode.NONE);
        Loopback.awaitNoBufferLent(reactor);
    }

    /** Turns to TLS when it is told to. */
    private final class ServerTurn extends Loopback.Recorder {
        private final ConnectionHandler next;

        ServerTurn(ConnectionHandler next) {
            this.next = next;
        }

        @Override
        public void received(Connection connection, ByteBuffer in) {
            if (in.remaining() == STARTTLS.length) {
                in.position(in.limit());
                connection.output(GO.length).put(GO);
                connection.startTls(server, next);
            }
        }
    }

    /** Says that it turns to TLS. */
    private final class ClientTurn extends Loopback.Recorder {
        private final ConnectionHandler next;

        ClientTurn(ConnectionHandler next) {
            this.next = next;
        }

        @Override
        public void opened(Connection connection) {
            connection.output(STARTTLS.length).put(STARTTLS);
            connection.flush();
        }

        @Override
        public void received(Connection connection, ByteBuffer in) {
            if (in.remaining() == GO.length) {
                in.position(in.limit());
                connection.startTls(client, next);
            }
        }
    }

    /** Sends all its octets, and reads as many. */
    private static final class Pump extends Loopback.Recorder {
        final CompletableFuture<byte[]> received = new CompletableFuture<>();
        private final ByteBuffer rest;
        private final ByteBuffer back;

        Pump(byte[] octets) {
            this.rest = ByteBuffer.wrap(octets);
            this.back = ByteBuffer.allocate(octets.length);
        }

        @Override
        public void opened(Connection connection) {
            writable(connection);
        }

        @Override
        public void writable(Connection connection) {
            while (rest.hasRemaining() && connection.unsent() <= Connection.UNSENT_BOUND) {
                ByteBuffer out = connection.output(1);
                int count = Math.min(out.remaining(), rest.remaining());
                out.put(rest.slice(rest.position(), count));
                rest.position(rest.position() + count);
            }
            connection.flush();
        }

        @Override
        public void received(Connection connection, ByteBuffer in) {
            back.put(in);
            if (!back.hasRemaining()) {
                received.complete(back.array());
                connection.close();
            }
        }

        @Override
        public void closed(Connection connection, CloseCause cause) {
            super.closed(connection, cause);
            received.completeExceptionally(new IllegalStateException(cause.toString()));
        }
    }
}
