package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static dev.ehlo.smtp.DeliveryStatus.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.testkit.Fault;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Deliveries to a host of which a network blocks some ports, over real sockets. */
@Timeout(60)
class ChainTest {
    private static final TestCertificate CERTIFICATE = TestCertificate.selfSigned("127.0.0.1", "localhost");
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @TempDir
    Path directory;

    /** How far the client's clock is ahead. */
    private final AtomicLong ahead = new AtomicLong();

    private SmtpClient client;
    private ClientTrust trust;

    @BeforeEach
    void start() throws Exception {
        client = SmtpClient.builder()
                .localName("client.example")
                .reuse(ConnectionReuse.none())
                .timeouts(SessionTimeouts.atMost(Duration.ofSeconds(4)))
                .clock(() -> System.nanoTime() + ahead.get())
                .build();
        Path file = directory.resolve("chain.pem");
        CERTIFICATE.writePem(file, directory.resolve("key.pem"));
        trust = ClientTrust.pem(file);
    }

    @AfterEach
    void close() {
        client.close();
    }

    @Test
    void goesByTheFirstPortThatIsOpenBehindOneThatIsSilentAndOneThatRefuses() throws Exception {
        try (SilentServer silent = new SilentServer("127.0.0.1", 0);
                ScriptedPeer peer = startTls().start()) {
            DeliveryReport report = deliver(
                    host(silent.address().getPort(), TlsMode.IMPLICIT),
                    host(closedPort(), TlsMode.STARTTLS),
                    host(peer.port(), TlsMode.STARTTLS));
            assertThat(SmtpClientRig.statuses(report)).containsExactly(RELAYED, RELAYED);
            assertThat(peer.awaitSessions(1, PATIENCE).get(0).isTls()).isTrue();
        }
    }

    @Test
    void goesOnFromAPortThatSpeaksInClearWhereTlsIsMeant() throws Exception {
        try (ScriptedPeer first = startTls().start();
                ScriptedPeer second = startTls().start()) {
            DeliveryReport report =
                    deliver(host(first.port(), TlsMode.IMPLICIT), host(second.port(), TlsMode.STARTTLS));
            assertThat(SmtpClientRig.statuses(report)).containsExactly(RELAYED, RELAYED);
            assertThat(first.messages()).isEmpty();
            assertThat(second.messages()).hasSize(1);
        }
    }

    @Test
    void neverLogsInWhereStarttlsIsWithheldAndGoesOn() throws Exception {
        try (ScriptedPeer stripped =
                        ScriptedPeer.builder().login("user", "secret").start();
                ScriptedPeer second = startTls().start()) {
            DeliveryReport report =
                    deliver(host(stripped.port(), TlsMode.STARTTLS), host(second.port(), TlsMode.STARTTLS));
            assertThat(SmtpClientRig.statuses(report)).containsExactly(RELAYED, RELAYED);
            assertThat(stripped.awaitSessions(1, PATIENCE).get(0).commands())
                    .containsExactly("EHLO client.example", "QUIT");
            assertThat(second.messages()).hasSize(1);
        }
    }

    @Test
    void aCertificateThatIsRefusedIsToldAndNotPassedOver() throws Exception {
        TestCertificate others = TestCertificate.selfSigned("localhost");
        try (ScriptedPeer first = ScriptedPeer.builder()
                        .implicitTls(others.serverContext())
                        .start();
                ScriptedPeer second = startTls().start()) {
            DeliveryReport report =
                    deliver(host(first.port(), TlsMode.IMPLICIT), host(second.port(), TlsMode.STARTTLS));
            assertThat(SmtpClientRig.statuses(report)).containsExactly(NOT_SENT, NOT_SENT);
            assertThat(SmtpClientRig.reply(report)).startsWith("451 4.7.5 TLS to localhost: ");
            assertThat(second.sessions()).isEmpty();
        }
    }

    @Test
    void aRefusedLoginIsNotTriedElsewhere() throws Exception {
        try (ScriptedPeer first = ScriptedPeer.builder()
                        .startTls(CERTIFICATE.serverContext())
                        .login("user", "another")
                        .start();
                ScriptedPeer second = startTls().start()) {
            DeliveryReport report =
                    deliver(host(first.port(), TlsMode.STARTTLS), host(second.port(), TlsMode.STARTTLS));
            assertThat(report.outcomes().get(0).phase()).isEqualTo(DeliveryPhase.AUTH);
            assertThat(SmtpClientRig.statuses(report)).doesNotContain(RELAYED);
            assertThat(second.sessions()).isEmpty();
        }
    }

