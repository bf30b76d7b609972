package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.testkit.Fault;
import dev.ehlo.smtp.testkit.ReceivedSession;
import dev.ehlo.smtp.testkit.Script;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What TLS comes to in deliveries to a smarthost. */
class SmtpClientTlsTest extends SmtpClientRig {
    @TempDir
    Path directory;

    @Test
    void deliversByStarttlsAfterLogin() throws Exception {
        ScriptedPeer.Builder setUp =
                ScriptedPeer.builder().startTls(CERTIFICATE.serverContext()).login("user", "secret");
        try (ScriptedPeer peer = setUp.start()) {
            Smarthost host = Smarthost.submission("localhost")
                    .port(peer.port())
                    .trust(trust())
                    .login("user", "secret");
            assertThat(statuses(deliver(host))).containsExactly(RELAYED, RELAYED);
            ReceivedSession session = peer.awaitSessions(1, PATIENCE).get(0);
            assertThat(session.isTls()).isTrue();
            assertThat(session.commands())
                    .startsWith("EHLO client.example", "STARTTLS", "EHLO client.example")
                    .endsWith("QUIT");
        }
    }

    @Test
    void deliversByImplicitTlsAfterLogin() throws Exception {
        ScriptedPeer.Builder setUp =
                ScriptedPeer.builder().implicitTls(CERTIFICATE.serverContext()).login("user", "secret");
        try (ScriptedPeer peer = setUp.start()) {
            Smarthost host = Smarthost.submissions("localhost")
                    .port(peer.port())
                    .trust(trust())
                    .login("user", "secret");
            assertThat(statuses(deliver(host))).containsExactly(RELAYED, RELAYED);
            assertThat(peer.awaitMessage(PATIENCE).text()).isEqualTo(Plans.CONTENT);
        }
    }

    @Test
    void startTlsIfOfferedIsVerifiedThenAndDoneWithoutWhereItIsNot() throws Exception {
        try (ScriptedPeer offering = ScriptedPeer.builder()
                        .startTls(CERTIFICATE.serverContext())
                        .login("user", "secret")
                        .start();
                ScriptedPeer other = ScriptedPeer.builder()
                        .startTls(TestCertificate.selfSigned("localhost").serverContext())
                        .start();
                ScriptedPeer none =
                        ScriptedPeer.builder().login("user", "secret").start();
                ScriptedPeer refusing = ScriptedPeer.builder()
                        .startTls(CERTIFICATE.serverContext())
                        .fault("STARTTLS", Fault.reply(Reply.of(454, "4.7.0", "not now")))
                        .start()) {
            assertThat(statuses(deliver(ifOffered(offering, "localhost").loginEvenInClear("user", "secret"))))
                    .containsExactly(RELAYED, RELAYED);
            assertThat(offering.awaitSessions(1, PATIENCE).get(0).isTls()).isTrue();
            assertThat(statuses(deliver(ifOffered(other, "localhost"))))
                    .as("of another issuer")
                    .containsExactly(NOT_SENT, NOT_SENT);
            assertThat(statuses(deliver(ifOffered(refusing, "localhost"))))
                    .doesNotContain(RELAYED)
                    .hasSize(2);
            assertThat(statuses(deliver(ifOffered(none, "localhost").login("user", "secret"))))
                    .as("a login is not said in clear")
                    .containsExactly(NOT_SENT, NOT_SENT);
            assertThat(statuses(deliver(ifOffered(none, "localhost").loginEvenInClear("user", "secret"))))
                    .containsExactly(RELAYED, RELAYED);
        }
    }

    private Smarthost ifOffered(ScriptedPeer peer, String host) throws Exception {
        return Smarthost.relay(host, peer.port()).startTlsIfOffered(trust());
    }

    @Test
    void takesOpportunisticTlsWithWhateverCertificate() throws Exception {
        try (ScriptedPeer peer =
                ScriptedPeer.builder().startTls(CERTIFICATE.serverContext()).start()) {
            assertThat(statuses(deliver(Smarthost.relay("127.0.0.1", peer.port()))))
                    .containsExactly(RELAYED, RELAYED);
            assertThat(peer.awaitSessions(1, PATIENCE).get(0).isTls()).isTrue();
        }
    }

    @Test
    void triesOnceMoreInClearWhereAnOpportunisticHandshakeFails() throws Exception {
        Script broken = Script.begin()
                .reply("220 mx.example")
                .expect("EHLO *")
                .reply("250-mx.example", "250 STARTTLS")
                .expect("STARTTLS")
                .reply("220 go")
                .drop();
        try (ScriptedPeer peer = ScriptedPeer.builder().script(broken).start()) {
            assertThat(statuses(deliver(Smarthost.relay("127.0.0.1", peer.port()))))
                    .containsExactly(RELAYED, RELAYED);
            List<ReceivedSession> sessions = peer.awaitSessions(2, PATIENCE);
            assertThat(sessions).hasSize(2);
            assertThat(sessions.get(1).isTls()).isFalse();
            assertThat(sessions.get(1).commands()).doesNotContain("STARTTLS");
        }
    }

