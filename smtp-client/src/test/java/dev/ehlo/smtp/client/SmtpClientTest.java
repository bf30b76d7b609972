package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.FAILED;
import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static dev.ehlo.smtp.DeliveryStatus.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.testkit.Fault;
import dev.ehlo.smtp.testkit.ManualClock;
import dev.ehlo.smtp.testkit.ReceivedMessage;
import dev.ehlo.smtp.testkit.ReceivedSession;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deliveries to a smarthost over real sockets. */
class SmtpClientTest extends SmtpClientRig {
    @TempDir
    Path directory;

    @Test
    void deliversInClear() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            DeliveryReport report = deliver(Smarthost.relay("127.0.0.1", peer.port()));
            assertThat(statuses(report)).containsExactly(RELAYED, RELAYED);
            ReceivedMessage message = peer.awaitMessage(PATIENCE);
            assertThat(message.text()).isEqualTo(Plans.CONTENT);
            assertThat(message.reversePath()).isEqualTo("a@example.org");
            assertThat(message.recipients()).containsExactly("b@example.net", "c@example.net");
            ReceivedSession session = peer.awaitSessions(1, PATIENCE).get(0);
            assertThat(session.commands()).startsWith("EHLO client.example").endsWith("QUIT");
        }
    }

    @Test
    void saysItsAddressWhereItHasNoName() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting();
                SmtpClient nameless =
                        SmtpClient.builder().reuse(ConnectionReuse.none()).build()) {
            report(nameless, Smarthost.relay("localhost", peer.port()), Plans.CONTENT);
            assertThat(peer.commands().get(0)).isEqualTo("EHLO [127.0.0.1]");
        }
    }

    @Test
    void reportsEachRecipient() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .refuse("b@*", Reply.of(550, "5.1.1", "no such user"))
                .start()) {
            DeliveryReport report = deliver(Smarthost.relay("127.0.0.1", peer.port()));
            assertThat(statuses(report)).containsExactly(FAILED, RELAYED);
            assertThat(reply(report)).isEqualTo("550 5.1.1 no such user");
            assertThat(peer.awaitMessage(PATIENCE).recipients()).containsExactly("c@example.net");
        }
    }

    @Test
    void isUnknownWhereTheConnectionIsLostAfterEndOfData() throws Exception {
        for (Fault fault : List.of(Fault.drop(), Fault.reset(), Fault.close())) {
            try (ScriptedPeer peer = ScriptedPeer.builder().endOfData(fault).start()) {
                assertThat(statuses(deliver(Smarthost.relay("127.0.0.1", peer.port()))))
                        .containsExactly(UNKNOWN, UNKNOWN);
            }
        }
    }

    @Test
    void isNotSentWhereTheConnectionIsLostBefore() throws Exception {
        for (String stage : List.of("EHLO *", "MAIL *", "RCPT *", "DATA")) {
            for (Fault fault : List.of(Fault.drop(), Fault.reset(), Fault.close())) {
                try (ScriptedPeer peer =
                        ScriptedPeer.builder().fault(stage, fault).start()) {
                    assertThat(statuses(deliver(Smarthost.relay("127.0.0.1", peer.port()))))
                            .containsExactly(NOT_SENT, NOT_SENT);
                }
            }
        }
    }

    @Test
    void carriesTenMebibytesUnderTlsToAServerThatIsSlowToRead() throws Exception {
        StringBuilder lines = new StringBuilder();
        while (lines.length() < 10 * 1024 * 1024) {
            lines.append(".line ").append(lines.length()).append(" \u00e4\r\n");
        }
        byte[] content = lines.toString().getBytes(StandardCharsets.UTF_8);
        Path file = Files.write(directory.resolve("message.eml"), content);
        try (ScriptedPeer peer =
                ScriptedPeer.builder().startTls(CERTIFICATE.serverContext()).start()) {
            DeliveryReport report = client.to(Smarthost.relay("127.0.0.1", peer.port()))
                    .deliver(ENVELOPE, MessageSource.of(file))
                    .get(50, TimeUnit.SECONDS);
            assertThat(statuses(report)).containsExactly(RELAYED, RELAYED);
            ReceivedMessage message = peer.awaitMessage(PATIENCE);
            assertThat(message.content()).isEqualTo(content);
            assertThat(message.mail()).endsWith(" BODY=8BITMIME");
        }
    }

    @Test
    void isNotSentWhereNobodyListensOrTheNameIsUnknown() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        DeliveryReport report = deliver(Smarthost.relay("127.0.0.1", free));
        assertThat(statuses(report)).containsExactly(NOT_SENT, NOT_SENT);
        assertThat(reply(report)).isEqualTo("451 4.4.1 127.0.0.1 can't be reached at [127.0.0.1]:" + free);
        assertThat(reply(deliver(Smarthost.relay("no-such-host.invalid", 25)))).startsWith("451 4.4.3");
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 100_000, 3_000_000})
    void declaresContentBeyondAsciiWhateverItsSize(int octets) throws Exception {
        for (String last : List.of("\u00e4\r\n", "a\r\n")) {
            byte[] content = ("x".repeat(58) + "\r\n")
                    .repeat(1 + octets / 60)
                    .concat(last)
                    .getBytes(StandardCharsets.UTF_8);
            try (ScriptedPeer peer = ScriptedPeer.accepting()) {
                DeliveryReport report = client.to(Smarthost.relay("127.0.0.1", peer.port()))
                        .deliver(ENVELOPE, MessageSource.of(content))
                        .get(20, TimeUnit.SECONDS);
                assertThat(statuses(report)).containsExactly(RELAYED, RELAYED);
                assertThat(peer.commands())
                        .filteredOn(c -> c.startsWith("MAIL"))
                        .singleElement()
                        .matches(c -> c.contains("BODY=8BITMIME") == last.startsWith("\u00e4"));
                assertThat(peer.awaitMessage(PATIENCE).content()).isEqualTo(content);
            }
        }
    }

    @Test
    void isNotSentWhereTheContentCantBeRead() throws Exception {
        MessageSource gone = new MessageSource() {
            @Override
            public long octets() {
                return 1;
            }

            @Override
            public ReadableByteChannel open() throws IOException {
                throw new IOException("gone");
            }
        };
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            DeliveryReport report = client.to(Smarthost.relay("127.0.0.1", peer.port()))
                    .deliver(ENVELOPE, gone)
                    .get(20, TimeUnit.SECONDS);
            assertThat(reply(report)).startsWith("451 4.3.0");
            assertThat(peer.awaitSessions(1, PATIENCE).get(0).commands())
                    .noneMatch(c -> c.startsWith("MAIL"))
                    .endsWith("QUIT");
        }
    }

    @Test
    void isNotSentWhenTimeIsUp() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        ManualClock clock = new ManualClock();
        try (ScriptedPeer peer = ScriptedPeer.builder()
                        .fault("MAIL *", Fault.hold(never))
                        .start();
                SmtpClient hasty = SmtpClient.builder()
                        .reuse(ConnectionReuse.none())
                        .timeouts(SessionTimeouts.atMost(Duration.ofMillis(300)))
                        .clock(clock::nanoTime)
                        .build()) {
            CompletableFuture<DeliveryReport> report = begin(hasty, peer);
            peer.awaitCommand("MAIL *", PATIENCE);
            // What is heard of MAIL may be heard before its time is counted.
            await().atMost(PATIENCE).until(() -> {
                clock.advance(Duration.ofMillis(400));
                return report.isDone();
            });
            assertThat(reply(report.get())).startsWith("451 4.4.2 time is up for the reply to MAIL");
            never.countDown();
        }
    }

    @Test
    void closingCompletesWhatIsUnderWay() throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        DialogueListener listener = new DialogueListener() {
            @Override
            public void sent(String line) {
                if (line.equals(".")) {
                    sent.countDown();
                }
            }

            @Override
            public void received(String line) {}
        };
        SmtpClient closing = SmtpClient.builder()
                .reuse(ConnectionReuse.none())
                .dialogue(listener)
                .build();
        CountDownLatch before = new CountDownLatch(1);
        CountDownLatch after = new CountDownLatch(1);
        try (ScriptedPeer beforeData =
                        ScriptedPeer.builder().fault("DATA", Fault.hold(before)).start();
                ScriptedPeer afterData =
                        ScriptedPeer.builder().endOfData(Fault.hold(after)).start()) {
            CompletableFuture<DeliveryReport> one = begin(closing, beforeData);
            CompletableFuture<DeliveryReport> other = begin(closing, afterData);
            beforeData.awaitCommand("DATA", PATIENCE);
            assertThat(sent.await(20, TimeUnit.SECONDS)).isTrue();
            closing.close();
            assertThat(one).isDone();
            assertThat(other).isDone();
            assertThat(statuses(one.get())).containsExactly(NOT_SENT, NOT_SENT);
            assertThat(statuses(other.get())).containsExactly(UNKNOWN, UNKNOWN);
            assertThatThrownBy(() -> closing.to(Smarthost.relay("localhost", 25)))
                    .isInstanceOf(IllegalStateException.class);
            before.countDown();
            after.countDown();
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(t -> t.getName().startsWith("smtp-client-") && !t.isDaemon())
                .hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void cancellingBreaksOff() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        try (ScriptedPeer peer =
                ScriptedPeer.builder().fault("DATA", Fault.hold(held)).start()) {
            CompletableFuture<DeliveryReport> report = begin(client, peer);
            peer.awaitCommand("DATA", PATIENCE);
            report.cancel(true);
            // On the one loop, what was asked for before this delivery is done when it is.
            try (ScriptedPeer other = ScriptedPeer.accepting()) {
                assertThat(deliver(Smarthost.relay("127.0.0.1", other.port())).isRelayedToAll())
                        .isTrue();
            }
            held.countDown();
            assertThat(peer.awaitSessions(1, PATIENCE).get(0).commands()).doesNotContain("QUIT");
            assertThat(peer.messages()).isEmpty();
        }
    }

    @Test
    void deliversManyAtTheSameTime() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting();
                SmtpClient busy = SmtpClient.builder()
                        .reuse(ConnectionReuse.none())
                        .loops(2)
                        .build()) {
            List<CompletableFuture<DeliveryReport>> reports =
                    IntStream.range(0, 100).mapToObj(i -> begin(busy, peer)).toList();
            for (CompletableFuture<DeliveryReport> each : reports) {
                assertThat(each.get(30, TimeUnit.SECONDS).isRelayedToAll()).isTrue();
            }
            assertThat(peer.awaitMessages(100, PATIENCE)).hasSize(100);
        }
    }

    @Test
    void isDoneAtOnceWithoutRecipients() throws Exception {
        assertThat(client.to(Smarthost.relay("localhost", 1).tls(TlsMode.NONE))
                        .deliver(Envelope.from(""), MessageSource.of(new byte[0]))
                        .get(60, TimeUnit.SECONDS)
                        .outcomes())
                .isEmpty();
    }

    private static CompletableFuture<DeliveryReport> begin(SmtpClient by, ScriptedPeer peer) {
        return by.to(Smarthost.relay("127.0.0.1", peer.port()))
                .deliver(ENVELOPE, MessageSource.of(Plans.CONTENT.getBytes(StandardCharsets.US_ASCII)));
    }
}