    @Test
    void whoHasHeardThePasswordAndHangsUpIsTheLastToHearIt() throws Exception {
        try (ScriptedPeer first = startTls().fault("AUTH *", Fault.drop()).start();
                ScriptedPeer second = startTls().start()) {
            DeliveryReport report =
                    deliver(host(first.port(), TlsMode.STARTTLS), host(second.port(), TlsMode.STARTTLS));
            assertThat(SmtpClientRig.statuses(report)).containsExactly(NOT_SENT, NOT_SENT);
            assertThat(report.outcomes().get(0).phase()).isEqualTo(DeliveryPhase.AUTH);
            assertThat(second.sessions()).isEmpty();
        }
    }

    @Test
    void aHostThatSaysNotNowIsHeard() throws Exception {
        try (ScriptedPeer first = startTls()
                        .greeting(Fault.reply(Reply.of(421, "4.3.2", "not now")))
                        .start();
                ScriptedPeer second = startTls().start()) {
            DeliveryReport report =
                    deliver(host(first.port(), TlsMode.STARTTLS), host(second.port(), TlsMode.STARTTLS));
            assertThat(SmtpClientRig.statuses(report)).containsExactly(DEFERRED, DEFERRED);
            assertThat(second.sessions()).isEmpty();
        }
    }

    @Test
    void neverGoesOnOnceTheMailMayHaveBeenTaken() throws Exception {
        try (ScriptedPeer first = startTls().endOfData(Fault.drop()).start();
                ScriptedPeer second = startTls().start()) {
            DeliveryReport report =
                    deliver(host(first.port(), TlsMode.STARTTLS), host(second.port(), TlsMode.STARTTLS));
            assertThat(SmtpClientRig.statuses(report)).containsExactly(UNKNOWN, UNKNOWN);
            assertThat(second.sessions()).isEmpty();
        }
    }

    @Test
    void remembersWhatWorkedForTenMinutes() throws Exception {
        try (ScriptedPeer first = ScriptedPeer.builder().start();
                ScriptedPeer second = startTls().start()) {
            SmtpAgent agent =
                    client.to(List.of(host(first.port(), TlsMode.STARTTLS), host(second.port(), TlsMode.STARTTLS)));
            deliver(agent);
            first.awaitSessions(1, PATIENCE);
            deliver(agent);
            ahead.addAndGet(ChainAgent.REMEMBERED_NANOS - TimeUnit.MINUTES.toNanos(2));
            deliver(agent);
            assertThat(first.sessions()).hasSize(1);
            ahead.addAndGet(TimeUnit.MINUTES.toNanos(2));
            deliver(agent);
            assertThat(first.awaitSessions(2, PATIENCE)).hasSize(2);
            deliver(agent);
            assertThat(first.sessions()).hasSize(2);
            assertThat(second.messages()).hasSize(5);
        }
    }

    @Test
    void goesBackToTheFirstWhereWhatWorkedDoesNotAnyMore() throws Exception {
        try (ScriptedPeer first = startTls().greeting(Fault.drop().once()).start()) {
            SmtpAgent agent;
            try (ScriptedPeer second = startTls().start()) {
                agent = client.to(List.of(host(first.port(), TlsMode.STARTTLS), host(second.port(), TlsMode.STARTTLS)));
                assertThat(SmtpClientRig.statuses(deliver(agent))).containsExactly(RELAYED, RELAYED);
                assertThat(second.messages()).hasSize(1);
            }
            assertThat(SmtpClientRig.statuses(deliver(agent))).containsExactly(RELAYED, RELAYED);
            assertThat(first.messages()).hasSize(1);
        }
    }

    @Test
    void tellsOfTheOneThatCameFarthestWhereNoneIsOpen() throws Exception {
        try (ScriptedPeer clear = ScriptedPeer.builder().start()) {
            DeliveryReport report = deliver(
                    host(closedPort(), TlsMode.IMPLICIT),
                    host(clear.port(), TlsMode.STARTTLS),
                    host(closedPort(), TlsMode.STARTTLS));
            assertThat(SmtpClientRig.statuses(report)).containsExactly(NOT_SENT, NOT_SENT);
            assertThat(SmtpClientRig.reply(report)).startsWith("451 4.7.4 localhost does not offer STARTTLS");
        }
    }

