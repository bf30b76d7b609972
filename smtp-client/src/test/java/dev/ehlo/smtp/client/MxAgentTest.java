package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.FAILED;
import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.testkit.Fault;
import dev.ehlo.smtp.testkit.ReceivedMessage;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.Rcode;

/** Deliveries to mail exchangers, by a DNS server and mail servers on the loopback address. */
@Timeout(60)
class MxAgentTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final SmtpClient client = SmtpClient.builder()
            .reuse(ConnectionReuse.none())
            .localName("us.example")
            .build();
    private DnsServer dns;

    @BeforeEach
    void start() throws Exception {
        dns = new DnsServer();
    }

    @AfterEach
    void stop() {
        client.close();
        dns.close();
    }

    @Test
    void deliversToEachDomainOnceAndReportsInTheOrderOfTheEnvelope() throws Exception {
        dns.record("one.example", "MX", "10 mx.one.example.")
                .record("mx.one.example", "A", "127.0.0.1")
                .record("two.example", "A", "127.0.0.1")
                .record("null.example", "MX", "0 .")
                .fail("broken.example", Rcode.SERVFAIL)
                .record("us.example", "A", "127.0.0.1")
                .record("loop.example", "MX", "10 us.example.");
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .refuse("no@two.example", Reply.of(550, "no such user"))
                .start()) {
            DeliveryReport report = deliver(
                    peer,
                    "a@one.example",
                    "no@two.example",
                    "b@ONE.example",
                    "x@null.example",
                    "x@missing.example",
                    "x@broken.example",
                    "x@loop.example",
                    "c@two.example",
                    "x@[127.0.0.1]",
                    "x@[future:thing]",
                    "Postmaster");
            assertThat(report.outcomes())
                    .extracting(o -> o.recipient() + " " + o.status() + " "
                            + o.reply().toString().replaceFirst("( [245]\\.[0-9.]+)?( .*)", "$1"))
                    .containsExactly(
                            "a@one.example RELAYED 250 2.0.0",
                            "no@two.example FAILED 550",
                            "b@ONE.example RELAYED 250 2.0.0",
                            "x@null.example FAILED 556 5.1.10",
                            "x@missing.example FAILED 550 5.1.2",
                            "x@broken.example NOT_SENT 451 4.4.3",
                            "x@loop.example FAILED 554 5.4.6",
                            "c@two.example RELAYED 250 2.0.0",
                            "x@[127.0.0.1] RELAYED 250 2.0.0",
                            "x@[future:thing] FAILED 550 5.1.2",
                            "Postmaster FAILED 550 5.1.2");
            assertThat(report.outcomes().get(0).host()).contains("mx.one.example");
            assertThat(peer.awaitMessages(3, PATIENCE))
                    .extracting(ReceivedMessage::recipients)
                    .containsExactlyInAnyOrder(
                            List.of("a@one.example", "b@ONE.example"),
                            List.of("c@two.example"),
                            List.of("x@[127.0.0.1]"));
            assertThat(peer.sessions()).hasSize(3);
        }
    }

    @Test
    void goesOnToTheNextHostWhereOneCantBeReachedOrIsBusy() throws Exception {
        dns.record("one.example", "MX", "10 dead.example.")
                .record("dead.example", "A", "127.0.0.9")
                .record("one.example", "MX", "20 busy.example.")
                .record("busy.example", "A", "127.0.0.1")
                .record("one.example", "MX", "30 good.example.")
                .record("good.example", "A", "127.0.0.1");
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .greeting(Fault.reply(Reply.of(421, "busy")).once())
                .start()) {
            DeliveryReport report = deliver(peer, "a@one.example");
            assertThat(statuses(report)).containsExactly(RELAYED);
            assertThat(report.outcomes().get(0).host()).contains("good.example");
            assertThat(peer.sessions()).hasSize(2);
        }
    }

    @Test
    void endsAtTheFirstHostThatRefusesForGood() throws Exception {
        dns.record("one.example", "MX", "10 one.example.")
                .record("one.example", "MX", "20 two.example.")
                .record("one.example", "A", "127.0.0.1")
                .record("two.example", "A", "127.0.0.1");
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .greeting(Fault.reply(Reply.of(554, "no")).once())
                .start()) {
            assertThat(statuses(deliver(peer, "a@one.example"))).containsExactly(FAILED);
            assertThat(peer.sessions()).hasSize(1);
        }
    }

    @Test
    void doesNotGoOnOnceAHostHasTakenTheMailTransaction() throws Exception {
        dns.record("one.example", "MX", "10 one.example.")
                .record("one.example", "MX", "20 two.example.")
                .record("one.example", "A", "127.0.0.1")
                .record("two.example", "A", "127.0.0.1");
        try (ScriptedPeer peer =
                ScriptedPeer.builder().fault("DATA", Fault.drop()).start()) {
            DeliveryReport report = deliver(peer, "a@one.example");
            assertThat(statuses(report)).containsExactly(NOT_SENT);
            assertThat(report.outcomes().get(0).host()).contains("one.example");
            assertThat(peer.sessions()).hasSize(1);
        }
    }

    @Test
    void servesMoreDomainsThanAtOnce() throws Exception {
        String[] recipients = IntStream.range(0, 3 * MxDelivery.MAX_AT_ONCE)
                .mapToObj(i -> "a@d" + i + ".example")
                .toArray(String[]::new);
        for (int i = 0; i < recipients.length; i++) {
            dns.record("d" + i + ".example", "A", "127.0.0.1");
        }
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            DeliveryReport report = deliver(peer, recipients);
            assertThat(report.isRelayedToAll()).isTrue();
            assertThat(report.outcomes())
                    .extracting(o -> o.recipient().toString())
                    .containsExactly(recipients);
            assertThat(peer.awaitMessages(recipients.length, PATIENCE)).hasSize(recipients.length);
        }
    }

    @Test
    void resumesTheSessionWithAMailExchangerThatItKnows() throws Exception {
        dns.record("one.example", "MX", "10 mx.one.example.").record("mx.one.example", "A", "127.0.0.1");
        SecuredSessions secured = new SecuredSessions();
        TestCertificate certificate = TestCertificate.selfSigned("mx.one.example");
        try (ScriptedPeer peer = ScriptedPeer.builder()
                        .startTls(certificate.serverContext())
                        .start();
                SmtpClient talking = SmtpClient.builder()
                        .reuse(ConnectionReuse.none())
                        .dialogue(secured)
                        .build()) {
            DeliveryAgent agent = talking.toMx(MxResolver.at(dns.address()), peer.port());
            for (int i = 0; i < 2; i++) {
                DeliveryReport report = agent.deliver(
                                Envelope.from("a@example.org").to("b@one.example"), content())
                        .toCompletableFuture()
                        .get(20, TimeUnit.SECONDS);
                assertThat(statuses(report)).containsExactly(RELAYED);
            }
        }
        assertThat(secured.told())
                .containsExactly(
                        "TLSv1.3 SUITE; encrypted; the certificate is self-signed",
                        "TLSv1.3 SUITE resumed; encrypted; the certificate is self-signed");
    }

    @Test
    void takesAResolverThatFailsForATemporaryFailure() throws Exception {
        MxResolver failing = domain -> {
            throw new IllegalStateException("down");
        };
        DeliveryReport report = client.toMx(failing)
                .deliver(Envelope.from("").to("a@one.example"), content())
                .get(20, TimeUnit.SECONDS);
        assertThat(report.outcomes().get(0).reply().toString()).startsWith("451 4.4.3");
    }

    @Test
    void closingKeepsWhatWasRelayedAndDefersWhatWaitsForDns() throws Exception {
        dns.record("one.example", "A", "127.0.0.1");
        CompletableFuture<MxAnswer> never = new CompletableFuture<>();
        CountDownLatch asked = new CountDownLatch(1);
        MxResolver real = MxResolver.at(dns.address());
        MxResolver resolver = domain -> {
            if (domain.equals("slow.example")) {
                asked.countDown();
                return never;
            }
            return real.resolve(domain);
        };
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            SmtpClient closing =
                    SmtpClient.builder().reuse(ConnectionReuse.none()).build();
            CompletableFuture<DeliveryReport> report = closing.toMx(resolver, peer.port())
                    .deliver(Envelope.from("").to("a@one.example", "b@slow.example"), content());
            peer.awaitSessions(1, PATIENCE);
            asked.await();
            assertThat(report).isNotDone();
            closing.close();
            assertThat(statuses(report.get(20, TimeUnit.SECONDS))).containsExactly(RELAYED, NOT_SENT);
        }
    }

    @Test
    void cancellingBreaksOffEachDomain() throws Exception {
        dns.record("one.example", "A", "127.0.0.1").record("two.example", "A", "127.0.0.1");
        CountDownLatch held = new CountDownLatch(1);
        try (ScriptedPeer peer =
                ScriptedPeer.builder().fault("DATA", Fault.hold(held)).start()) {
            CompletableFuture<DeliveryReport> report = client.toMx(MxResolver.at(dns.address()), peer.port())
                    .deliver(Envelope.from("").to("a@one.example", "b@two.example"), content());
            peer.awaitCommand("RCPT TO:<a@*", PATIENCE);
            peer.awaitCommand("RCPT TO:<b@*", PATIENCE);
            report.cancel(false);
            // On the one loop, what was asked for before this delivery is done when it is.
            try (ScriptedPeer other = ScriptedPeer.accepting()) {
                assertThat(deliver(other, "c@one.example").isRelayedToAll()).isTrue();
            }
            held.countDown();
            peer.awaitSessions(2, PATIENCE);
            assertThat(peer.messages()).isEmpty();
        }
    }

    private DeliveryReport deliver(ScriptedPeer peer, String... recipients) throws Exception {
        return client.toMx(MxResolver.at(dns.address()), peer.port())
                .deliver(Envelope.from("sender@example.org").to(recipients), content())
                .get(40, TimeUnit.SECONDS);
    }

    private static MessageSource content() {
        return MessageSource.of(Plans.CONTENT.getBytes(StandardCharsets.US_ASCII));
    }

    private static List<DeliveryStatus> statuses(DeliveryReport report) {
        return report.outcomes().stream().map(RecipientOutcome::status).toList();
    }
}
