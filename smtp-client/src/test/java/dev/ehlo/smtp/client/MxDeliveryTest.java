package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.FAILED;
import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static dev.ehlo.smtp.DeliveryStatus.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.testkit.Fault;
import dev.ehlo.smtp.testkit.ReceivedMessage;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One message to several domains, over real sockets: it goes once to hosts that they share. RFC 5321 §4.5.4.1. */
@Timeout(60)
class MxDeliveryTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final SmtpClient client = SmtpClient.builder()
            .reuse(ConnectionReuse.none())
            .localName("us.example")
            .build();
    private final Map<String, MxAnswer> dns = new HashMap<>();

    @AfterEach
    void stop() {
        client.close();
    }

    private void mx(String domain, MxHost... hosts) {
        dns.put(domain, new MxAnswer.Hosts(List.of(hosts)));
    }

    private static MxHost host(int preference, String name) {
        return at("127.0.0.1", preference, name);
    }

    private static MxHost at(String address, int preference, String name) {
        try {
            return new MxHost(name, preference, List.of(InetAddress.getByName(address)));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private SmtpAgent agent(ScriptedPeer peer) {
        return client.toMx(
                domain -> CompletableFuture.completedFuture(dns.getOrDefault(domain, new MxAnswer.NoSuchDomain())),
                peer.port());
    }

    private CompletableFuture<DeliveryReport> begin(ScriptedPeer peer, String... recipients) {
        return agent(peer)
                .deliver(
                        Envelope.from("sender@example.org").to(recipients),
                        MessageSource.of(Plans.CONTENT.getBytes(StandardCharsets.US_ASCII)));
    }

    private DeliveryReport deliver(ScriptedPeer peer, String... recipients) throws Exception {
        return begin(peer, recipients).get(40, TimeUnit.SECONDS);
    }

    private static List<DeliveryStatus> statuses(DeliveryReport report) {
        return report.outcomes().stream().map(RecipientOutcome::status).toList();
    }

    @Test
    void goesOnceWhateverTheNumberOfDomainsAndRecipients() throws Exception {
        String[] recipients = IntStream.range(0, 100)
                .mapToObj(i -> "r" + i + "@d" + i % 40 + ".example")
                .toArray(String[]::new);
        for (int i = 0; i < 40; i++) {
            mx("d" + i + ".example", host(10 + i, i % 2 == 0 ? "mx.example" : "MX.example"));
        }
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            DeliveryReport report = deliver(peer, recipients);
            assertThat(report.isRelayedToAll()).isTrue();
            assertThat(report.outcomes())
                    .extracting(o -> o.recipient().toString())
                    .containsExactly(recipients);
            assertThat(peer.messages()).extracting(ReceivedMessage::recipients).containsExactly(List.of(recipients));
            assertThat(peer.sessions()).hasSize(1);
        }
    }

    @Test
    void eachGroupAndEachRecipientHasAnOutcomeOfItsOwn() throws Exception {
        MxHost[] both = {host(10, "mx1.example"), host(20, "mx2.example")};
        mx("one.example", both);
        mx("two.example", host(7, "MX2.example"), host(5, "MX1.example"));
        mx("turned.example", host(20, "mx1.example"), host(10, "mx2.example"));
        mx("dead.example", at("127.0.0.9", 10, "dead.example"));
        mx("dead2.example", at("127.0.0.9", 10, "dead.example"));
        mx("ours.example", host(10, "us.example"));
        dns.put("null.example", new MxAnswer.NullMx());
        dns.put("broken.example", new MxAnswer.TemporaryFailure());
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .refuse("no@two.example", Reply.of(550, "no such user"))
                .refuse("later@one.example", Reply.of(450, "full"))
                .start()) {
            DeliveryReport report = deliver(
                    peer,
                    "a@one.example",
                    "x@dead.example",
                    "no@two.example",
                    "x@null.example",
                    "b@two.example",
                    "later@one.example",
                    "x@broken.example",
                    "x@missing.example",
                    "c@turned.example",
                    "x@[127.0.0.1]",
                    "x@ours.example",
                    "x@dead2.example",
                    "d@one.example");
            assertThat(statuses(report))
                    .containsExactly(
                            RELAYED, NOT_SENT, FAILED, FAILED, RELAYED, DEFERRED, NOT_SENT, FAILED, RELAYED, RELAYED,
                            FAILED, NOT_SENT, RELAYED);
            assertThat(peer.awaitMessages(3, PATIENCE))
                    .extracting(ReceivedMessage::recipients)
                    .containsExactlyInAnyOrder(
                            List.of("a@one.example", "b@two.example", "d@one.example"),
                            List.of("c@turned.example"),
                            List.of("x@[127.0.0.1]"));
            assertThat(peer.sessions()).hasSize(3);
        }
    }

    @Test
    void doesNotHoldKnownDomainsForOneThatIsNotAnswered() throws Exception {
        mx("one.example", host(10, "mx.example"));
        mx("two.example", host(10, "mx.example"));
        CompletableFuture<MxAnswer> late = new CompletableFuture<>();
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            CompletableFuture<DeliveryReport> report = client.toMx(
                            domain -> domain.equals("late.example")
                                    ? late
                                    : CompletableFuture.completedFuture(dns.get(domain)),
                            peer.port())
                    .deliver(
                            Envelope.from("").to("a@one.example", "b@late.example", "c@two.example"),
                            MessageSource.of(Plans.CONTENT.getBytes(StandardCharsets.US_ASCII)));
            assertThat(peer.awaitMessages(1, PATIENCE))
                    .extracting(ReceivedMessage::recipients)
                    .containsExactly(List.of("a@one.example", "c@two.example"));
            assertThat(report).isNotDone();
            late.complete(new MxAnswer.Hosts(List.of(host(10, "mx.example"))));
            assertThat(statuses(report.get(40, TimeUnit.SECONDS))).containsExactly(RELAYED, RELAYED, RELAYED);
            assertThat(peer.awaitMessages(2, PATIENCE)).hasSize(2);
        }
    }

    @Test
    void closingTellsEachOfAGroupWhatItsTransactionCameTo() throws Exception {
        mx("one.example", host(10, "mx.example"));
        mx("two.example", host(10, "mx.example"));
        CountDownLatch held = new CountDownLatch(1);
        try (ScriptedPeer peer =
                ScriptedPeer.builder().endOfData(Fault.hold(held)).start()) {
            CompletableFuture<DeliveryReport> report = begin(peer, "a@one.example", "b@two.example");
            peer.awaitCommand("DATA", PATIENCE);
            client.close();
            assertThat(report.get(20, TimeUnit.SECONDS).outcomes())
                    .extracting(RecipientOutcome::status)
                    .allMatch(s -> s == UNKNOWN || s == NOT_SENT)
                    .hasSize(2)
                    .containsOnly(statuses(report.join()).get(0));
            assertThat(peer.commands()).filteredOn(c -> c.startsWith("MAIL")).hasSize(1);
            held.countDown();
        }
    }

    @Test
    void cancellingBreaksOffTheGroup() throws Exception {
        mx("one.example", host(10, "mx.example"));
        mx("two.example", host(10, "mx.example"));
        CountDownLatch held = new CountDownLatch(1);
        try (ScriptedPeer peer =
                ScriptedPeer.builder().fault("DATA", Fault.hold(held)).start()) {
            CompletableFuture<DeliveryReport> report = begin(peer, "a@one.example", "b@two.example");
            peer.awaitCommand("RCPT TO:<b@*", PATIENCE);
            report.cancel(false);
            // On the one loop, what was asked for before this delivery is done when it is.
            try (ScriptedPeer other = ScriptedPeer.accepting()) {
                assertThat(deliver(other, "c@one.example").isRelayedToAll()).isTrue();
            }
            held.countDown();
            peer.awaitSessions(1, PATIENCE);
            assertThat(peer.messages()).isEmpty();
        }
    }
}
