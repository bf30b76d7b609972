package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.Loopback.next;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.reactor.CloseCause.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Connections that turn to TLS, over sockets, against peers that do not behave. */
@Timeout(60)
class TlsConnectionTest {
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final TlsContext SERVER = TlsContext.selfSigned("localhost", "127.0.0.1");

    private final AtomicLong clock = new AtomicLong();
    private final Loopback.Recorder before = new Loopback.Recorder();
    private final Loopback.Recorder under = new Loopback.Recorder();
    private Reactor reactor;

    @BeforeEach
    void start() throws IOException {
        reactor = Reactor.start("tls-connection-test", 2, clock::get, MINUTE);
    }

    @AfterEach
    void stop() throws Exception {
        Loopback.awaitNoBufferLent(reactor);
        reactor.close();
    }

    @Test
    void abortsAClientThatSendsCommandsBehindStarttls() throws Exception {
        Listener listener = reactor.listen(Loopback.anyPort(), 0, null, () -> new FirstLineTurns(SERVER));
        try (Socket socket = Loopback.connect(listener)) {
            socket.getOutputStream()
                    .write("STARTTLS\r\nEHLO x\r\nAUTH PLAIN AGEAYg==\r\nMAIL FROM:<a@x>\r\n".getBytes(US_ASCII));
            CloseCause cause = next(under.closed);
            assertThat(cause.kind()).isEqualTo(Kind.HANDSHAKE_FAILED);
            assertThat(cause.cause().orElseThrow()).hasMessageContaining("octets in clear");
            assertThatThrownBy(() -> readAll(socket)).isInstanceOf(SocketException.class);
        }
        assertNothingCameThrough();
    }

    @Test
    void abortsAClientThatSendsCommandsBetweenStarttlsAndTheHandshake() throws Exception {
        Listener listener = reactor.listen(Loopback.anyPort(), 0, null, () -> new FirstLineTurns(SERVER));
        try (Socket socket = Loopback.connect(listener)) {
            socket.getOutputStream().write("STARTTLS\r\n".getBytes(US_ASCII));
            assertThat(socket.getInputStream().readNBytes(8)).isEqualTo("220 go\r\n".getBytes(US_ASCII));
            socket.getOutputStream().write("RSET\r\nNOOP\r\n".getBytes(US_ASCII));
            assertThat(readAll(socket)[0]).isEqualTo((byte) 21);
        }
        assertThat(next(under.closed).kind()).isEqualTo(Kind.HANDSHAKE_FAILED);
        assertNothingCameThrough();
    }

    @Test
    void abortsAServerThatSendsRepliesBehindTheReplyToStarttls() throws Exception {
        try (ServerSocket server = serverSocket()) {
            reactor.connect(
                    (InetSocketAddress) server.getLocalSocketAddress(),
                    MINUTE,
                    null,
                    new FirstLineTurns(TlsContext.client(ClientTrust.insecure(), "localhost")));
            try (Socket socket = server.accept()) {
                socket.getOutputStream().write("220 go\r\n250-x\r\n250 AUTH PLAIN\r\n".getBytes(US_ASCII));
                assertThat(next(under.closed).kind()).isEqualTo(Kind.HANDSHAKE_FAILED);
            }
        }
        assertNothingCameThrough();
    }

