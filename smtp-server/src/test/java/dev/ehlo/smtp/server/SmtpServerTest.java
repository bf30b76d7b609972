package dev.ehlo.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.server.session.MailRoom;
import dev.ehlo.smtp.server.session.TranscriptTest;
import dev.ehlo.smtp.testkit.Transcript;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class SmtpServerTest {
    private static final TlsContext TLS = TlsContext.selfSigned("localhost");

    private static Profile local(Profile profile) {
        return profile.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private static SmtpServerBuilder builder() {
        return SmtpServer.builder()
                .hostname("mx.example.org")
                .loops(2)
                .localDomains(List.of("example.org"))
                .authenticator((login, password) -> {
                    if (login.equals("broken")) {
                        throw new IllegalStateException("the secret of the house");
                    }
                    return login.equals("alice") && password.equals("secret") ? Optional.of("alice") : Optional.empty();
                })
                .tls(TLS);
    }

    private static SmtpServerBuilder with(SmtpHandler handler, boolean inline) {
        return inline ? builder().inlineHandler(handler) : builder().handler(handler);
    }

    static List<Path> dialogues() throws Exception {
        List<Path> dialogues = new ArrayList<>(TranscriptTest.dialogues());
        // These have handlers throw, which is logged, and was shown without sockets.
        dialogues.removeIf(d -> d.toString().endsWith("mx-refusals.smtp")
                || d.toString().endsWith("mx-content.smtp")
                || d.toString().endsWith("submissions-auth.smtp"));
        return dialogues;
    }

    @ParameterizedTest
    @MethodSource("dialogues")
    void keepsToTheDialogueOverSockets(Path dialogue) throws IOException {
        Profile profile = TranscriptTest.profile(dialogue);
        for (boolean inline : new boolean[] {true, false}) {
            try (SmtpServer server =
                    with(new MailRoom(), inline).listen(local(profile)).start()) {
                InetSocketAddress address = server.address(profile.name());
                if (profile.name().equals("submissions")) {
                    Transcript.parse(dialogue).runImplicitTls(address, LineClient.trusting());
                } else {
                    Transcript.parse(dialogue).run(address, LineClient.trusting());
                }
            }
        }
    }

    private static void submit(LineClient client, String content) throws IOException {
        client.send("AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n").expect("235 ");
        client.send("MAIL FROM:<alice@example.org>\r\nRCPT TO:<b@remote.example>\r\nDATA\r\n")
                .expect("250 ")
                .expect("250 ")
                .expect("354 ");
        client.send(content).send(".\r\n").expect("250 ");
        client.send("QUIT\r\n").expect("221 ").expectEnd();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void takesMailInEachTlsMode(boolean inline) throws IOException {
        MailRoom room = new MailRoom();
        try (SmtpServer server = with(room, inline)
                .listen(local(Profile.mx()))
                .listen(local(Profile.submission()))
                .listen(local(Profile.submissions()))
                .start()) {
            try (LineClient client = LineClient.connect(server.address("mx"))) {
                client.expect("220 mx.example.org ESMTP").send("EHLO me\r\n").expect("250-");
                client.send("MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
                        .expect("250 ")
                        .expect("250 ")
                        .expect("354 ");
                client.send("Subject: 1\r\n\r\n..\r\n.\r\n").expect("250 ");
            }
            try (LineClient client = LineClient.connect(server.address("submission"))) {
                client.expect("220 ").send("STARTTLS\r\n").expect("220 ");
                client.turnToTls();
                client.send("EHLO me\r\n").expect("250-");
                submit(client, "Subject: 2\r\n\r\n8-bit \u00e4\r\n");
            }
            try (LineClient client = LineClient.connectTls(server.address("submissions"))) {
                client.expect("220 ").send("EHLO me\r\n").expect("250-");
                submit(client, "Subject: 3\r\n\r\n");
            }
            List<MailRoom.Message> messages = room.messages;
            assertThat(messages).hasSize(3);
            assertThat(messages.get(0).session().tls()).isEmpty();
            assertThat(messages.get(0).content()).contains(" with ESMTP id ").endsWith("\r\nSubject: 1\r\n\r\n.\r\n");
            assertThat(messages.get(1).session().tls()).isPresent();
            assertThat(messages.get(1).session().login()).contains("alice");
            assertThat(messages.get(1).content())
                    .contains(" with ESMTPSA id ")
                    .doesNotContain("127.0.0.1")
                    .containsPattern(
                            "\r\nSubject: 2\r\nDate: .*\r\nMessage-ID: <.*@mx.example.org>\r\n\r\n8-bit \u00e4\r\n$");
            assertThat(messages.get(2).content()).contains("\r\nSubject: 3\r\nDate: ");
        }
    }

    @Test
    void refusesAConnectionTooManyOfOneClient() throws IOException {
        try (SmtpServer server = with(new MailRoom(), true)
                        .maxConnections(10, 2)
                        .listen(local(Profile.mx()))
                        .listen(local(Profile.submissions()))
                        .start();
                LineClient one = LineClient.connect(server.address("mx"));
                LineClient other = LineClient.connectTls(server.address("submissions"))) {
            one.expect("220 ").send("STARTTLS\r\n").expect("220 ");
            one.turnToTls();
            one.send("EHLO x\r\n").expect("250-");
            other.expect("220 ");
            try (LineClient many = LineClient.connect(server.address("mx"))) {
                many.expect("421 4.7.0 Too many connections").expectEnd();
            }
            try (LineClient many = LineClient.connectTls(server.address("submissions"))) {
                many.expect("421 4.7.0 Too many connections").expectEnd();
            }
            assertThat(server.connections()).isEqualTo(2);
            one.send("QUIT\r\n").expect("221 ").expectEnd();
            // The place is given back, perhaps a moment after the client has seen the end.
            while (true) {
                try (LineClient next = LineClient.connect(server.address("mx"))) {
                    if (next.reply().startsWith("220 ")) {
                        break;
                    }
                }
            }
        }
    }

    @Test
    void boundsATrustedNetworkByTheConnectionsInAllAlone() throws IOException {
        try (SmtpServer server = with(new MailRoom(), true)
                        .relayFrom(List.of(Network.parse("127.0.0.0/8")))
                        .maxConnections(2, 1)
                        .listen(local(Profile.mx()))
                        .start();
                LineClient one = LineClient.connect(server.address("mx"));
                LineClient other = LineClient.connect(server.address("mx"));
                LineClient many = LineClient.connect(server.address("mx"))) {
            one.expect("220 ");
            other.expect("220 ");
            many.expect("421 4.7.0 ").expectEnd();
        }
    }

    @Test
    void logsAFailedLoginWithoutItsPassword() throws IOException {
        Logger log = (Logger) LoggerFactory.getLogger("dev.ehlo.smtp.server");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        log.addAppender(lines);
        try (SmtpServer server = with(new MailRoom(), true)
                        .listen(local(Profile.submissions()))
                        .start();
                LineClient client = LineClient.connectTls(server.address("submissions"))) {
            client.expect("220 ").send("EHLO x\r\n").expect("250-");
            // eve, CR, LF and a password
            client.send("AUTH PLAIN AGV2ZQ0KAGh1bnRlcjI=\r\n").expect("535 ");
            client.send("QUIT\r\n").expect("221 ").expectEnd();
        } finally {
            log.detachAppender(lines);
        }
        assertThat(lines.list)
                .filteredOn(line -> line.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .singleElement(InstanceOfAssertFactories.STRING)
                .matches("session [0-9a-z]+: login eve\\\\u000D\\\\u000A from 127\\.0\\.0\\.1 failed");
        assertThat(lines.list).noneMatch(line -> line.getFormattedMessage().contains("hunter2"));
    }

    @Test
    void closesOnOctetsBehindStartTls() throws IOException {
        try (SmtpServer server =
                        with(new MailRoom(), true).listen(local(Profile.mx())).start();
                LineClient client = LineClient.connect(server.address("mx"))) {
            client.expect("220 ")
                    .send("STARTTLS\r\nRSET\r\n")
                    .expect("554 5.5.0 ")
                    .expectEnd();
        }
    }

    @Test
    void tellsASilentClientThatTimeIsOver() throws IOException {
        Profile hasty = local(Profile.mx()).timeouts(Duration.ofMillis(100), Duration.ofMillis(100));
        try (SmtpServer server = with(new MailRoom(), true).listen(hasty).start()) {
            try (LineClient client = LineClient.connect(server.address("mx"))) {
                client.expect("220 ").expect("421 4.4.2 ").expectEnd();
            }
            try (LineClient client = LineClient.connect(server.address("mx"))) {
                client.expect("220 ").send("HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\n");
                client.expect("250 ").expect("250 ").expect("250 ");
                client.send("DATA\r\n")
                        .expect("354 ")
                        .send("half")
                        .expect("421 4.4.2 ")
                        .expectEnd();
            }
        }
    }

    @Test
    void doesNotHoldATimeLimitAgainstAClientThatWaitsForTheHandler() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        SmtpHandler slow = new SmtpHandler() {
            @Override
            public Reply mail(SessionInfo session, ReversePath reversePath, EsmtpParameters parameters) {
                asked.countDown();
                await(release);
                return YES;
            }

            @Override
            public MessageSink data(SessionInfo session, Envelope envelope) throws IOException {
                throw new IOException("none");
            }
        };
        Profile hasty = local(Profile.mx()).timeouts(Duration.ofMillis(300), Duration.ofMillis(300));
        try (SmtpServer server = with(slow, false).listen(hasty).start();
                LineClient waiting = LineClient.connect(server.address("mx"));
                LineClient silent = LineClient.connect(server.address("mx"))) {
            waiting.expect("220 ").send("HELO x\r\n").expect("250 ");
            waiting.send("MAIL FROM:<>\r\n");
            await(asked);
            // Another session goes on meanwhile, and its time limit passes for it alone.
            silent.expect("220 ").send("NOOP\r\n").expect("250 ").expect("421 4.4.2 ");
            release.countDown();
            waiting.expect("250 ");
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                throw new AssertionError("not released");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void letsABlockingSinkBeSlowerThanItsClient() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        SmtpHandler handler = (session, envelope) -> new MessageSink() {
            @Override
            public void write(ByteBuffer slice) {
                await(release);
                byte[] octets = new byte[slice.remaining()];
                slice.get(octets);
                taken.writeBytes(octets);
            }

            @Override
            public CompletionStage<Reply> complete() {
                return CompletableFuture.supplyAsync(() -> SmtpHandler.YES);
            }

            @Override
            public void abort() {
                throw new AssertionError();
            }
        };
        StringBuilder content = new StringBuilder();
        for (int i = 0; content.length() < 10 << 20; i++) {
            content.append("line ").append(i).append(" of a large message\r\n");
        }
        try (SmtpServer server =
                        with(handler, false).listen(local(Profile.mx())).start();
                LineClient client = LineClient.connect(server.address("mx"))) {
            client.expect("220 ").send("EHLO x\r\n").expect("250-");
            client.send("MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
                    .expect("250 ")
                    .expect("250 ")
                    .expect("354 ");
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    client.send("\r\n" + content + ".\r\n");
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            try (LineClient other = LineClient.connect(server.address("mx"))) {
                other.expect("220 ").send("QUIT\r\n").expect("221 ");
            }
            assertThat(sent).isNotDone();
            release.countDown();
            client.expect("250 ");
            sent.join();
        }
        String text = taken.toString(StandardCharsets.US_ASCII);
        assertThat(text.substring(text.indexOf("\r\n\r\n") + 4)).isEqualTo(content.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"write", "complete"})
    void answersForABlockingSinkThatEndsInAnError(String where) throws Exception {
        CountDownLatch aborted = new CountDownLatch(1);
        SmtpHandler handler = (session, envelope) -> new MessageSink() {
            @Override
            public void write(ByteBuffer slice) {
                slice.position(slice.limit());
                failAt("write");
            }

            @Override
            public CompletionStage<Reply> complete() {
                failAt("complete");
                return CompletableFuture.completedFuture(SmtpHandler.YES);
            }

            @Override
            public void abort() {
                aborted.countDown();
                failAt("write");
            }

            private void failAt(String place) {
                if (where.equals(place)) {
                    throw new StackOverflowError("the secret of the house");
                }
            }
        };
        try (SmtpServer server =
                        with(handler, false).listen(local(Profile.mx())).start();
                LineClient client = LineClient.connect(server.address("mx"))) {
            client.expect("220 ").send("EHLO x\r\n").expect("250-");
            for (int octets : new int[] {1, 1 << 20}) {
                client.send("MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
                        .expect("250 ")
                        .expect("250 ")
                        .expect("354 ");
                client.send("x".repeat(octets) + "\r\n.\r\n").expect("451 4.3.0 ");
            }
            if (where.equals("write")) {
                await(aborted);
            }
        }
    }

    @Test
    void answersForAHandlerAndAnAuthenticatorThatEndInAnError() throws IOException {
        SmtpHandler handler = new SmtpHandler() {
            @Override
            public Reply mail(SessionInfo session, ReversePath reversePath, EsmtpParameters parameters) {
                throw new StackOverflowError("the secret of the house");
            }

            @Override
            public MessageSink data(SessionInfo session, Envelope envelope) throws IOException {
                throw new IOException("none");
            }
        };
        SmtpServerBuilder builder = with(handler, false).authenticator((login, password) -> {
            if (password.equals("secret")) {
                return Optional.of(login);
            }
            throw new StackOverflowError("the secret of the house");
        });
        try (SmtpServer server = builder.listen(local(Profile.submissions())).start();
                LineClient client = LineClient.connectTls(server.address("submissions"))) {
            client.expect("220 ").send("EHLO x\r\n").expect("250-");
            client.send("AUTH PLAIN AGFsaWNlAHdyb25n\r\n").expect("454 4.7.0 ");
            client.send("AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n").expect("235 ");
            client.send("MAIL FROM:<alice@example.org>\r\n").expect("451 4.3.0 ");
            client.send("QUIT\r\n").expect("221 ").expectEnd();
        }
    }

    @Test
    void stopsReadingFromAClientThatDoesNotReadItsReplies() throws Exception {
        SessionLimits limits =
                new SessionLimits(1000, 10, Duration.ofMinutes(5), Duration.ofMinutes(5), 10, 10_000_000, 10, 3);
        int commands = 500_000;
        try (SmtpServer server = with(new MailRoom(), true)
                        .listen(local(Profile.mx()).limits(limits))
                        .start();
                LineClient client = LineClient.connectNarrow(server.address("mx"))) {
            client.expect("220 ");
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < commands / 1000; i++) {
                        client.send("NOOP\r\n".repeat(1000));
                    }
                    client.send("QUIT\r\n");
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            try (LineClient other = LineClient.connect(server.address("mx"))) {
                other.expect("220 ").send("QUIT\r\n").expect("221 ");
            }
            for (int i = 0; i < commands; i++) {
                String reply = client.reply();
                if (!reply.equals("250 2.0.0 OK")) {
                    throw new AssertionError("reply " + i + " is " + reply);
                }
            }
            client.expect("221 ").expectEnd();
            sent.join();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void abortsAClientThatNeverReadsItsReplies(boolean inline) throws IOException {
        String[] lines = new String[20];
        Arrays.fill(lines, "long ".repeat(80));
        SmtpHandler talkative = new SmtpHandler() {
            @Override
            public Reply mail(SessionInfo session, ReversePath reversePath, EsmtpParameters parameters) {
                return Reply.of(250, lines);
            }

            @Override
            public MessageSink data(SessionInfo session, Envelope envelope) throws IOException {
                throw new IOException("none");
            }
        };
        Profile hasty = local(Profile.mx())
                .limits(new SessionLimits(
                        1000, 10, Duration.ofMillis(300), Duration.ofMillis(300), 10, 10_000_000, 10, 3));
        try (SmtpServer server = with(talkative, inline).listen(hasty).start();
                LineClient client = LineClient.connectNarrow(server.address("mx"))) {
            client.expect("220 ").send("HELO x\r\n").expect("250 ");
            assertThatThrownBy(() -> {
                        while (true) {
                            client.send("MAIL FROM:<>\r\nRSET\r\n".repeat(100));
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void answersAllThatCameBeforeTheClientEndedItsOutput(boolean inline) throws IOException {
        try (SmtpServer server =
                        with(new MailRoom(), inline).listen(local(Profile.mx())).start();
                LineClient client = LineClient.connect(server.address("mx"))) {
            client.expect("220 ").send("EHLO x\r\n").expect("250-");
            client.send("MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nNOOP\r\nNO").endOutput();
            client.expect("250 ").expect("250 ").expect("250 ").expectEnd();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void forgetsAMessageWhoseConnectionIsLost(boolean inline) throws Exception {
        MailRoom room = new MailRoom();
        try (SmtpServer server = with(room, inline).listen(local(Profile.mx())).start();
                LineClient client = LineClient.connect(server.address("mx"))) {
            client.expect("220 ").send("HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\n");
            client.expect("250 ").expect("250 ").expect("250 ");
            client.send("DATA\r\n").expect("354 ").send("half a message\r\n").reset();
            assertThat(room.aborted.poll(20, TimeUnit.SECONDS)).isNotNull();
            assertThat(room.messages).isEmpty();
        }
    }

    @Test
    void letsEachSessionEndWhatItIsAboutWhenItDrains() throws Exception {
        MailRoom room = new MailRoom();
        try (SmtpServer server = with(room, false).listen(local(Profile.mx())).start();
                LineClient idle = LineClient.connect(server.address("mx"));
                LineClient busy = LineClient.connect(server.address("mx"))) {
            idle.expect("220 ").send("HELO x\r\n").expect("250 ");
            busy.expect("220 ").send("HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\n");
            busy.expect("250 ").expect("250 ").expect("250 ").send("DATA\r\n").expect("354 ");
            CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> server.drain(Duration.ofSeconds(60)));
            idle.expect("421 4.3.2 ").expectEnd();
            assertThat(drained).isNotDone();
            busy.send("Subject: x\r\n\r\n.\r\n")
                    .expect("250 ")
                    .expect("421 4.3.2 ")
                    .expectEnd();
            drained.get(60, TimeUnit.SECONDS);
            assertThat(server.connections()).isZero();
            assertThat(room.messages).hasSize(1);
            assertThatThrownBy(() -> LineClient.connect(server.address("mx")).expect("220 "))
                    .isInstanceOfAny(IOException.class, AssertionError.class);
        }
    }

    @Test
    void abortsWhatIsLeftWhenThePatienceIsOver() throws Exception {
        MailRoom room = new MailRoom();
        try (SmtpServer server = with(room, true).listen(local(Profile.mx())).start();
                LineClient busy = LineClient.connect(server.address("mx"))) {
            busy.expect("220 ").send("HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\n");
            busy.expect("250 ").expect("250 ").expect("250 ").send("DATA\r\n").expect("354 ");
            server.drain(Duration.ofMillis(10));
            assertThat(room.aborted.poll(20, TimeUnit.SECONDS)).isNotNull();
        }
    }

    @Test
    void leavesNothingOpenWhenAPortIsInUse() throws IOException {
        int free;
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = probe.getLocalPort();
        }
        InetSocketAddress first = new InetSocketAddress(InetAddress.getLoopbackAddress(), free);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress second = new InetSocketAddress(taken.getInetAddress(), taken.getLocalPort());
            SmtpServerBuilder builder = with(new MailRoom(), true)
                    .listen(Profile.mx().at(first))
                    .listen(Profile.submission().at(second));
            assertThatThrownBy(builder::start).isInstanceOf(BindException.class);
        }
        try (ServerSocket again = new ServerSocket(free, 1, InetAddress.getLoopbackAddress())) {
            assertThat(again.getLocalPort()).isEqualTo(free);
        }
    }

    @Test
    void saysWhatIsMissing() {
        SmtpHandler handler = new MailRoom();
        assertThatIllegalStateException()
                .isThrownBy(() -> SmtpServer.builder()
                        .handler(handler)
                        .listen(Profile.mx())
                        .start())
                .withMessageContaining("hostname");
        assertThatIllegalStateException()
                .isThrownBy(() -> SmtpServer.builder()
                        .hostname("a.example")
                        .listen(Profile.mx())
                        .start())
                .withMessageContaining("handler");
        assertThatIllegalStateException()
                .isThrownBy(() -> SmtpServer.builder()
                        .hostname("a.example")
                        .handler(handler)
                        .listen(Profile.submissions())
                        .start())
                .withMessageContaining("submissions needs TLS");
        assertThatIllegalStateException()
                .isThrownBy(() -> SmtpServer.builder()
                        .hostname("a.example")
                        .handler(handler)
                        .tls(TLS)
                        .listen(Profile.submission())
                        .start())
                .withMessageContaining("authenticator");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SmtpServer.builder().listen(Profile.mx()).listen(Profile.mx()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SmtpServer.builder().hostname("no name"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SmtpServer.builder().maxConnections(1, 0));
    }
}
