package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.FAILED;
import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.testkit.Fault;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsMode;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A message with REQUIRETLS goes to hosts that are proven and offer it, or nowhere. RFC 8689 §4.2.1. */
@Timeout(60)
class RequireTlsTest {
    private static final TestCertificate CERTIFICATE =
            TestCertificate.selfSigned("localhost", "127.0.0.1", "one.example", "mx.one.example");
    private static final Envelope REQUIRED =
            Envelope.from("a@example.org").to("b@one.example").with(EsmtpParameter.requireTls());

    @TempDir
    private Path directory;

    private SmtpClient client;

    @BeforeEach
    void start() throws Exception {
        CERTIFICATE.writePem(directory.resolve("chain.pem"), directory.resolve("key.pem"));
        client = SmtpClient.builder()
                .reuse(ConnectionReuse.none())
                .localName("us.example")
                .trust(ClientTrust.pem(directory.resolve("chain.pem")))
                .build();
    }

    @AfterEach
    void stop() {
        client.close();
    }

    private static ScriptedPeer.Builder peer(TestCertificate certificate) {
        return ScriptedPeer.builder().startTls(certificate.serverContext()).extensions("REQUIRETLS", "PIPELINING");
    }

    private static RecipientOutcome deliver(DeliveryAgent agent, Envelope envelope) throws Exception {
        byte[] content = Plans.CONTENT.getBytes(StandardCharsets.US_ASCII);
        return agent.deliver(envelope, MessageSource.of(content))
                .get(20, TimeUnit.SECONDS)
                .outcomes()
                .get(0);
    }

    /** To hosts of those names, at the loopback address. */
    private DeliveryAgent toMx(ScriptedPeer peer, String... hosts) {
        List<MxHost> answer = Arrays.stream(hosts)
                .map(h -> new MxHost(h, Arrays.asList(hosts).indexOf(h), List.of(InetAddress.getLoopbackAddress())))
                .toList();
        return client.toMx(domain -> CompletableFuture.completedFuture(new MxAnswer.Hosts(answer)), peer.port());
    }

    private static void assertNoMail(ScriptedPeer peer) {
        assertThat(peer.commands()).noneMatch(c -> c.startsWith("MAIL"));
        assertThat(peer.messages()).isEmpty();
    }

    @Test
    void goesToAProvenHostThatOffersItAndSaysSo() throws Exception {
        try (ScriptedPeer peer = peer(CERTIFICATE).start()) {
            assertThat(deliver(toMx(peer, "mx.one.example"), REQUIRED).status()).isEqualTo(RELAYED);
            assertThat(deliver(client.to(Smarthost.relay("localhost", peer.port())), REQUIRED)
                            .status())
                    .isEqualTo(RELAYED);
            assertThat(peer.commands())
                    .filteredOn(c -> c.startsWith("MAIL"))
                    .hasSize(2)
                    .allMatch(c -> c.contains("> REQUIRETLS"));
            assertThat(peer.sessions()).allMatch(s -> s.isTls());
        }
    }

    @Test
    void failsWhereItIsNotOffered() throws Exception {
        try (ScriptedPeer peer = peer(CERTIFICATE).extensions("PIPELINING").start()) {
            RecipientOutcome outcome = deliver(toMx(peer, "one.example"), REQUIRED);
            assertThat(outcome.status()).isEqualTo(FAILED);
            assertThat(outcome.reply()).hasToString("550 5.7.30 REQUIRETLS support required");
            assertThat(outcome.host()).contains("one.example");
            assertNoMail(peer);
            assertThat(peer.commands().stream().filter(c -> c.startsWith("STARTTLS")))
                    .hasSize(1);
            deliver(toMx(peer, "one.example", "mx.one.example"), REQUIRED);
            assertThat(peer.commands().stream().filter(c -> c.startsWith("STARTTLS")))
                    .as("the next host is asked too")
                    .hasSize(3);
        }
    }

