package dev.ehlo.smtp.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.Reply;
import java.io.IOException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ScriptedPeerTlsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final TestCertificate CERTIFICATE = TestCertificate.selfSigned("localhost");
    private static final String UPGRADE = """
            S: 220 *
            C: EHLO x
            S: 250-peer.example
            S: 250-SIZE 9
            S: 250 STARTTLS
            C: STARTTLS
            S: 220 *
            -- starttls
            """;
    private static final String MAIL = """
            C: MAIL FROM:<a@b>
            C: RCPT TO:<c@d>
            C: DATA
            S: 250 *
            S: 250 *
            S: 354 *
            C: hi
            C: .
            S: 250 *
            C: QUIT
            S: 221 *
            S= closed
            """;

    private static ScriptedPeer.Builder startTls() {
        return ScriptedPeer.builder().extensions("SIZE 9").startTls(CERTIFICATE.serverContext());
    }

    @Test
    void offersStartTlsAndForgetsWhatWasSaidInClear() throws Exception {
        try (ScriptedPeer peer = startTls().login("joe", "secret").start()) {
            Transcript.parse(UPGRADE + """
            C: MAIL FROM:<a@b>
            S: 503 *
            C: EHLO x
            S: 250-*
            S: 250-SIZE 9
            S: 250 AUTH PLAIN LOGIN
            C: STARTTLS
            S: 502 *
            C: AUTH PLAIN AGpvZQBzZWNyZXQ=
            S: 235 *
            """ + MAIL).run(peer.address(), CERTIFICATE.clientContext());
            assertThat(peer.awaitMessage(PATIENCE).text()).isEqualTo("hi\r\n");
            assertThat(peer.awaitSessions(1, PATIENCE).get(0))
                    .satisfies(session -> assertThat(session.isTls()).isTrue())
                    .satisfies(session -> assertThat(session.cause()).isEmpty());
        }
    }

    @Test
    void speaksTlsFromTheFirstOctet() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .implicitTls(CERTIFICATE.serverContext())
                .extensions("SIZE 9")
                .start()) {
            Transcript.parse("S: 220 *\nC: EHLO x\nS: 250-*\nS: 250 SIZE 9\n" + MAIL)
                    .runImplicitTls(peer.address(), CERTIFICATE.clientContext());
            assertThat(peer.awaitMessage(PATIENCE).recipients()).containsExactly("c@d");
        }
    }

    @Test
    void doesStartTlsInAScript() throws Exception {
        Script script =
                Script.begin().reply("220 x").expect("STARTTLS").reply("220 go").startTls();
        try (ScriptedPeer peer = startTls()
                .script(script.expect("NOOP").reply("250 ok").drop())
                .script(Script.begin()
                        .play(Transcript.parse("S: 220 x\nC: STARTTLS\nS: 220 go\n-- starttls\nC: NOOP\nS: 250 ok")))
                .start()) {
            for (int i = 0; i < 2; i++) {
                Transcript.parse("S: 220 x\nC: STARTTLS\nS: 220 go\n-- starttls\nC: NOOP\nS: 250 ok\nS= closed")
                        .run(peer.address(), TestCertificate.trustingAll());
            }
            peer.awaitScripts(PATIENCE);
        }
    }

    @Test
    void outlivesAClientThatDoesNotTrustIt() throws Exception {
        TestCertificate other = TestCertificate.selfSigned("localhost");
        try (ScriptedPeer peer = startTls().start()) {
            assertThatThrownBy(() -> Transcript.parse(UPGRADE).run(peer.address(), other.clientContext()))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("the TLS handshake")
                    .hasCauseInstanceOf(SSLException.class);
            assertThat(peer.awaitSessions(1, PATIENCE).get(0).failure()).isInstanceOf(IOException.class);
            Transcript.parse(UPGRADE).run(peer.address(), CERTIFICATE.clientContext());
        }
    }

    @Test
    void tellsOfOctetsInClearBehindStartTls() throws Exception {
        ScriptedPeer peer = startTls().start();
        Transcript.parse("S: 220 *\nC: EHLO x\nS: 250-*\nS: 250-*\nS: 250 *\nC: STARTTLS\nC: RSET\nS= closed")
                .run(peer.address());
        assertThatThrownBy(peer::close)
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll("STARTTLS, in clear", "RSET\\r\\n");
    }

    @Test
    void refusesStartTlsWhenToldTo() throws Exception {
        try (ScriptedPeer peer = startTls()
                .fault("STARTTLS", Fault.reply(Reply.of(454, "TLS not available")))
                .start()) {
            Transcript.parse(
                            "S: 220 *\nC: EHLO x\nS: 250-*\nS: 250-*\nS: 250 *\nC: STARTTLS\nS: 454 TLS not available\n"
                                    + MAIL)
                    .run(peer.address());
            assertThat(peer.messages()).hasSize(1);
        }
    }
}
