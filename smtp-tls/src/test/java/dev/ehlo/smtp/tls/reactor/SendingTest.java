package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.Loopback.next;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files and slices over sockets, in clear and under TLS, to a peer that is told when to read. */
@Timeout(60)
class SendingTest {
    private static final byte[] CONTENT = new byte[6_000_000];
    private static final byte[] HEAD = "BDAT\r\n".getBytes(US_ASCII);
    private static final byte[] TAIL = "QUIT\r\n".getBytes(US_ASCII);

    static {
        new Random(11).nextBytes(CONTENT);
    }

    @TempDir
    private Path directory;

    private Reactor reactor;
    private FileChannel file;

    @BeforeEach
    void start() throws IOException {
        Path path = directory.resolve("content");
        Files.write(path, CONTENT);
        file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        reactor = Reactor.start("sending-test", 2);
    }

    @AfterEach
    void stop() throws Exception {
        Loopback.awaitNoBufferLent(reactor);
        reactor.close();
        file.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sendsFilesInTheirPlaceBetweenWhatIsPut(boolean tls) throws Exception {
        Collector peer = new Collector(2 * HEAD.length + CONTENT.length - 1 + 1_000 + TAIL.length);
        Sender sender = new Sender() {
            @Override
            public void opened(Connection connection) {
                connection.output(10).put(HEAD);
                connection.transfer(file, 1, CONTENT.length - 1);
                connection.output(10).put(HEAD);
                connection.transfer(file, 0, 1_000);
                connection.transfer(file, 0, 0);
                connection.output(10).put(TAIL);
                connection.flush();
                unsentMuch = connection.unsent() > Connection.UNSENT_BOUND;
                super.opened(connection);
            }
        };
        connect(tls, sender, peer);
        next(sender.opened);
        assertThat(sender.unsentMuch).isTrue();
        assertThat(sender.events).isEmpty();
        peer.read();
        assertThat(next(sender.events)).isEqualTo("writable 0");
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        expected.writeBytes(HEAD);
        expected.write(CONTENT, 1, CONTENT.length - 1);
        expected.writeBytes(HEAD);
        expected.write(CONTENT, 0, 1_000);
        expected.writeBytes(TAIL);
        assertThat(peer.octets()).isEqualTo(expected.toByteArray());
        assertThat(sender.events).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tellsOfASmallFileToo(boolean tls) throws Exception {
        Collector peer = new Collector(3);
        Sender sender = new Sender() {
            @Override
            public void opened(Connection connection) {
                connection.transfer(file, 5, 3);
                assertThat(events).isEmpty();
            }
        };
        connect(tls, sender, peer);
        assertThat(next(sender.events)).isEqualTo("writable 0");
        peer.read();
        assertThat(peer.octets()).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sendsSlicesWithoutKeepingAny(boolean tls) throws Exception {
        Collector peer = new Collector(HEAD.length + CONTENT.length);
        ByteBuffer[] slices = slices();
        Sender sender = new Sender() {
            private int from;

            @Override
            public void opened(Connection connection) {
                connection.output(10).put(HEAD);
                writable(connection);
                super.opened(connection);
            }

            @Override
            public void writable(Connection connection) {
                while (from < slices.length && connection.write(slices, from, slices.length - from) > 0) {
                    while (from < slices.length && !slices[from].hasRemaining()) {
                        from++;
                    }
                }
                most = Math.max(most, connection.unsent());
                if (from == slices.length) {
                    events.add("all");
                }
            }
        };
        connect(tls, sender, peer);
        next(sender.opened);
        peer.read();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        expected.writeBytes(HEAD);
        expected.writeBytes(CONTENT);
        assertThat(peer.octets()).isEqualTo(expected.toByteArray());
        assertThat(next(sender.events)).isEqualTo("all");
        assertThat(sender.most).isLessThan(Connection.UNSENT_BOUND + 2 * BufferPool.SEGMENT_OCTETS);
    }

    private static ByteBuffer[] slices() {
        List<ByteBuffer> slices = new ArrayList<>();
        Random random = new Random(5);
        for (int from = 0; from < CONTENT.length; ) {
            int count = Math.min(random.nextInt(30_000), CONTENT.length - from);
            slices.add(
                    random.nextBoolean()
                            ? ByteBuffer.wrap(CONTENT, from, count).asReadOnlyBuffer()
                            : ByteBuffer.allocateDirect(count)
                                    .put(CONTENT, from, count)
                                    .flip());
            from += count;
        }
        return slices.toArray(ByteBuffer[]::new);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sendsAllBeforeItCloses(boolean tls) throws Exception {
        Collector peer = new Collector(CONTENT.length + TAIL.length);
        Sender sender = new Sender() {
            @Override
            public void opened(Connection connection) {
                connection.transfer(file, 0, CONTENT.length);
                connection.output(10).put(TAIL);
                connection.close();
                super.opened(connection);
            }
        };
        connect(tls, sender, peer);
        next(sender.opened);
        peer.read();
        assertThat(peer.octets()).startsWith(CONTENT).endsWith(TAIL);
        assertThat(next(peer.events)).isEqualTo("ended"); // by FIN or by close_notify
        assertThat(next(sender.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
        assertThat(next(peer.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void letsAllFallWhenItAborts(boolean tls) throws Exception {
        Collector peer = new Collector(Integer.MAX_VALUE);
        Sender sender = new Sender() {
            @Override
            public void opened(Connection connection) {
                connection.transfer(file, 0, CONTENT.length);
                connection.output(10).put(TAIL);
                super.opened(connection);
            }
        };
        connect(tls, sender, peer);
        Connection connection = next(sender.opened);
        // Before it is reset: the end of a connection that is not there yet would be one that was refused.
        Connection reading = next(peer.opened);
        Loopback.run(connection, connection::abort);
        assertThat(next(sender.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
        Loopback.run(connection, () -> {
            assertThat(connection.unsent()).isZero();
            assertThat(connection.write(slices())).isZero();
            assertThat(connection.isOpen()).isFalse();
            connection.transfer(file, 0, 1);
        });
        Loopback.run(reading, reading::resumeReading);
        next(peer.closed);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void abortsWhenAFileBecomesShorter(boolean tls) throws Exception {
        brokenByUnreadable(tls, (connection, peer) -> truncate());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void abortsWhenAFileBecomesShorterWhileItCloses(boolean tls) throws Exception {
        brokenByUnreadable(tls, (connection, peer) -> {
            connection.close();
            truncate();
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void abortsWhenAFileIsClosedTooEarly(boolean tls) throws Exception {
        brokenByUnreadable(tls, (connection, peer) -> {
            try {
                file.close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private void truncate() {
        try {
            file.truncate(CONTENT.length - 1);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void brokenByUnreadable(boolean tls, BiConsumer<Connection, Collector> harm) throws Exception {
        Collector peer = new Collector(Integer.MAX_VALUE);
        Sender sender = new Sender() {
            @Override
            public void opened(Connection connection) {
                connection.transfer(file, 0, CONTENT.length);
                super.opened(connection);
            }
        };
        connect(tls, sender, peer);
        Connection connection = next(sender.opened);
        // Before it is reset: the end of a connection that is not there yet would be one that was refused.
        Connection reading = next(peer.opened);
        Loopback.run(connection, () -> harm.accept(connection, peer));
        Loopback.run(reading, reading::resumeReading);
        CloseCause cause = next(sender.closed);
        assertThat(cause.kind()).isEqualTo(CloseCause.Kind.UNREADABLE);
        assertThat(cause.cause()).get().isInstanceOf(UnreadableFileException.class);
        next(peer.closed);
        assertThat(peer.events).doesNotContain("ended");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stopsReadingFromAPeerThatDoesNotRead(boolean tls) throws Exception {
        Loopback.Echo echo = new Loopback.Echo();
        Sender flood = new Sender() {
            private int sent;

            @Override
            public void received(Connection connection, ByteBuffer in) {
                in.position(in.limit());
            }

            @Override
            public void opened(Connection connection) {
                connection.pauseReading();
                writable(connection);
                super.opened(connection);
            }

            @Override
            public void writable(Connection connection) {
                while (connection.unsent() <= Connection.UNSENT_BOUND && sent < 2 * CONTENT.length) {
                    ByteBuffer out = connection.output(Connection.BUFFER_OCTETS);
                    sent += out.remaining();
                    out.position(out.limit());
                    most = Math.max(most, connection.unsent());
                }
                connection.flush();
                if (sent >= 2 * CONTENT.length) {
                    events.add("all");
                }
            }
        };
        connect(tls, echo, flood);
        Connection writer = next(flood.opened);
        Connection echoing = next(echo.opened);
        long held = Loopback.on(echoing.loop(), echoing::unsent);
        while (held <= Connection.UNSENT_BOUND) {
            held = Loopback.on(echoing.loop(), echoing::unsent);
        }
        assertThat(held).isLessThan(Connection.UNSENT_BOUND + 2 * BufferPool.SEGMENT_OCTETS);
        assertThat(flood.events).isEmpty();
        Loopback.run(writer, writer::resumeReading);
        assertThat(next(flood.events)).isEqualTo("all");
        Loopback.run(writer, writer::abort);
        next(echo.closed);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void holdsNoBufferForIdleConnections(boolean tls) throws Exception {
        List<Loopback.Recorder> clients = new ArrayList<>();
        Loopback.Echo echo = new Loopback.Echo();
        Listener listener = reactor.listen(Loopback.anyPort(), 0, tls ? server() : null, () -> echo);
        for (int i = 0; i < 50; i++) {
            Loopback.Recorder client = new Loopback.Recorder();
            reactor.connect(
                    listener.address(), TimeUnit.SECONDS.toNanos(Loopback.SECONDS), tls ? client() : null, client);
            clients.add(client);
        }
        for (Loopback.Recorder client : clients) {
            Connection connection = next(client.opened);
            Loopback.run(connection, () -> {
                connection.output(4).put("ping".getBytes(US_ASCII));
                connection.flush();
            });
            assertThat(next(client.events)).isEqualTo("ping");
        }
        Loopback.awaitNoBufferLent(reactor);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void refusesWhatCanOnlyBeAMistake(boolean tls) throws Exception {
        Sender sender = new Sender();
        connect(tls, sender, new Collector(1));
        Connection connection = next(sender.opened);
        Loopback.run(connection, () -> {
            assertThatThrownBy(() -> connection.transfer(file, -1, 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> connection.transfer(file, 0, -1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> connection.write(new ByteBuffer[1], 1, 1))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            if (!tls) {
                connection.transfer(file, 0, CONTENT.length);
                assertThatThrownBy(() -> connection.startTls(server(), sender))
                        .isInstanceOf(IllegalStateException.class);
            }
            connection.abort();
        });
        next(sender.closed);
    }

    private void connect(boolean tls, ConnectionHandler sender, ConnectionHandler peer) throws IOException {
        Listener listener = reactor.listen(Loopback.anyPort(), 0, tls ? server() : null, () -> sender);
        reactor.connect(listener.address(), TimeUnit.SECONDS.toNanos(Loopback.SECONDS), tls ? client() : null, peer);
    }

    private static final TlsContext SERVER = TlsContext.selfSigned("localhost");

    private static TlsContext server() {
        return SERVER;
    }

    private static TlsContext client() {
        return TlsContext.client(ClientTrust.insecure(), "localhost");
    }

    private static class Sender extends Loopback.Recorder {
        volatile boolean unsentMuch;
        volatile long most;

        @Override
        public void writable(Connection connection) {
            events.add("writable " + connection.unsent());
        }
    }

    /** Reads nothing until it is told to, and then so many octets. */
    private static final class Collector extends Loopback.Recorder {
        private final int wanted;
        private final ByteArrayOutputStream all = new ByteArrayOutputStream();
        private final CompletableFuture<byte[]> octets = new CompletableFuture<>();

        Collector(int wanted) {
            this.wanted = wanted;
        }

        void read() throws Exception {
            Connection connection = next(opened);
            Loopback.run(connection, connection::resumeReading);
        }

        byte[] octets() throws Exception {
            return octets.get(Loopback.SECONDS, TimeUnit.SECONDS);
        }

        @Override
        public void opened(Connection connection) {
            connection.pauseReading();
            super.opened(connection);
        }

        @Override
        public void received(Connection connection, ByteBuffer in) {
            byte[] got = new byte[in.remaining()];
            in.get(got);
            all.writeBytes(got);
            if (all.size() == wanted) {
                octets.complete(all.toByteArray());
            }
        }

        @Override
        public void inputEnded(Connection connection) {
            events.add("ended");
            connection.close();
        }
    }
}
