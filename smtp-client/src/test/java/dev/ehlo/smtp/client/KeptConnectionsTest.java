package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static dev.ehlo.smtp.DeliveryStatus.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.testkit.Fault;
import dev.ehlo.smtp.testkit.ManualClock;
import dev.ehlo.smtp.testkit.ReceivedMessage;
import dev.ehlo.smtp.testkit.ReceivedSession;
import dev.ehlo.smtp.testkit.Script;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsPolicy;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that serve one delivery after the other, over real sockets; time stands still unless a test moves it. */
@Timeout(60)
class KeptConnectionsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final TestCertificate CERTIFICATE = TestCertificate.selfSigned("127.0.0.1", "localhost");

    @TempDir
    Path directory;

    private final ManualClock clock = new ManualClock();
    private SmtpClient client = client(ConnectionReuse.standard());

    private SmtpClient client(ConnectionReuse reuse) {
        return SmtpClient.builder()
                .localName("client.example")
                .reuse(reuse)
                .clock(clock::nanoTime)
                .build();
    }

    @AfterEach
    void close() {
        client.close();
    }

    private static Envelope envelope(int number) {
        return Envelope.from("a" + number + "@example.org").to("b" + number + "@example.net");
    }

    private static MessageSource content(int number) {
        String text = "Subject: " + number + "\r\n\r\n" + ("line " + number + "\r\n").repeat(1 + number % 7 * 100);
        return MessageSource.of(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static CompletableFuture<DeliveryReport> deliver(DeliveryAgent agent, int number) {
        return agent.deliver(envelope(number), content(number)).toCompletableFuture();
    }

    private static DeliveryStatus status(CompletableFuture<DeliveryReport> report) throws Exception {
        List<RecipientOutcome> outcomes = report.get(20, TimeUnit.SECONDS).outcomes();
        assertThat(outcomes).hasSize(1);
        return outcomes.get(0).status();
    }

    private DeliveryAgent to(ScriptedPeer peer) {
        return client.to(Smarthost.relay("127.0.0.1", peer.port()));
    }

    @Test
    void messagesInARowGoByOneConnectionWhichIsLeftInOrderAtTheEnd() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            DeliveryAgent agent = to(peer);
            for (int i = 0; i < 10; i++) {
                assertThat(status(deliver(agent, i))).isEqualTo(RELAYED);
            }
            assertThat(peer.sessions()).hasSize(1);
            client.close();
            ReceivedSession session = peer.awaitSessions(1, PATIENCE).get(0);
            assertThat(session.commands()).startsWith("EHLO client.example").endsWith("QUIT");
            assertThat(session.commands()).filteredOn(c -> c.startsWith("EHLO")).hasSize(1);
        }
    }

    @Test
    void theNextDeliveryMayBeAskedForWhereTheOneBeforeIsReported() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            DeliveryAgent agent = to(peer);
            CompletableFuture<DeliveryReport> last = deliver(agent, 0);
            for (int i = 1; i < 50; i++) {
                int number = i;
                last = last.thenCompose(report -> deliver(agent, number));
            }
            assertThat(status(last)).isEqualTo(RELAYED);
            assertThat(peer.sessions()).hasSize(1);
            assertThat(peer.messages()).hasSize(50);
        }
    }

    @Test
    void noTwoMessagesEverShareAConnectionAtATime() throws Exception {
        int lanes = 8;
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            DeliveryAgent agent = to(peer);
            List<CompletableFuture<DeliveryReport>> all = new ArrayList<>();
            for (int lane = 0; lane < lanes; lane++) {
                CompletableFuture<DeliveryReport> last = deliver(agent, lane);
                all.add(last);
                for (int i = lane + lanes; i < 400; i += lanes) {
                    int number = i;
                    last = last.thenCompose(report -> deliver(agent, number));
                    all.add(last);
                }
            }
            for (CompletableFuture<DeliveryReport> each : all) {
                assertThat(status(each)).isEqualTo(RELAYED);
            }
            List<ReceivedMessage> messages = peer.awaitMessages(400, PATIENCE);
            assertThat(messages).hasSize(400);
            for (ReceivedMessage each : messages) {
                int number = Integer.parseInt(each.reversePath().replaceAll("\\D", ""));
                assertThat(each.recipients()).containsExactly("b" + number + "@example.net");
                assertThat(each.text())
                        .startsWith("Subject: " + number + "\r\n")
                        .endsWith("line " + number + "\r\n");
                assertThat((long) each.text().length())
                        .isEqualTo(content(number).octets());
            }
            assertThat(peer.sessions())
                    .as("no more than were asked for at once")
                    .hasSizeBetween(1, lanes);
        }
    }

    @Test
    void aConnectionIsLeftWhenNobodyHasNeededItForAWhile() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting();
                ScriptedPeer other = ScriptedPeer.accepting()) {
            status(deliver(to(peer), 1));
            clock.advance(ConnectionReuse.standard().idle().minusMillis(100));
            status(deliver(to(other), 2));
            assertThat(peer.sessions()).noneMatch(ReceivedSession::isEnded);
            clock.advance(Duration.ofMillis(200));
            status(deliver(to(other), 3));
            assertThat(peer.awaitSessions(1, PATIENCE).get(0).commands()).endsWith("QUIT");
            assertThat(other.sessions()).hasSize(1).noneMatch(ReceivedSession::isEnded);
        }
    }

    @Test
    void aConnectionServesSoManyMessagesAndNoMore() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .extensions("PIPELINING", "LIMITS MAILMAX=2")
                .start()) {
            DeliveryAgent agent = to(peer);
            for (int i = 0; i < 5; i++) {
                assertThat(status(deliver(agent, i))).isEqualTo(RELAYED);
            }
            List<ReceivedSession> sessions = peer.awaitSessions(2, PATIENCE);
            assertThat(sessions).hasSize(3);
            assertThat(sessions.subList(0, 2))
                    .allMatch(s -> s.commands().stream()
                                    .filter(c -> c.startsWith("MAIL"))
                                    .count()
                            == 2);
        }
    }

    @Test
    void otherDemandsOnTlsAndOtherLoginsGetConnectionsOfTheirOwn() throws Exception {
        Path ca = directory.resolve("ca.pem");
        CERTIFICATE.writePem(ca, directory.resolve("key.pem"));
        ClientTrust trust = ClientTrust.pem(ca);
        try (ScriptedPeer peer = ScriptedPeer.builder()
                        .startTls(CERTIFICATE.serverContext())
                        .start();
                ScriptedPeer guarded = ScriptedPeer.builder()
                        .startTls(CERTIFICATE.serverContext())
                        .login("user", "secret")
                        .start()) {
            Smarthost any = Smarthost.relay("localhost", peer.port());
            for (int i = 0; i < 2; i++) {
                assertThat(status(deliver(client.to(any), i))).isEqualTo(RELAYED);
            }
            assertThat(peer.sessions()).hasSize(1);
            Smarthost verified = any.trust(trust);
            for (int i = 0; i < 2; i++) {
                assertThat(status(deliver(client.to(verified), i))).isEqualTo(RELAYED);
            }
            assertThat(peer.sessions()).hasSize(2);
            assertThat(status(deliver(client.to(any.trust(ClientTrust.pem(ca))), 3)))
                    .isEqualTo(RELAYED);
            assertThat(peer.sessions()).hasSize(3);
            Smarthost login =
                    Smarthost.submission("localhost").port(guarded.port()).trust(trust);
            DeliveryAgent user = client.to(login.login("user", "secret"));
            for (int i = 0; i < 3; i++) {
                assertThat(status(deliver(user, i))).isEqualTo(RELAYED);
            }
            assertThat(guarded.sessions()).hasSize(1);
            assertThat(guarded.sessions().get(0).isTls()).isTrue();
            assertThat(status(deliver(client.to(login.login("user", "wrong")), 4)))
                    .isEqualTo(DeliveryStatus.DEFERRED);
            assertThat(guarded.sessions()).hasSize(2);
            assertThat(guarded.sessions().get(0).commands())
                    .filteredOn(c -> c.startsWith("AUTH"))
                    .hasSize(1);
        }
    }

    private static Script afterOneMessage() {
        return Script.begin()
                .reply("220 mx.example")
                .expect("EHLO *")
                .reply("250 mx.example")
                .expect("MAIL *")
                .reply("250 ok")
                .expect("RCPT *")
                .reply("250 ok")
                .expect("DATA")
                .reply("354 go")
                .expectContent()
                .reply("250 taken");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8})
    void aKeptConnectionThatTurnsOutToBeGoneIsFollowedByANewOneUnseen(int point) throws Exception {
        Script begun = afterOneMessage().expect("MAIL *");
        Script dying = switch (point) {
            case 0 -> begun.drop();
            case 1 -> begun.reset();
            case 2 -> begun.reply("421 4.4.2 idle for too long").drop();
            case 3 -> begun.reply("250 ok").expect("RCPT *").drop();
            case 4 -> begun.reply("250 ok").expect("RCPT *").reply("421 bye").drop();
            case 5 ->
                begun.reply("250 ok")
                        .expect("RCPT *")
                        .reply("250 ok")
                        .expect("DATA")
                        .drop();
            case 6 ->
                begun.reply("250 ok")
                        .expect("RCPT *")
                        .reply("250 ok")
                        .expect("DATA")
                        .reply("421 bye")
                        .drop();
            case 7 -> afterOneMessage().drop();
            default -> afterOneMessage().reply("421 4.3.2 shutting down").drop();
        };
        try (ScriptedPeer peer = ScriptedPeer.builder().script(dying).start()) {
            DeliveryAgent agent = to(peer);
            assertThat(status(deliver(agent, 1))).isEqualTo(RELAYED);
            assertThat(status(deliver(agent, 2))).isEqualTo(RELAYED);
            assertThat(status(deliver(agent, 3))).isEqualTo(RELAYED);
            assertThat(peer.sessions()).hasSize(2);
            assertThat(peer.messages())
                    .extracting(ReceivedMessage::reversePath)
                    .endsWith("a2@example.org", "a3@example.org");
        }
    }

    @Test
    void aMessageIsNotSentAgainOnceItsEndOfDataWas() throws Exception {
        Script dying = afterOneMessage()
                .expect("MAIL *")
                .reply("250 ok")
                .expect("RCPT *")
                .reply("250 ok")
                .expect("DATA")
                .reply("354 go")
                .expectContent()
                .drop();
        try (ScriptedPeer peer = ScriptedPeer.builder().script(dying).start()) {
            DeliveryAgent agent = to(peer);
            assertThat(status(deliver(agent, 1))).isEqualTo(RELAYED);
            assertThat(status(deliver(agent, 2))).isEqualTo(UNKNOWN);
            assertThat(peer.sessions()).hasSize(1);
        }
    }

    @Test
    void itIsTriedAgainOnceAndNoMore() throws Exception {
        Script dead = Script.begin()
                .reply("220 mx.example")
                .expect("EHLO *")
                .reply("250 mx.example")
                .expect("MAIL *")
                .drop();
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .script(afterOneMessage().expect("MAIL *").drop())
                .script(dead)
                .start()) {
            DeliveryAgent agent = to(peer);
            assertThat(status(deliver(agent, 1))).isEqualTo(RELAYED);
            assertThat(status(deliver(agent, 2))).isEqualTo(NOT_SENT);
            assertThat(peer.sessions()).hasSize(2);
        }
    }

    @Test
    void aReportThatIsMadeCantEndTheConnectionOfAnother() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            DeliveryAgent agent = to(peer);
            CompletableFuture<DeliveryReport> first = deliver(agent, 1);
            status(first);
            CompletableFuture<DeliveryReport> second = deliver(agent, 2);
            assertThat(first.cancel(true)).isFalse();
            assertThat(status(second)).isEqualTo(RELAYED);
            assertThat(peer.sessions()).hasSize(1);
        }
    }

    @Test
    void whoIsBrokenOffAtTheNextHostTakesNoConnectionOfTheLastOneAlong() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        TlsPolicy policy = TlsPolicy.required();
        try (ScriptedPeer unsuited = ScriptedPeer.builder()
                        .startTls(CERTIFICATE.serverContext())
                        .fault("MAIL *", Fault.hold(held))
                        .start();
                ScriptedPeer slow =
                        ScriptedPeer.builder().fault("EHLO *", Fault.hold(held)).start();
                Transport transport = new Transport(
                        Reactor.start("test", 1),
                        "client.example",
                        Set.of(),
                        SessionTimeouts.standard(),
                        ConnectionReuse.standard(),
                        ConnectionLimits.standard(),
                        null,
                        new Random(),
                        null,
                        clock::nanoTime)) {
            TlsContext context = TlsContext.client(policy).toward("localhost", unsuited.port());
            Hop first = new Hop("one.example", List.of(unsuited.address()), false, policy, context);
            Hop next = new Hop("two.example", List.of(slow.address()), false, policy, context);
            CompletableFuture<DeliveryReport> required = new CompletableFuture<>();
            HostWalk.begin(
                    transport,
                    new Message(envelope(1).with(EsmtpParameter.requireTls()), new Content(content(1)), null),
                    List.of(first, next),
                    required);
            slow.awaitCommand("EHLO *", PATIENCE);
            CompletableFuture<DeliveryReport> other = new CompletableFuture<>();
            HostWalk.begin(transport, new Message(envelope(2), new Content(content(2)), null), List.of(first), other);
            unsuited.awaitCommand("MAIL *", PATIENCE);
            required.cancel(true);
            held.countDown();
            assertThat(status(other)).isEqualTo(RELAYED);
            assertThat(unsuited.sessions()).hasSize(1);
        }
    }

    @Test
    void aDeliveryOnAKeptConnectionCanBeBrokenOff() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .fault("MAIL FROM:<a2@*", Fault.hold(held))
                .start()) {
            DeliveryAgent agent = to(peer);
            status(deliver(agent, 1));
            CompletableFuture<DeliveryReport> second = deliver(agent, 2);
            peer.awaitCommand("MAIL FROM:<a2@*", PATIENCE);
            second.cancel(true);
            held.countDown();
            peer.awaitSessions(1, PATIENCE);
            assertThat(status(deliver(agent, 3))).isEqualTo(RELAYED);
            assertThat(peer.sessions()).hasSize(2);
        }
    }

    @Test
    void aFileGoesOutAsItIsWhereItIsKnownToNeedNoStuffing() throws Exception {
        String text = "Subject: large\r\n\r\n" + "x".repeat(70).concat("\r\n").repeat(40_000);
        Path file = Files.writeString(directory.resolve("large.eml"), text);
        MessageSource plain = MessageSource.of(file);
        MessageSource known = new MessageSource() {
            @Override
            public long octets() {
                return plain.octets();
            }

            @Override
            public ReadableByteChannel open() throws IOException {
                return plain.open();
            }

            @Override
            public boolean needsStuffing() {
                return false;
            }
        };
        for (boolean tls : new boolean[] {false, true}) {
            ScriptedPeer.Builder builder = ScriptedPeer.builder();
            try (ScriptedPeer peer = (tls ? builder.startTls(CERTIFICATE.serverContext()) : builder).start()) {
                DeliveryAgent agent = to(peer);
                for (int i = 0; i < 3; i++) {
                    assertThat(status(agent.deliver(envelope(i), i == 1 ? plain : known)
                                    .toCompletableFuture()))
                            .isEqualTo(RELAYED);
                }
                assertThat(peer.awaitMessages(3, PATIENCE))
                        .allMatch(m -> m.text().equals(text));
                assertThat(peer.sessions()).hasSize(1);
            }
        }
    }

    @Test
    void limitsAreChecked() {
        Duration second = Duration.ofSeconds(1);
        assertThatIllegalArgumentException().isThrownBy(() -> new ConnectionReuse(Duration.ZERO, 1, second));
        assertThatIllegalArgumentException().isThrownBy(() -> new ConnectionReuse(second, 1, Duration.ofDays(2)));
        assertThatIllegalArgumentException().isThrownBy(() -> new ConnectionReuse(second, 0, second));
    }
}
