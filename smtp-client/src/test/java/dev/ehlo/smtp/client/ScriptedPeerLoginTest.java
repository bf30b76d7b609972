package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.tls.ClientTrust;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client and the peer of the test kit, whose sides of each mechanism were written apart. */
class ScriptedPeerLoginTest extends SmtpClientRig {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource(
            value = Mechanism.class,
            names = {"SCRAM_SHA_256_PLUS", "SCRAM_SHA_1_PLUS", "EXTERNAL"},
            mode = EnumSource.Mode.EXCLUDE)
    void takesTheRightLoginAndNoOther(Mechanism mechanism) throws Exception {
        try (ScriptedPeer peer = peer(mechanism.saslName())) {
            assertThat(statuses(deliver(at(peer).login(credentials(mechanism, "se=cr,et")))))
                    .containsExactly(RELAYED, RELAYED);
            DeliveryReport report = deliver(at(peer).login(credentials(mechanism, "wrong")));
            assertThat(statuses(report)).containsExactly(DEFERRED, DEFERRED);
            assertThat(reply(report)).startsWith("535 5.7.8");
            assertThat(peer.messages()).hasSize(1);
        }
    }

    @Test
    void offersTheBestOfThem() throws Exception {
        try (ScriptedPeer peer = peer("PLAIN", "LOGIN", "SCRAM-SHA-1", "SCRAM-SHA-256")) {
            assertThat(statuses(deliver(at(peer).login("us=e,r", "se=cr,et")))).containsExactly(RELAYED, RELAYED);
            assertThat(peer.commands()).anyMatch(c -> c.startsWith("AUTH SCRAM-SHA-256 "));
        }
    }

    @Test
    void refusesToOfferWhatItDoesNotKnow() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ScriptedPeer.builder().mechanisms("GSSAPI"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ScriptedPeer.builder().mechanisms());
    }

    private static Credentials credentials(Mechanism mechanism, String secret) {
        return mechanism == Mechanism.OAUTHBEARER || mechanism == Mechanism.XOAUTH2
                ? Credentials.token("us=e,r", secret).only(mechanism)
                : Credentials.password("us=e,r", secret).only(mechanism);
    }

    private static ScriptedPeer peer(String... mechanisms) throws IOException {
        return ScriptedPeer.builder()
                .implicitTls(CERTIFICATE.serverContext())
                .login("us=e,r", "se=cr,et")
                .mechanisms(mechanisms)
                .start();
    }

    private Smarthost at(ScriptedPeer peer) throws IOException {
        Path certificate = directory.resolve("cert.pem");
        CERTIFICATE.writePem(certificate, directory.resolve("key.pem"));
        return Smarthost.submissions("127.0.0.1").port(peer.port()).trust(ClientTrust.pem(certificate));
    }
}