    @Test
    void limitsTheTimeOfAHandshakeThatStalls() throws Exception {
        Listener listener = reactor.listen(Loopback.anyPort(), 0, SERVER, () -> under);
        try (Socket socket = Loopback.connect(listener)) {
            socket.getOutputStream().write(new byte[] {22, 3, 1, 2, 0, 1, 0, 1});
            awaitOneBufferLent();
            clock.addAndGet(MINUTE - 1);
            Loopback.wake(reactor);
            assertThat(under.closed).isEmpty();
            clock.addAndGet(1);
            Loopback.wake(reactor);
            CloseCause cause = next(under.closed);
            assertThat(cause.kind()).isEqualTo(Kind.HANDSHAKE_FAILED);
            assertThat(cause.error()).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void tellsAFinDuringTheHandshake() throws Exception {
        Listener listener = reactor.listen(Loopback.anyPort(), 0, SERVER, () -> under);
        Loopback.connect(listener).close();
        assertThat(next(under.closed).kind()).isEqualTo(Kind.HANDSHAKE_FAILED);
        assertThat(under.opened).isEmpty();
    }

    @Test
    void refusesAnotherProtocolWithAnAlert() throws Exception {
        Listener listener = reactor.listen(Loopback.anyPort(), 0, SERVER, () -> under);
        try (Socket socket = Loopback.connect(listener)) {
            socket.getOutputStream().write("POST / HTTP/1.1\r\nHost: x\r\n\r\nEHLO x\r\n".getBytes(US_ASCII));
            assertThat(readAll(socket)[0]).isEqualTo((byte) 21);
        }
        assertThat(next(under.closed).kind()).isEqualTo(Kind.HANDSHAKE_FAILED);
        assertNothingCameThrough();
    }

    @Test
    void tellsTruncationFromACleanEnd() throws Exception {
        Loopback.Recorder ended = new Loopback.Recorder() {
            @Override
            public void inputEnded(Connection connection) {
                events.add("ended");
                super.inputEnded(connection);
            }
        };
        Listener listener = reactor.listen(Loopback.anyPort(), 0, SERVER, () -> ended);
        try (Socket socket = Loopback.connect(listener);
                SSLSocket tls = layered(socket)) {
            tls.getOutputStream().write("a".getBytes(US_ASCII));
            assertThat(next(ended.events)).isEqualTo("a");
            tls.shutdownOutput();
            assertThat(next(ended.events)).isEqualTo("ended");
            assertThat(tls.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(next(ended.closed).kind()).isEqualTo(Kind.LOCAL);
        try (Socket socket = Loopback.connect(listener)) {
            SSLSocket tls = layered(socket);
            tls.getOutputStream().write("b".getBytes(US_ASCII));
            assertThat(next(ended.events)).isEqualTo("b");
            socket.shutdownOutput();
            assertThat(next(ended.closed).kind()).isEqualTo(Kind.TRUNCATED);
            assertThat(tls.isClosed()).isFalse();
            assertThat(ended.events).isEmpty();
        }
    }

    @Test
    void abortsAPeerThatSendsInClearAfterCloseNotify() throws Exception {
        Loopback.Recorder patient = new Loopback.Recorder() {
            @Override
            public void inputEnded(Connection connection) {
                events.add("ended");
            }
        };
        Listener listener = reactor.listen(Loopback.anyPort(), 0, SERVER, () -> patient);
        try (Socket socket = Loopback.connect(listener)) {
            SSLSocket tls = layered(socket);
            tls.getOutputStream().write("body".getBytes(US_ASCII));
            assertThat(next(patient.events)).isEqualTo("body");
            tls.shutdownOutput();
            assertThat(next(patient.events)).isEqualTo("ended");
            OutputStream clear = socket.getOutputStream();
            clear.write("\r\n.\r\nMAIL FROM:<a@x>\r\n".getBytes(US_ASCII));
            readAll(socket);
        }
        CloseCause cause = next(patient.closed);
        assertThat(cause.kind()).isEqualTo(Kind.LOST);
        assertThat(cause.cause().orElseThrow()).hasMessageContaining("after close_notify");
        assertThat(patient.events).isEmpty();
    }

    @Test
    void holdsNoBufferForAConnectionThatIsIdleUnderTls() throws Exception {
        Listener listener = reactor.listen(Loopback.anyPort(), 0, SERVER, () -> under);
        try (Socket socket = Loopback.connect(listener)) {
            layered(socket).getOutputStream().write("a".getBytes(US_ASCII));
            assertThat(next(under.events)).isEqualTo("a");
            Loopback.awaitNoBufferLent(reactor);
            assertThat(under.closed).isEmpty();
        }
        next(under.closed);
    }

    @Test
    void takesAServerThatTheTrustVouchesFor(@TempDir Path directory) throws Exception {
        Path chain = directory.resolve("chain.pem");
        Path key = directory.resolve("key.pem");
        TlsContext.writeSelfSigned(chain, key, List.of("localhost", "127.0.0.1"));
        TlsContext server = TlsContext.pem(chain, key);
        for (String name : List.of("localhost", "127.0.0.1")) {
            assertThat(handshake(server, TlsContext.client(ClientTrust.pem(chain), name)))
                    .isNull();
        }
    }

    @Test
    void refusesAServerOfAnotherName(@TempDir Path directory) throws Exception {
        Path chain = directory.resolve("chain.pem");
        Path key = directory.resolve("key.pem");
        TlsContext.writeSelfSigned(chain, key, List.of("mx.example.org"));
        TlsContext server = TlsContext.pem(chain, key);
        assertThat(handshake(server, TlsContext.client(ClientTrust.pem(chain), "localhost")))
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageContaining("localhost");
        assertThat(handshake(server, TlsContext.client(ClientTrust.pem(chain), "127.0.0.1")))
                .isInstanceOf(SSLHandshakeException.class);
        assertThat(handshake(server, TlsContext.client(ClientTrust.insecure(), "localhost")))
                .isNull();
    }

    @Test
    void refusesAServerThatNobodyVouchesFor() throws Exception {
        assertThat(handshake(SERVER, TlsContext.client(ClientTrust.system(), "localhost")))
                .isInstanceOf(SSLHandshakeException.class)
                // JDK 25 names the alert in front.
                .hasMessageEndingWith("the certificate is self-signed");
    }

    @Test
    void refusesAContextOfTheOtherRole() throws Exception {
        TlsContext client = TlsContext.client(ClientTrust.insecure(), "localhost");
        Listener listener = reactor.listen(Loopback.anyPort(), 0, client, () -> under);
        try (Logged logged = Logged.of(SocketConnection.class);
                Socket socket = Loopback.connect(listener)) {
            assertThat(logged.text()).contains("role");
            assertThat(next(under.closed).kind()).isEqualTo(Kind.LOCAL);
            assertThat(socket.isClosed()).isFalse();
        }
    }

    /** What failed on the client's side; null if nothing did. */
    private Exception handshake(TlsContext server, TlsContext client) throws Exception {
        Loopback.Recorder accepted = new Loopback.Recorder();
        Loopback.Recorder connected = new Loopback.Recorder() {
            @Override
            public void opened(Connection connection) {
                connection.close();
            }
        };
        Listener listener = reactor.listen(Loopback.anyPort(), 0, server, () -> accepted);
        reactor.connect(listener.address(), MINUTE, client, connected);
        CloseCause cause = next(connected.closed);
        next(accepted.closed);
        assertThat(cause.kind()).isEqualTo(cause.error() == null ? Kind.LOCAL : Kind.HANDSHAKE_FAILED);
        return cause.error();
    }

    private void assertNothingCameThrough() {
        assertThat(under.opened).isEmpty();
        assertThat(under.events).isEmpty();
        assertThat(before.closed).isEmpty();
    }

    private void awaitOneBufferLent() throws Exception {
        while (Loopback.lent(reactor) == 0) {
            Thread.onSpinWait();
        }
    }

    private static ServerSocket serverSocket() throws IOException {
        ServerSocket server = new ServerSocket();
        server.bind(Loopback.anyPort());
        return server;
    }

    private static byte[] readAll(Socket socket) throws IOException {
        return socket.getInputStream().readAllBytes();
    }

    private static SSLSocket layered(Socket socket) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustsAll()}, null);
        SSLSocket tls =
                (SSLSocket) context.getSocketFactory().createSocket(socket, "localhost", socket.getPort(), false);
        tls.setEnabledProtocols(new String[] {"TLSv1.3"});
        tls.startHandshake();
        return tls;
    }

    /** Consumes one line, and turns to TLS whatever is behind it; the server's side answers first. */
    private final class FirstLineTurns implements ConnectionHandler {
        private final TlsContext context;

        FirstLineTurns(TlsContext context) {
            this.context = context;
        }

        @Override
        public void opened(Connection connection) {}

        @Override
        public void received(Connection connection, ByteBuffer in) {
            while (in.hasRemaining()) {
                if (in.get() == '\n') {
                    if (context.certificate().isPresent()) {
                        connection.output(8).put("220 go\r\n".getBytes(US_ASCII));
                    }
                    connection.startTls(context, under);
                    return;
                }
            }
        }

        @Override
        public void deadlineReached(Connection connection) {}

        @Override
        public void closed(Connection connection, CloseCause cause) {
            before.closed(connection, cause);
        }
    }
}
