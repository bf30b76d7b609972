package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.FAILED;
import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.testkit.Fault;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.tls.TlsMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that are for all of their recipients, or for nobody. */
class AllOrNoneTest extends SmtpClientRig {
    private static final MessageSource CONTENT =
            MessageSource.of("Subject: x\r\n\r\nx\r\n".getBytes(StandardCharsets.US_ASCII));
    private static final Envelope TO_THREE =
            Envelope.from("a@example.org").to("b@example.net", "c@example.net", "d@example.net");

    private final SmtpClient keeping = SmtpClient.builder()
            .localName("client.example")
            .reuse(new ConnectionReuse(Duration.ofMinutes(1), 100, Duration.ofMinutes(5)))
            .build();

    @ParameterizedTest
    @ValueSource(strings = {"b", "c", "d"})
    void isForNobodyWhereOneIsRefused(String refused) throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .refuse(refused + "@*", Reply.of(550, "5.1.1", "no such user"))
                .start()) {
            SmtpAgent agent = agent(peer).toAllOrNone();
            DeliveryReport report = agent.deliverAndWait(TO_THREE, CONTENT);
            assertThat(statuses(report)).containsOnlyOnce(FAILED).contains(NOT_SENT, NOT_SENT);
            assertThat(peer.messages()).isEmpty();
            assertThat(peer.commands()).doesNotContain("DATA");
            // The next one leaves the transaction that was begun, and goes by the same connection.
            DeliveryReport next = agent.deliverAndWait(Envelope.from("").to("e@example.net"), CONTENT);
            assertThat(statuses(next)).containsExactly(RELAYED);
            assertThat(peer.sessions()).hasSize(1);
            assertThat(peer.commands()).contains("RSET");
        }
    }

    @Test
    void isForAllWhereNobodyIsRefused() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            DeliveryReport report = agent(peer).toAllOrNone().deliverAndWait(TO_THREE, CONTENT);
            assertThat(report.isRelayedToAll()).isTrue();
            assertThat(peer.awaitMessage(PATIENCE).recipients()).hasSize(3);
        }
    }

    @Test
    void isForThoseWhoAreTakenWhereThatIsNotAskedFor() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .refuse("c@*", Reply.of(450, "4.2.0", "later"))
                .start()) {
            DeliveryReport report = agent(peer).deliverAndWait(TO_THREE, CONTENT);
            assertThat(statuses(report)).containsExactly(RELAYED, DEFERRED, RELAYED);
        }
    }

    @Test
    void connectsAndSaysNoMore() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            SmtpAgent agent = agent(peer);
            ConnectionReport report = agent.connect().join();
            assertThat(report.stands()).as(report.toString()).isTrue();
            assertThat(report.remote().offered()).isNotEmpty();
            assertThat(agent.connect().join().stands()).isTrue();
            assertThat(peer.commands()).hasSize(1).allMatch(c -> c.startsWith("EHLO"));
            assertThat(agent.deliverAndWait(TO_THREE, CONTENT).isRelayedToAll()).isTrue();
            assertThat(peer.sessions()).hasSize(1);
        }
    }

    @Test
    void takesNoMessageForAConnectionThatIsToCarryOne() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            SmtpAgent agent = client.to(Smarthost.relay("127.0.0.1", peer.port()));
            assertThat(agent.connect().join().stands()).isTrue();
            assertThat(agent.deliverAndWait(TO_THREE, CONTENT).isRelayedToAll()).isTrue();
            assertThat(peer.sessions()).hasSize(1);
        }
    }

    @Test
    void hasNowhereToConnectToByMx() {
        SmtpAgent byMx = client.toMx(domain -> {
            throw new AssertionError(domain);
        });
        assertThatThrownBy(byMx::connect).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void tellsWhyNoConnectionStands() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .greeting(Fault.reply(Reply.of(554, "5.3.2", "not now")))
                .start()) {
            ConnectionReport report = agent(peer).connect().join();
            assertThat(report.stands()).isFalse();
            assertThat(report.reply().toString()).isEqualTo("554 5.3.2 not now");
        }
    }

    @AfterEach
    void closeKeeping() {
        keeping.close();
    }

    private SmtpAgent agent(ScriptedPeer peer) {
        return keeping.to(Smarthost.relay("127.0.0.1", peer.port()).tls(TlsMode.NONE));
    }
}