    @Test
    void endsWithItsTimeLimit() throws Exception {
        try (SilentServer silent = new SilentServer("127.0.0.1", 0);
                ScriptedPeer peer = startTls().start()) {
            SmtpAgent agent = client.to(List.of(
                            host(silent.address().getPort(), TlsMode.IMPLICIT), host(peer.port(), TlsMode.STARTTLS)))
                    .within(Duration.ofMillis(300));
            assertThat(SmtpClientRig.statuses(deliver(agent))).containsExactly(NOT_SENT, NOT_SENT);
            assertThat(peer.sessions()).isEmpty();
        }
    }

    @Test
    void takesNoChainThatAsksLessOfTlsBehind() {
        Smarthost good = Smarthost.submissions("localhost").login("user", "secret");
        for (Smarthost weaker : List.of(
                Smarthost.relay("localhost", 2525),
                good.tls(TlsMode.NONE),
                good.trust(ClientTrust.insecure()),
                Smarthost.relay("localhost", 2525).loginEvenInClear("user", "secret"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.to(List.of(good, weaker)))
                    .withMessageContaining("less of TLS");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> client.to(List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> client.to(Collections.nCopies(11, good)));
        client.to(List.of(Smarthost.relay("localhost", 2525), good));
    }

    @Test
    void everyPortRequiresTlsInItsMode() {
        List<Smarthost> ports =
                Smarthost.relay("mail.example", 25).login("user", "secret").onPorts(465, 587, 2525, 2465);
        assertThat(ports)
                .extracting(Smarthost::toString)
                .containsExactly(
                        "mail.example:465 IMPLICIT",
                        "mail.example:587 STARTTLS",
                        "mail.example:2525 STARTTLS",
                        "mail.example:2465 IMPLICIT");
        assertThat(ports)
                .allMatch(each -> each.trust().verified() && each.credentials().isPresent() && !each.isLoginInClear());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Smarthost.submission("mail.example").onPorts(465, 0));
    }

    @Test
    void presetsRequireVerifiedTls() {
        List<Smarthost> all = List.of(
                SmarthostPresets.amazonSes("eu-west-1"),
                SmarthostPresets.amazonSes("us-gov-west-1"),
                SmarthostPresets.mailgun(),
                SmarthostPresets.mailgunEu(),
                SmarthostPresets.sendGrid(),
                SmarthostPresets.powerMta("pmta.example"),
                SmarthostPresets.gmail(),
                SmarthostPresets.microsoft365());
        assertThat(all)
                .extracting(Smarthost::toString)
                .containsExactly(
                        "email-smtp.eu-west-1.amazonaws.com:465 IMPLICIT",
                        "email-smtp.us-gov-west-1.amazonaws.com:465 IMPLICIT",
                        "smtp.mailgun.org:465 IMPLICIT",
                        "smtp.eu.mailgun.org:465 IMPLICIT",
                        "smtp.sendgrid.net:465 IMPLICIT",
                        "pmta.example:587 STARTTLS",
                        "smtp.gmail.com:465 IMPLICIT",
                        "smtp.office365.com:587 STARTTLS");
        assertThat(all)
                .allMatch(each -> each.trust().verified() && each.policy().isTlsRequired());
        assertThat(all)
                .filteredOn(each -> !each.host().equals("pmta.example"))
                .allMatch(each -> SmarthostPresets.isHost(each.host()));
        assertThat(List.of(
                        "",
                        "pmta.example",
                        "gmail.com",
                        "email-smtp..amazonaws.com",
                        "email-smtp.amazonaws.com",
                        "email-smtp.evil.example/.amazonaws.com",
                        "email-smtp.eu-west-1.amazonaws.com.evil.example"))
                .noneMatch(SmarthostPresets::isHost);
        for (String none : List.of("", "eu-west", "evil.example/", "eu-west-1.evil.example#", "EU-WEST-1")) {
            assertThatIllegalArgumentException().isThrownBy(() -> SmarthostPresets.amazonSes(none));
        }
    }

    private Smarthost host(int port, TlsMode mode) {
        return Smarthost.submission("localhost")
                .port(port)
                .tls(mode)
                .trust(trust)
                .login("user", "secret");
    }

    private static ScriptedPeer.Builder startTls() {
        return ScriptedPeer.builder().startTls(CERTIFICATE.serverContext()).login("user", "secret");
    }

    /** One that refuses connections. */
    private static int closedPort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    private DeliveryReport deliver(Smarthost... chain) throws Exception {
        return deliver(client.to(List.of(chain)));
    }

    private static DeliveryReport deliver(SmtpAgent agent) throws Exception {
        return agent.deliver(
                        SmtpClientRig.ENVELOPE, MessageSource.of(Plans.CONTENT.getBytes(StandardCharsets.US_ASCII)))
                .get(40, TimeUnit.SECONDS);
    }
}
