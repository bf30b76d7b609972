package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.TestServers.local;
import static dev.ehlo.smtp.server.TestServers.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.EnumSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Content as a stream, a file and an array, over real sockets; the handler is called in place, or may block. */
class ContentTest {
    private static final Reply KEPT = Reply.of(250, "2.0.0", "kept");
    /** Ends in the middle of a block, and is more than is ever kept. */
    private static final String LARGE = "Subject: x\r\n\r\n" + "a line of some length\r\n".repeat(50_001);

    @TempDir
    Path directory;

    private static SmtpServer start(SmtpHandler handler, boolean inline) throws IOException {
        return with(handler, inline)
                .listen(local(Profile.mx().maxMessageOctets(100L << 20)))
                .start();
    }

    private static LineClient ready(SmtpServer server) throws IOException {
        LineClient client = LineClient.connect(server.address("mx"));
        return client.expect("220 ").send("EHLO x\r\n").expect("250-");
    }

    private static LineClient data(LineClient client) throws IOException {
        client.send("MAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
        return client.expect("250 ").expect("250 ").expect("354 ");
    }

    private static <T> T soon(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    private boolean isEmpty() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().isEmpty();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void givesContentAsAStream(boolean inline) throws Exception {
        CompletableFuture<byte[]> read = new CompletableFuture<>();
        SmtpHandler handler = (session, envelope) -> Content.asStream(in -> {
            read.complete(in.readAllBytes());
            assertThat(in.read()).isEqualTo(-1);
            return KEPT;
        });
        try (SmtpServer server = start(handler, inline);
                LineClient client = ready(server)) {
            data(client).send(LARGE + ".\r\n").expect("250 2.0.0 kept");
            assertThat(new String(soon(read), StandardCharsets.ISO_8859_1))
                    .startsWith("Received: ")
                    .endsWith(LARGE);
            data(client).send(".\r\n").expect("250 2.0.0 kept");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void goesOnInStepWhateverAReaderDoes(boolean inline) throws Exception {
        SmtpHandler handler = (session, envelope) ->
                Content.asStream(in -> switch (envelope.reversePath().toString()) {
                    case "head@x" -> Reply.of(550, "5.7.1", "after " + in.readNBytes(8).length);
                    case "none@x" -> KEPT;
                    case "close@x" -> {
                        in.close();
                        assertThatThrownBy(in::read).isInstanceOf(IOException.class);
                        yield KEPT;
                    }
                    case "defect@x" -> throw new IllegalStateException("the secret of the house");
                    default -> Reply.of(354, "what?");
                });
        try (SmtpServer server = start(handler, inline);
                LineClient client = ready(server)) {
            for (String content : new String[] {LARGE, "Subject: x\r\n"}) {
                for (String[] pair : new String[][] {
                    {"head@x", "550 5.7.1 after 8"},
                    {"none@x", "250 2.0.0 kept"},
                    {"close@x", "250 2.0.0 kept"},
                    {"defect@x", "451 4.3.0 Local error in processing"},
                    {"else@x", "451 4.3.0 Local error in processing"},
                }) {
                    client.send("MAIL FROM:<" + pair[0] + ">\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
                    client.expect("250 ").expect("250 ").expect("354 ");
                    client.send(content + ".\r\n").expect(pair[1]);
                }
            }
            client.send("NOOP\r\n").expect("250 ");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tellsAReaderThatTheConnectionIsLost(boolean inline) throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        SmtpHandler handler = (session, envelope) -> Content.asStream(in -> {
            try {
                in.transferTo(java.io.OutputStream.nullOutputStream());
            } catch (IOException e) {
                thrown.complete(e);
                throw e;
            }
            return KEPT;
        });
        try (SmtpServer server = start(handler, inline);
                LineClient client = ready(server)) {
            data(client).send(LARGE).reset();
            assertThat(soon(thrown)).isInstanceOf(IOException.class).hasMessageContaining("lost");
        }
    }

    @Test
    void tellsAReaderThatTheMessageIsRefused() throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        SmtpHandler handler = (session, envelope) -> Content.asStream(in -> {
            try {
                return Reply.of(250, "2.0.0", "all " + in.readAllBytes().length);
            } catch (IOException e) {
                thrown.complete(e);
                throw e;
            }
        });
        try (SmtpServer server = start(handler, true);
                LineClient client = ready(server)) {
            data(client).send(LARGE + "bare\n\r\n.\r\n").expect("550 5.6.11");
            assertThat(soon(thrown)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void doesNotReadFromTheClientWhileTheReaderIsBehind() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        CompletableFuture<Long> read = new CompletableFuture<>();
        SmtpHandler handler = (session, envelope) -> Content.asStream(in -> {
            TestServers.await(slow);
            read.complete(in.transferTo(java.io.OutputStream.nullOutputStream()));
            return KEPT;
        });
        // More than the buffers of any two sockets take.
        String huge = LARGE.repeat(40);
        try (SmtpServer server = start(handler, true);
                LineClient client = ready(server);
                LineClient other = ready(server)) {
            data(client);
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    client.send(huge + ".\r\n");
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            for (int i = 0; i < 50; i++) {
                other.send("NOOP\r\n").expect("250 ");
            }
            assertThat(sent).isNotDone();
            slow.countDown();
            soon(sent);
            client.expect("250 2.0.0 kept");
            assertThat(soon(read)).isGreaterThan(huge.length());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void givesContentInAFileOfItsOwnerAlone(boolean inline) throws Exception {
        CompletableFuture<String> read = new CompletableFuture<>();
        SmtpHandler handler = (session, envelope) -> Content.asFile(directory, file -> {
            assertThat(file.getParent()).isEqualTo(directory);
            assertThat(Files.getPosixFilePermissions(file))
                    .isEqualTo(EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
            read.complete(Files.readString(file, StandardCharsets.ISO_8859_1));
            return KEPT;
        });
        try (SmtpServer server = start(handler, inline);
                LineClient client = ready(server)) {
            data(client).send(LARGE + ".\r\n").expect("250 2.0.0 kept");
            assertThat(soon(read)).startsWith("Received: ").endsWith(LARGE);
            assertThat(isEmpty()).isTrue();
        }
    }

    @Test
    void leavesAFileThatWasMovedAndDeletesOneThatWasNot() throws Exception {
        Path inbox = Files.createDirectory(directory.resolve("inbox"));
        Path drafts = Files.createDirectory(directory.resolve("drafts"));
        SmtpHandler handler = (session, envelope) -> Content.asFile(drafts, file -> {
            if (envelope.reversePath().isNull()) {
                throw new IOException("the secret of the house");
            }
            Files.move(file, inbox.resolve(file.getFileName()));
            return KEPT;
        });
        try (SmtpServer server = start(handler, true);
                LineClient client = ready(server)) {
            data(client).send(LARGE + ".\r\n").expect("250 2.0.0 kept");
            client.send("MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
            client.expect("250 ").expect("250 ").expect("354 ");
            client.send(LARGE + ".\r\n").expect("451 4.3.0 Local error in processing");
            assertThat(inbox).isDirectoryContaining("regex:.*content-.*\\.eml");
            assertThat(drafts).isEmptyDirectory();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void deletesTheFileOfAMessageThatDoesNotBecomeWhole(boolean inline) throws Exception {
        SmtpHandler handler = (session, envelope) -> Content.asFile(directory, file -> {
            throw new AssertionError("not to be called");
        });
        try (SmtpServer server = start(handler, inline)) {
            try (LineClient client = ready(server)) {
                data(client).send(LARGE + "bare\n\r\n.\r\n").expect("550 5.6.11");
                data(client).send(LARGE);
                Awaitility.await().atMost(Duration.ofSeconds(40)).until(() -> !isEmpty());
                client.reset();
            }
            Awaitility.await().atMost(Duration.ofSeconds(40)).until(this::isEmpty);
        }
    }

    @Test
    void answersForADirectoryThatIsNotThere() throws Exception {
        SmtpHandler handler = (session, envelope) -> Content.asFile(directory.resolve("gone"), file -> KEPT);
        try (SmtpServer server = start(handler, true);
                LineClient client = ready(server)) {
            data(client).send(LARGE + ".\r\n").expect("451 4.3.0 Local error in processing");
            client.send("NOOP\r\n").expect("250 ");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void givesContentInMemoryUpToABound(boolean inline) throws Exception {
        CompletableFuture<byte[]> read = new CompletableFuture<>();
        SmtpHandler handler = (session, envelope) -> Content.asBytes(LARGE.length(), content -> {
            read.complete(content);
            return KEPT;
        });
        try (SmtpServer server = start(handler, inline);
                LineClient client = ready(server)) {
            data(client).send(LARGE + ".\r\n").expect("552 5.3.4 ");
            assertThat(read).isNotDone();
            String less = LARGE.substring(0, 900_002);
            data(client).send(less + "\r\n.\r\n").expect("250 2.0.0 kept");
            assertThat(new String(soon(read), StandardCharsets.ISO_8859_1))
                    .startsWith("Received: ")
                    .endsWith(less + "\r\n");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Content.asBytes(-1, content -> KEPT));
    }
}
