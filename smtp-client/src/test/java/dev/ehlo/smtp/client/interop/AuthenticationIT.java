package dev.ehlo.smtp.client.interop;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.client.Credentials;
import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.client.SmtpClient;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.ClientKey;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Logs in to Postfix with Cyrus SASL and to Exim, which were not written by us, by each mechanism that both know. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuthenticationIT {
    private static final TestCertificate CERTIFICATE = TestCertificate.selfSigned("localhost");

    @TempDir
    static Path scratch;

    private ScriptedPeer onward;
    private MailPeer postfix;
    private MailPeer exim;
    private ClientTrust trust;

    @BeforeAll
    void start() throws Exception {
        Peers.installed(PostfixPeer.SASLPASSWD);
        onward = ScriptedPeer.accepting();
        CERTIFICATE.writePem(scratch.resolve("trusted.pem"), scratch.resolve("unused.pem"));
        trust = ClientTrust.pem(scratch.resolve("trusted.pem"));
        postfix = new PostfixPeer(scratch, CERTIFICATE, onward.port());
        exim = new EximPeer(scratch, CERTIFICATE, onward.port());
    }

    @AfterAll
    void stop() {
        for (MailPeer peer : new MailPeer[] {postfix, exim}) {
            if (peer != null) {
                peer.close();
            }
        }
        if (onward != null) {
            onward.close();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Mechanism.class,
            names = {"SCRAM_SHA_256", "SCRAM_SHA_1", "CRAM_MD5", "PLAIN", "LOGIN"})
    void logsInByEachMechanism(Mechanism mechanism) throws Exception {
        for (TlsMode mode : new TlsMode[] {TlsMode.STARTTLS, TlsMode.IMPLICIT}) {
            Said said = new Said();
            RecipientOutcome outcome =
                    deliver(mode, Credentials.password("user", "secret").only(mechanism), said);
            assertThat(outcome.status())
                    .as("%s\n%s\n%s", outcome, said.lines(), postfix.log())
                    .isEqualTo(RELAYED);
            assertThat(said.lines()).anyMatch(line -> line.startsWith("AUTH " + mechanism.saslName()));
        }
        assertThat(postfix.log()).contains("sasl_method=" + mechanism.saslName() + ", sasl_username=user");
    }

    @ParameterizedTest
    @EnumSource(
            value = Mechanism.class,
            names = {"SCRAM_SHA_256", "SCRAM_SHA_1", "CRAM_MD5", "PLAIN", "LOGIN"})
    void isToldThatThePasswordIsWrong(Mechanism mechanism) throws Exception {
        RecipientOutcome outcome =
                deliver(TlsMode.IMPLICIT, Credentials.password("user", "wrong").only(mechanism), new Said());
        assertThat(outcome.status()).isEqualTo(DEFERRED);
        assertThat(outcome.reply().code()).isEqualTo(535);
        assertThat(outcome.phase()).isEqualTo(DeliveryPhase.AUTH);
    }

    @Test
    void logsInByTheBestOfThemIfNotTold() throws Exception {
        Said said = new Said();
        assertThat(deliver(TlsMode.STARTTLS, Credentials.password("user", "secret"), said)
                        .status())
                .isEqualTo(RELAYED);
        assertThat(said.lines()).contains("AUTH SCRAM-SHA-256 ****");
    }

    @Test
    void logsInToEximByItsCertificate() throws Exception {
        ClientKey key = ClientKey.pem(scratch.resolve("trusted.pem"), scratch.resolve("unused.pem"));
        for (TlsMode mode : new TlsMode[] {TlsMode.STARTTLS, TlsMode.IMPLICIT}) {
            Said said = new Said();
            RecipientOutcome outcome = deliver(exim, mode, Credentials.certificate(key), said);
            assertThat(outcome.status())
                    .as("%s\n%s\n%s", outcome, said.lines(), exim.log())
                    .isEqualTo(RELAYED);
            assertThat(said.lines()).contains("AUTH EXTERNAL ****");
        }
        assertThat(exim.log()).contains("A=external:localhost");
    }

    @Test
    void logsInToEximByAProof() throws Exception {
        Credentials right = Credentials.password("user", "secret").only(Mechanism.CRAM_MD5);
        assertThat(deliver(exim, TlsMode.STARTTLS, right, new Said()).status()).isEqualTo(RELAYED);
        Credentials wrong = Credentials.password("user", "wrong").only(Mechanism.CRAM_MD5);
        assertThat(deliver(exim, TlsMode.STARTTLS, wrong, new Said()).reply().code())
                .isEqualTo(535);
    }

    private RecipientOutcome deliver(TlsMode mode, Credentials credentials, Said said) throws Exception {
        return deliver(postfix, mode, credentials, said);
    }

    private RecipientOutcome deliver(MailPeer peer, TlsMode mode, Credentials credentials, Said said) throws Exception {
        try (SmtpClient client =
                SmtpClient.builder().localName("client.example").dialogue(said).build()) {
            DeliveryReport report = client.to(Smarthost.relay("localhost", peer.port(mode))
                            .trust(trust)
                            .tls(mode)
                            .login(credentials))
                    .deliver(
                            Envelope.from("a@example.org").to("b@example.net"),
                            MessageSource.of("Subject: login\r\n\r\nhello\r\n".getBytes(StandardCharsets.US_ASCII)))
                    .get(60, TimeUnit.SECONDS);
            return report.outcomes().get(0);
        }
    }
}
