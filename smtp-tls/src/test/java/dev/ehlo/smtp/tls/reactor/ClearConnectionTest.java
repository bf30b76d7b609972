package dev.ehlo.smtp.tls.reactor;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ClearConnectionTest {
    private Reactor reactor;

    @BeforeEach
    void start() throws IOException {
        reactor = Reactor.start("clear-test", 2);
    }

    @AfterEach
    void stop() {
        reactor.close();
    }

    @Test
    void echoesWhatItIsSent() throws Exception {
        Listener listener = reactor.listen(loopback(0), 0, null, Echo::new);
        try (Socket socket = connect(listener)) {
            byte[] octets = new byte[1_000_000];
            for (int i = 0; i < octets.length; i++) {
                octets[i] = (byte) (i * 31);
            }
            Thread sender = new Thread(() -> {
                try {
                    socket.getOutputStream().write(octets);
                    socket.shutdownOutput();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            sender.start();
            assertThat(socket.getInputStream().readAllBytes()).isEqualTo(octets);
            sender.join();
        }
    }

    @Test
    void tellsThatAnAddressIsInUse() throws IOException {
        Listener listener = reactor.listen(loopback(0), 0, null, Echo::new);
        assertThatThrownBy(() -> reactor.listen(listener.address(), 0, null, Echo::new))
                .isInstanceOf(BindException.class);
    }

    @Test
    void connectsToItself() throws Exception {
        Listener listener = reactor.listen(loopback(0), 0, null, Echo::new);
        CompletableFuture<String> answer = new CompletableFuture<>();
        reactor.connect(listener.address(), TimeUnit.SECONDS.toNanos(10), null, new ConnectionHandler() {
            @Override
            public void opened(Connection connection) {
                connection.output(5).put("hello".getBytes(US_ASCII));
                connection.flush();
            }

            @Override
            public void received(Connection connection, ByteBuffer in) {
                if (in.remaining() >= 5) {
                    byte[] octets = new byte[in.remaining()];
                    in.get(octets);
                    answer.complete(new String(octets, US_ASCII));
                    connection.close();
                }
            }

            @Override
            public void deadlineReached(Connection connection) {}

            @Override
            public void closed(Connection connection, CloseCause cause) {
                answer.complete("closed: " + cause);
            }
        });
        assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo("hello");
    }

    @Test
    void tellsThatNobodyListens() throws Exception {
        Listener listener = reactor.listen(loopback(0), 0, null, Echo::new);
        reactor.close();
        reactor = Reactor.start("clear-test", 1);
        Echo handler = new Echo();
        reactor.connect(listener.address(), TimeUnit.SECONDS.toNanos(10), null, handler);
        assertThat(handler.causes.poll(10, TimeUnit.SECONDS).kind()).isEqualTo(CloseCause.Kind.NOT_CONNECTED);
    }

    private static Socket connect(Listener listener) throws IOException {
        Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), listener.address().getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private static final class Echo implements ConnectionHandler {
        final BlockingQueue<CloseCause> causes = new LinkedBlockingQueue<>();

        @Override
        public void opened(Connection connection) {}

        @Override
        public void received(Connection connection, ByteBuffer in) {
            while (in.hasRemaining()) {
                if (connection.unsent() > Connection.UNSENT_BOUND) {
                    connection.pauseReading();
                    break;
                }
                ByteBuffer out = connection.output(1);
                int count = Math.min(out.remaining(), in.remaining());
                out.put(in.slice(in.position(), count));
                in.position(in.position() + count);
                connection.flush();
            }
        }

        @Override
        public void writable(Connection connection) {
            connection.resumeReading();
        }

        @Override
        public void deadlineReached(Connection connection) {}

        @Override
        public void closed(Connection connection, CloseCause cause) {
            causes.add(cause);
        }
    }
}
