package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.TestServers.builder;
import static dev.ehlo.smtp.server.TestServers.local;
import static dev.ehlo.smtp.server.TestServers.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.ehlo.smtp.server.session.HandlerKind;
import dev.ehlo.smtp.server.session.MailRoom;
import dev.ehlo.smtp.server.session.TranscriptTest;
import dev.ehlo.smtp.testkit.Transcript;
import dev.ehlo.smtp.tls.LoopHealth;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class SmtpServerTest {
    static List<Path> dialogues() throws Exception {
        List<Path> dialogues = new ArrayList<>(TranscriptTest.dialogues());
        // These have handlers throw, which is logged, and was shown without sockets.
        dialogues.removeIf(TranscriptTest::hasAllLogins);
        dialogues.removeIf(d -> d.toString().endsWith("mx-refusals.smtp")
                || d.toString().endsWith("mx-content.smtp")
                || d.toString().endsWith("submissions-auth.smtp"));
        return dialogues;
    }

    @ParameterizedTest
    @MethodSource("dialogues")
    void keepsToTheDialogueOverSockets(Path dialogue) throws IOException {
        Profile profile = TranscriptTest.profile(dialogue);
        for (HandlerKind kind : HandlerKind.values()) {
            try (SmtpServer server = with(new MailRoom(), kind)
                    .honouring(TranscriptTest.honoured(dialogue))
                    .listen(local(profile))
                    .start()) {
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
    @EnumSource(HandlerKind.class)
    void takesMailInEachTlsMode(HandlerKind kind) throws IOException {
        MailRoom room = new MailRoom();
        try (SmtpServer server = with(room, kind)
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
                            "\r\nSubject: 2\r\nFrom: <alice@example.org>\r\nDate: .*\r\nMessage-ID: <.*@mx.example.org>\r\n\r\n8-bit \u00e4\r\n$");
            assertThat(messages.get(2).content()).contains("\r\nSubject: 3\r\nFrom: ");
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
            // Not worth a handshake.
            assertThatThrownBy(() -> LineClient.connectTls(server.address("submissions")))
                    .isInstanceOf(IOException.class);
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
                LineClient one = LineClient.connect(server.address("mx"))) {
            // Greeted in turn, since two loops that accept at once may count the last connection first.
            one.expect("220 ");
            try (LineClient other = LineClient.connect(server.address("mx"))) {
                other.expect("220 ");
                try (LineClient many = LineClient.connect(server.address("mx"))) {
                    many.expect("421 4.7.0 ").expectEnd();
                }
            }
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
                .matches("session=[0-9a-z]+ client=127\\.0\\.0\\.1:\\d+ profile=submissions"
                        + " login-failed=eve\\\\u000D\\\\u000A mechanism=PLAIN reason=bad-credentials");
        assertThat(lines.list).noneMatch(line -> line.getFormattedMessage().contains("hunter2"));
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
    void countsAndDrainsConnectionsInTheirHandshake() throws Exception {
        try (SmtpServer server = with(new MailRoom(), true)
                        .maxConnections(2, 2)
                        .listen(local(Profile.mx()))
                        .listen(local(Profile.submissions()))
                        .start();
                LineClient starting = LineClient.connect(server.address("mx"));
                LineClient implicit = LineClient.connect(server.address("submissions"))) {
            starting.expect("220 ").send("STARTTLS\r\n").expect("220 ");
            while (server.connections() < 2) { // accepted on another loop
                Thread.onSpinWait();
            }
            try (LineClient many = LineClient.connect(server.address("mx"))) {
                many.expect("421 4.7.0 Too many connections").expectEnd();
            }
            CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> server.drain(Duration.ofSeconds(60)));
            starting.expectEnd();
            implicit.expectEnd();
            drained.get(60, TimeUnit.SECONDS);
            assertThat(server.connections()).isZero();
            assertThat(server.health())
                    .extracting(LoopHealth::connections)
                    .allSatisfy(count -> assertThat(count).isZero());
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
                        .tls(TestServers.TLS)
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