    @Test
    void failsWithoutStarttls() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder().extensions("REQUIRETLS").start()) {
            for (DeliveryAgent agent : List.of(
                    toMx(peer, "one.example"),
                    client.to(Smarthost.relay("localhost", peer.port())),
                    client.to(Smarthost.relay("localhost", peer.port()).tls(TlsMode.NONE)))) {
                RecipientOutcome outcome = deliver(agent, REQUIRED);
                assertThat(outcome.status()).isEqualTo(FAILED);
                assertThat(outcome.reply().toString()).startsWith("550 5.7.10 ");
            }
            assertNoMail(peer);
        }
    }

    @Test
    void failsWhereTheCertificateProvesNothing() throws Exception {
        try (ScriptedPeer stranger = peer(TestCertificate.selfSigned("one.example", "localhost"))
                        .start();
                ScriptedPeer misnamed = peer(CERTIFICATE).start()) {
            for (DeliveryAgent agent : List.of(
                    toMx(stranger, "one.example"),
                    client.to(Smarthost.relay("localhost", stranger.port())),
                    client.to(Smarthost.relay("localhost", stranger.port()).trust(ClientTrust.insecure())),
                    toMx(misnamed, "other.one.example"))) {
                RecipientOutcome outcome = deliver(agent, REQUIRED);
                assertThat(outcome.status()).isEqualTo(FAILED);
                assertThat(outcome.reply().toString()).startsWith("550 5.7.10 TLS to ");
            }
            assertNoMail(stranger);
            assertNoMail(misnamed);
        }
    }

    @Test
    void goesToNoHostThatOnlyUnsignedDnsNames() throws Exception {
        TestCertificate attackers = TestCertificate.selfSigned("mx.attacker.example", "evilone.example");
        attackers.writePem(directory.resolve("chain.pem"), directory.resolve("key.pem"));
        try (ScriptedPeer peer = peer(attackers).start();
                SmtpClient trusting = SmtpClient.builder()
                        .reuse(ConnectionReuse.none())
                        .trust(ClientTrust.pem(directory.resolve("chain.pem")))
                        .build()) {
            client.close();
            client = trusting;
            for (String host : List.of("mx.attacker.example", "evilone.example")) {
                RecipientOutcome outcome = deliver(toMx(peer, host), REQUIRED);
                assertThat(outcome.status()).isEqualTo(FAILED);
                assertThat(outcome.reply().toString()).startsWith("550 5.7.30 ");
            }
            assertThat(peer.sessions()).isEmpty();
        }
    }

    @Test
    void goesForEachDomainByItself() throws Exception {
        try (ScriptedPeer peer = peer(CERTIFICATE).start()) {
            Envelope both = Envelope.from("a@example.org")
                    .to("b@one.example", "c@mx.one.example")
                    .with(EsmtpParameter.requireTls());
            assertThat(deliver(toMx(peer, "mx.one.example"), both).status()).isEqualTo(RELAYED);
            assertThat(peer.messages()).hasSize(2);
            assertThat(deliver(toMx(peer, "one.example"), both).status()).isEqualTo(RELAYED);
            assertThat(peer.messages()).as("of the second domain it is no host").hasSize(3);
        }
    }

    @Test
    void isTriedAgainWhereTheHostIsDown() throws Exception {
        try (ScriptedPeer peer =
                peer(CERTIFICATE).greeting(Fault.reply(Reply.of(421, "later"))).start()) {
            assertThat(deliver(toMx(peer, "one.example"), REQUIRED).status()).isEqualTo(DEFERRED);
        }
    }

    @Test
    void isTriedAgainWhereTheHostThatMayOfferItIsDownAndAnotherDoesNot() throws Exception {
        try (ScriptedPeer peer = peer(CERTIFICATE).extensions("PIPELINING").start()) {
            MxAnswer hosts = new MxAnswer.Hosts(List.of(
                    new MxHost("one.example", 0, List.of(InetAddress.getByName("127.0.0.2"))),
                    new MxHost("mx.one.example", 1, List.of(InetAddress.getLoopbackAddress()))));
            RecipientOutcome outcome =
                    deliver(client.toMx(domain -> CompletableFuture.completedFuture(hosts), peer.port()), REQUIRED);
            assertThat(outcome.status()).isEqualTo(NOT_SENT);
            assertThat(outcome.reply().toString()).startsWith("451 4.4.1 one.example can't be reached");
            assertThat(peer.commands()).contains("STARTTLS");
            assertNoMail(peer);
        }
    }

    @Test
    void aNotificationGoesOnWithoutRatherThanBeLost() throws Exception {
        Envelope notification = Envelope.from("").to("b@one.example").with(EsmtpParameter.requireTls());
        try (ScriptedPeer peer = ScriptedPeer.builder().extensions("PIPELINING").start()) {
            assertThat(deliver(toMx(peer, "mx.attacker.example"), notification).status())
                    .isEqualTo(RELAYED);
            assertThat(peer.commands()).contains("MAIL FROM:<>");
        }
    }

    @Test
    void wantsRootsThatVerify() {
        assertThatThrownBy(() -> SmtpClient.builder().trust(ClientTrust.insecure()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