    @Test
    void isNotSentWhereTheCertificateIsNotTrusted() throws Exception {
        try (ScriptedPeer peer =
                ScriptedPeer.builder().startTls(CERTIFICATE.serverContext()).start()) {
            DeliveryReport report = deliver(Smarthost.submission("localhost").port(peer.port()));
            assertThat(statuses(report)).containsExactly(NOT_SENT, NOT_SENT);
            assertThat(reply(report)).isEqualTo("451 4.7.5 TLS to localhost: the certificate is self-signed");
            assertThat(peer.commands()).noneMatch(c -> c.startsWith("MAIL") || c.startsWith("AUTH"));
        }
    }

    @Test
    void sendsNoPasswordToARelayWhoseCertificateIsNotTrusted() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .startTls(CERTIFICATE.serverContext())
                .login("user", "secret")
                .start()) {
            DeliveryReport report =
                    deliver(Smarthost.relay("localhost", peer.port()).login("user", "secret"));
            assertThat(reply(report)).startsWith("451 4.7.5");
            assertThat(peer.commands()).noneMatch(c -> c.startsWith("MAIL") || c.startsWith("AUTH"));
        }
    }

    @Test
    void isNotSentWhereTheCertificateIsAnothers() throws Exception {
        TestCertificate another = TestCertificate.selfSigned("other.example");
        Path file = directory.resolve("other.pem");
        another.writePem(file, directory.resolve("other.key"));
        try (ScriptedPeer peer =
                ScriptedPeer.builder().implicitTls(another.serverContext()).start()) {
            DeliveryReport report =
                    deliver(Smarthost.submissions("localhost").port(peer.port()).trust(ClientTrust.pem(file)));
            assertThat(reply(report))
                    .isEqualTo("451 4.7.5 TLS to localhost: the certificate is issued for other.example, not for"
                            + " localhost");
            assertThat(peer.commands()).isEmpty();
        }
    }

    @Test
    void saysSinceWhenACertificateIsExpired() throws Exception {
        TestCertificate expired = TestCertificate.expired("localhost");
        Path file = directory.resolve("expired.pem");
        expired.writePem(file, directory.resolve("expired.key"));
        try (ScriptedPeer peer =
                ScriptedPeer.builder().startTls(expired.serverContext()).start()) {
            DeliveryReport report =
                    deliver(Smarthost.submission("localhost").port(peer.port()).trust(ClientTrust.pem(file)));
            assertThat(statuses(report)).containsExactly(NOT_SENT, NOT_SENT);
            assertThat(reply(report))
                    .isEqualTo("451 4.7.5 TLS to localhost: the certificate is expired since "
                            + expired.x509().getNotAfter().toInstant());
        }
    }

    @Test
    void tellsInTheDialogueWhatTlsCameTo() throws Exception {
        SecuredSessions secured = new SecuredSessions();
        try (ScriptedPeer peer = ScriptedPeer.builder()
                        .startTls(CERTIFICATE.serverContext())
                        .start();
                SmtpClient told = SmtpClient.builder()
                        .reuse(ConnectionReuse.none())
                        .dialogue(secured)
                        .build()) {
            report(told, Smarthost.relay("localhost", peer.port()), Plans.CONTENT);
            report(told, Smarthost.relay("localhost", peer.port()).trust(trust()), Plans.CONTENT);
            report(told, Smarthost.relay("localhost", peer.port()).tls(TlsMode.NONE), Plans.CONTENT);
        }
        assertThat(secured.told())
                .containsExactly(
                        "TLSv1.3 SUITE; encrypted; the certificate is self-signed",
                        "TLSv1.3 SUITE; the certificate is issued for localhost by "
                                + CERTIFICATE
                                        .x509()
                                        .getIssuerX500Principal()
                                        .getName()
                                        .substring("CN=".length()));
    }

    @Test
    void isDeferredWithoutLoginWhereRequiredTlsIsNotOffered() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder().login("user", "secret").start()) {
            DeliveryReport report =
                    deliver(Smarthost.submission("localhost").port(peer.port()).login("user", "secret"));
            assertThat(reply(report)).startsWith("451 4.7.4");
            assertThat(peer.awaitSessions(1, PATIENCE).get(0).commands())
                    .containsExactly("EHLO client.example", "QUIT");
        }
    }

    @Test
    void failsClosedWhereRepliesAreInjectedBehindTheOneToStarttls() throws Exception {
        Script injecting = Script.begin()
                .reply("220 mx.example")
                .expect("EHLO *")
                .reply("250-mx.example", "250 STARTTLS")
                .expect("STARTTLS")
                .octets("220 go\r\n250-mx.example\r\n250 AUTH PLAIN\r\n".getBytes(StandardCharsets.US_ASCII))
                .awaitClose();
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .startTls(CERTIFICATE.serverContext())
                .script(injecting)
                .start()) {
            DeliveryReport report = deliver(Smarthost.submission("localhost")
                    .port(peer.port())
                    .trust(trust())
                    .login("user", "secret"));
            assertThat(statuses(report)).containsExactly(NOT_SENT, NOT_SENT);
            peer.awaitScripts(PATIENCE);
            assertThat(peer.commands()).containsExactly("EHLO client.example", "STARTTLS");
        }
    }

    private ClientTrust trust() throws IOException {
        Path file = directory.resolve("chain.pem");
        CERTIFICATE.writePem(file, directory.resolve("key.pem"));
        return ClientTrust.pem(file);
    }
}
