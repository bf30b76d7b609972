package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ControlSocketTest {
    @TempDir
    private Path scratch;

    private final CountDownLatch go = new CountDownLatch(1);
    private final BlockingQueue<List<String>> asked = new LinkedBlockingQueue<>();
    private final Map<String, ControlSocket.Verb> verbs = Map.of(
            "few",
                    ControlSocket.Verb.few(3, (arguments, lines) -> {
                        for (int i = 0; i < 100_000; i++) {
                            lines.say("line", "0123456789".repeat(10));
                        }
                    }),
            "tell",
                    ControlSocket.Verb.brief(arguments -> {
                        asked.add(arguments);
                        return Map.of("said", "a\r\nb");
                    }),
            "fail",
                    (arguments, lines) -> {
                        throw new IOException("not\ntoday");
                    },
            "much",
                    (arguments, lines) -> {
                        for (int i = 0; i < 10_000; i++) {
                            lines.say("line", "0123456789".repeat(10));
                        }
                        throw new IOException("and then the disk was gone");
                    },
            "wait",
                    (arguments, lines) -> {
                        lines.say("waiting", "");
                        try {
                            go.await();
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                    });
    private ControlSocket socket;

    private Path file() {
        return scratch.resolve("socket");
    }

    @BeforeEach
    void listen() throws Exception {
        socket = ControlSocket.listen(file(), verbs);
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
        assertThat(file()).doesNotExist();
    }

    private String ask(String request) throws IOException {
        try (ControlConnection connection = connect()) {
            connection.write(request);
            return connection.readAll(10_000);
        }
    }

    private ControlConnection connect() throws IOException {
        return new ControlConnection(SocketChannel.open(UnixDomainSocketAddress.of(file())), Duration.ofSeconds(20));
    }

    @Test
    void answersInLines() throws Exception {
        assertThat(ask("tell one  two \r\n")).isEqualTo("ok\nsaid a\\u000d\\u000ab\n");
        assertThat(asked.take()).containsExactly("one", "two");
        assertThat(ask("fail\n")).isEqualTo("failed not\\u000atoday\n");
        assertThat(ask("no\u001bne\n"))
                .isEqualTo("failed no such request: no\\u001bne; there are fail, few, much, tell, wait\n");
        assertThat(ask("\n")).startsWith("failed no such request: ;");
    }

    @Test
    void sendsALongAnswerAsItComesAndSaysWhereItFailed() throws Exception {
        try (ControlConnection connection = connect()) {
            connection.write("much\n");
            assertThat(connection.readLine(100)).isEqualTo("ok");
            for (int i = 0; i < 10_000; i++) {
                assertThat(connection.readLine(200)).startsWith("line 0123456789");
            }
            assertThat(connection.readLine(100)).isEqualTo("failed and then the disk was gone");
            assertThat(connection.readLine(100)).isEmpty();
        }
    }

    @Test
    void goesOnWhenNobodyReadsALongAnswer() throws Exception {
        try (ControlConnection connection = connect()) {
            connection.write("much\n");
            assertThat(connection.readLine(100)).isEqualTo("ok");
        }
        assertThat(ask("tell\n")).startsWith("ok\n");
    }

    @Test
    void answersOthersWhileOneWaits() throws Exception {
        try (ControlConnection waiting = connect()) {
            waiting.write("wait\n");
            assertThat(ask("tell\n")).startsWith("ok\n");
            go.countDown();
            assertThat(waiting.readAll(100)).isEqualTo("ok\nwaiting \n");
        }
    }

    @Test
    void answersOthersHoweverManyReadALongAnswerSlowly() throws Exception {
        List<ControlConnection> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                slow.add(connect());
                slow.get(i).write("few\n");
                assertThat(slow.get(i).readLine(100)).isEqualTo("ok");
            }
            for (int i = 0; i < 2; i++) {
                assertThat(ask("few\n"))
                        .isEqualTo("failed 3 of these are being answered: try again when one is over\n");
            }
            assertThat(ask("tell\n")).startsWith("ok\n");
        } finally {
            for (ControlConnection each : slow) {
                each.close();
            }
        }
    }

    @Test
    void isForItsOwnerAlone() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void givesUpOneWhoSaysTooMuch() throws Exception {
        assertThatThrownBy(() -> {
                    String answer = ask("x".repeat(10 * ControlSocket.REQUEST_OCTETS));
                    assertThat(answer).isEmpty();
                    throw new IOException("closed in order");
                })
                .isInstanceOf(IOException.class);
        assertThat(asked).isEmpty();
        assertThat(ask("tell\n")).startsWith("ok\n");
    }

    @Test
    void givesUpOneWhoSaysNothingAndServesTheNext() throws Exception {
        try (ControlConnection silent = connect()) {
            assertThat(ask("tell\n")).startsWith("ok\n");
            assertThat(silent.readAll(10)).isEmpty();
        }
    }

    @Test
    void takesThePlaceOfASocketThatIsLeftAndOfNoOther() throws Exception {
        Path left = scratch.resolve("left");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(left));
        }
        assertThat(left).exists();
        ControlSocket.listen(left, verbs).close();

        assertThatThrownBy(() -> ControlSocket.listen(file(), verbs))
                .isInstanceOf(Failure.class)
                .hasMessageContaining(file().toString());
        assertThat(ask("tell\n")).startsWith("ok\n");
    }

    @Test
    void refusesAPathThatIsTooLong() {
        assertThatThrownBy(() -> ControlSocket.listen(scratch.resolve("x".repeat(120)), verbs))
                .isInstanceOf(IOException.class);
    }

    @Test
    void waitsForAnAnswerOnlySoLong() throws Exception {
        Path mute = scratch.resolve("mute");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(mute));
            try (ControlConnection connection = new ControlConnection(
                    SocketChannel.open(UnixDomainSocketAddress.of(mute)), Duration.ofMillis(50))) {
                assertThatThrownBy(() -> connection.readLine(10)).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void readsALineThatComesInPieces() throws Exception {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(file()))) {
            for (byte octet : "tell me\n".getBytes(StandardCharsets.UTF_8)) {
                channel.write(ByteBuffer.wrap(new byte[] {octet}));
            }
            assertThat(asked.take()).containsExactly("me");
        }
    }
}
