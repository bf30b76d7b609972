package dev.ehlo.smtp.client.interop;

import static dev.ehlo.smtp.DeliveryStatus.DELIVERED;
import static dev.ehlo.smtp.DeliveryStatus.FAILED;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.client.ConnectionLimits;
import dev.ehlo.smtp.client.ConnectionReuse;
import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.client.SmtpClient;
import dev.ehlo.smtp.testkit.ReceivedMessage;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Deliveries to mail servers of others, in every TLS mode they have; what arrives behind them is compared octet for octet. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InteroperationIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final TestCertificate CERTIFICATE = TestCertificate.selfSigned("localhost");
    /**
     * Connections at a time: OpenSMTPD has no more wait to be accepted, and of one that the system has taken by a SYN
     * cookie it never learns where the client waits for the greeting.
     */
    private static final int AT_ONCE = 5;

    private static final Envelope ENVELOPE =
            Envelope.from("a@example.org").to("b@example.net", "refused@example.net", "c@example.net");

    @TempDir
    static Path scratch;

    private final Map<MailPeer.Kind, MailPeer> peers = new EnumMap<>(MailPeer.Kind.class);
    private ScriptedPeer onward;
    private ClientTrust trust;

    @BeforeAll
    void start() throws Exception {
        onward = ScriptedPeer.accepting();
        CERTIFICATE.writePem(scratch.resolve("trusted.pem"), scratch.resolve("unused.pem"));
        trust = ClientTrust.pem(scratch.resolve("trusted.pem"));
    }

    @AfterAll
    void stop() {
        peers.values().forEach(MailPeer::close);
        onward.close();
    }

    static Stream<Arguments> peersAndModes() {
        return Stream.of(MailPeer.Kind.values())
                .flatMap(kind -> kind.modes.stream().sorted().map(mode -> Arguments.of(kind, mode)));
    }

    static Stream<Arguments> peersWithLoginAndModes() {
        return peersAndModes()
                .filter(each -> ((MailPeer.Kind) each.get()[0]).mechanism != null && each.get()[1] != TlsMode.NONE);
    }

    @ParameterizedTest
    @MethodSource("peersAndModes")
    void deliversMessagesOctetForOctetOverOneConnection(MailPeer.Kind kind, TlsMode mode) throws Exception {
        Said said = new Said();
        try (SmtpClient client = SmtpClient.builder()
                .localName("client.example")
                .dialogue(said)
                .reuse(new ConnectionReuse(
                        PATIENCE, 100, PATIENCE.multipliedBy(4))) // however long a message takes behind
                .build()) {
            DeliveryAgent agent = client.to(host(kind, mode));
            for (String body : List.of(Bodies.AWKWARD, Bodies.EMPTY, Bodies.large(1 << 20), Bodies.DOTS)) {
                deliver(agent, kind, body);
            }
        }
        assertThat(said.lines().stream().anyMatch(line -> line.startsWith("BDAT ")))
                .isEqualTo(kind.chunking);
        assertThat(said.lines()).filteredOn("QUIT"::equals).hasSize(1);
        assertThat(said.lines()).filteredOn("EHLO client.example"::equals).hasSize(mode == TlsMode.STARTTLS ? 2 : 1);
    }

    @ParameterizedTest
    @MethodSource("peersAndModes")
    void deliversManyMessagesAtOnceOverAFewConnections(MailPeer.Kind kind, TlsMode mode) throws Exception {
        Said said = new Said();
        try (SmtpClient client = SmtpClient.builder()
                .localName("client.example")
                .dialogue(said)
                .connections(ConnectionLimits.standard().perDestination(AT_ONCE))
                .build()) {
            DeliveryAgent agent = client.to(host(kind, mode));
            List<String> messages = new ArrayList<>();
            List<CompletableFuture<DeliveryReport>> reports = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String message = Bodies.message(kind + "-" + mode + "-" + i, Bodies.AWKWARD);
                messages.add(message);
                reports.add(agent.deliver(ENVELOPE, source(message)));
            }
            for (int i = 0; i < messages.size(); i++) {
                assertArrived(kind, reports.get(i).get(60, TimeUnit.SECONDS), messages.get(i));
            }
        }
        assertThat(said.lines().stream().filter("QUIT"::equals).count()).isBetween(1L, (long) AT_ONCE);
    }

    @ParameterizedTest
    @MethodSource("peersWithLoginAndModes")
    void deliversAfterLoginByTheBestMechanism(MailPeer.Kind kind, TlsMode mode) throws Exception {
        Said said = new Said();
        try (SmtpClient client =
                SmtpClient.builder().localName("client.example").dialogue(said).build()) {
            String arrived = deliver(client.to(host(kind, mode).login("user", "secret")), kind, Bodies.AWKWARD);
            assertThat(arrived).containsIgnoringCase(" with ESMTPSA");
            assertThat(said.lines()).anyMatch(line -> line.startsWith("AUTH " + kind.mechanism));
        }
    }

    @Test
    void deliversByLmtpWithAnOutcomeForEachRecipient() throws Exception {
        AiosmtpdPeer peer = (AiosmtpdPeer) peer(MailPeer.Kind.AIOSMTPD);
        try (SmtpClient client =
                SmtpClient.builder().localName("client.example").build()) {
            DeliveryAgent agent = client.to(Smarthost.lmtp("localhost", peer.lmtpPort()));
            for (String body : List.of(Bodies.AWKWARD, Bodies.EMPTY, Bodies.large(1 << 20), Bodies.DOTS)) {
                String message = Bodies.message("LMTP-" + System.nanoTime(), body);
                DeliveryReport report = agent.deliver(ENVELOPE, source(message)).get(60, TimeUnit.SECONDS);
                assertThat(report.outcomes())
                        .extracting(RecipientOutcome::status)
                        .containsExactly(DELIVERED, FAILED, DELIVERED);
                assertThat(report.outcomes().get(2).reply().text()).startsWith("<c@example.net> ");
                assertThat(arrived(MailPeer.Kind.AIOSMTPD, message)).endsWith("\r\n" + message);
            }
        }
    }

    /** Delivers, and gives what arrived with the trace in front. */
    private String deliver(DeliveryAgent agent, MailPeer.Kind kind, String body) throws Exception {
        String message = Bodies.message(kind + "-" + System.nanoTime(), body);
        DeliveryReport report = agent.deliver(ENVELOPE, source(message)).get(60, TimeUnit.SECONDS);
        return assertArrived(kind, report, message);
    }

    private String assertArrived(MailPeer.Kind kind, DeliveryReport report, String message) throws Exception {
        assertThat(report.outcomes())
                .as("%s\n%s", report, peer(kind).log())
                .extracting(RecipientOutcome::status)
                .containsExactly(RELAYED, FAILED, RELAYED);
        assertThat(report.outcomes().get(1).reply().code()).isEqualTo(550);
        String arrived = arrived(kind, message);
        String trace = arrived.substring(0, arrived.length() - message.length());
        assertThat(arrived).isEqualTo(trace + message);
        assertThat(trace).matches("(?:Received: [^\r\n]+\r\n(?:[ \t][^\r\n]+\r\n)*)+");
        assertThat(trace).contains("id " + report.outcomes().get(0).queueId().orElse("?"));
        return arrived;
    }

    private String arrived(MailPeer.Kind kind, String message) throws Exception {
        String subject = message.substring(0, message.indexOf("\r\n") + 2);
        for (int count = 1; ; count++) {
            List<ReceivedMessage> all;
            try {
                all = onward.awaitMessages(count, PATIENCE);
            } catch (AssertionError e) {
                throw new AssertionError(peer(kind).log(), e);
            }
            for (ReceivedMessage each : all) {
                if (each.text().contains("\n" + subject)) {
                    assertThat(each.reversePath()).isEqualTo("a@example.org");
                    return each.text();
                }
            }
            count = all.size();
        }
    }

    private static MessageSource source(String message) {
        return MessageSource.of(message.getBytes(StandardCharsets.ISO_8859_1));
    }

    private Smarthost host(MailPeer.Kind kind, TlsMode mode) throws Exception {
        return Smarthost.relay("localhost", peer(kind).port(mode)).trust(trust).tls(mode);
    }

    private MailPeer peer(MailPeer.Kind kind) throws Exception {
        MailPeer peer = peers.get(kind);
        if (peer == null) {
            peer = kind.start.at(scratch, CERTIFICATE, onward.port());
            peers.put(kind, peer);
        }
        return peer;
    }
}
