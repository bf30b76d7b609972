package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.Loopback.next;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.tls.CertificateFault;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsPolicy;
import dev.ehlo.smtp.tls.TlsSession;
import dev.ehlo.smtp.tls.TlsVerdict;
import dev.ehlo.smtp.tls.TlsaRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client's policies come to in handshakes behind STARTTLS, and in sessions that are resumed. */
@Timeout(60)
class PolicyHandshakeTest {
    private static final TlsVerdict SELF_SIGNED = new TlsVerdict(
            true, false, "encrypted; the certificate is self-signed", Optional.of(CertificateFault.NOT_TRUSTED));

    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    @TempDir
    private Path directory;

    private TlsContext server;
    private X509Certificate certificate;
    private ClientTrust trust;
    private Reactor reactor;

    @BeforeEach
    void start() throws IOException {
        Path chain = directory.resolve("chain.pem");
        Path key = directory.resolve("key.pem");
        TlsContext.writeSelfSigned(chain, key, List.of("localhost", "mx.example.org"));
        server = TlsContext.pem(chain, key);
        certificate = server.certificate().orElseThrow();
        trust = ClientTrust.pem(chain);
        reactor = Reactor.start("policy-test", 1);
    }

    @AfterEach
    void stop() throws Exception {
        Loopback.awaitNoBufferLent(reactor);
        reactor.close();
    }

    @Test
    void eachPolicyTakesWhatItShould() throws Exception {
        assertThat(verdict(TlsPolicy.opportunistic(), "localhost")).isEqualTo(SELF_SIGNED);
        assertThat(verdict(TlsPolicy.required(), "192.0.2.1")).isEqualTo(SELF_SIGNED);
        assertThat(verdict(TlsPolicy.verified(trust), "localhost"))
                .isEqualTo(new TlsVerdict(true, true, "the certificate is issued for localhost by localhost"));
        assertThat(verdict(TlsPolicy.mtaSts(List.of("*.example.org"), trust), "mx.example.org")
                        .authenticated())
                .isTrue();
        assertThat(verdict(TlsPolicy.dane(List.of(tlsa(certificate))), "other.example")
                        .authenticated())
                .isTrue();
        assertThat(verdict(TlsPolicy.dane(List.of(TlsaRecord.of(new byte[3]))), "localhost"))
                .isEqualTo(new TlsVerdict(true, false, "encrypted; none of the TLSA records is usable"));
    }

    @Test
    void eachPolicyRefusesWhatItShouldWithAnAlertAndTellsWhy() throws Exception {
        X509Certificate another =
                TlsContext.selfSigned("localhost").certificate().orElseThrow();
        assertThat(refusal(TlsPolicy.verified(ClientTrust.system()), "localhost"))
                .isEqualTo("the certificate is self-signed");
        assertThat(refusal(TlsPolicy.verified(trust), "other.example"))
                .isEqualTo("the certificate is issued for localhost, mx.example.org, not for other.example");
        assertThat(refusal(TlsPolicy.mtaSts(List.of("mx2.example.org"), trust), "mx.example.org"))
                .isEqualTo("mx.example.org is no host of the MTA-STS policy");
        assertThat(refusal(TlsPolicy.dane(List.of(tlsa(another))), "localhost"))
                .startsWith("the certificate is that of no TLSA record: 3 1 1 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aSessionIsResumedUnderItsPolicyForItsHostAndPortWithItsVerdict(String protocol) throws Exception {
        TlsContext opportunistic = TlsContext.client(TlsPolicy.opportunistic());
        TlsContext verified = TlsContext.client(TlsPolicy.verified(trust));
        TlsSession first = session(opportunistic.toward("localhost"), protocol);
        TlsSession again = session(opportunistic.toward("LOCALHOST."), protocol);
        assertThat(first.resumed()).isFalse();
        assertThat(first)
                .hasToString(protocol + ' ' + first.cipherSuite() + "; encrypted; the certificate is self-signed");
        assertThat(again)
                .hasToString(
                        protocol + ' ' + again.cipherSuite() + " resumed; encrypted; the certificate is self-signed");
        assertThat(again.resumed()).isTrue();
        assertThat(again.verdict()).isPresent().isEqualTo(first.verdict());
        assertThat(again.peerChain()).isEqualTo(first.peerChain());
        assertThat(session(opportunistic.toward("localhost", 465), protocol).resumed())
                .isFalse();
        assertThat(session(opportunistic.toward("mx.example.org"), protocol).resumed())
                .isFalse();
        TlsSession judged = session(verified.toward("localhost"), protocol);
        assertThat(judged.resumed()).isFalse();
        assertThat(judged.verdict().orElseThrow().authenticated()).isTrue();
        TlsSession judgedAgain = session(verified.toward("localhost"), protocol);
        assertThat(judgedAgain.resumed()).isTrue();
        assertThat(judgedAgain.verdict()).isEqualTo(judged.verdict());
        assertThat(session(TlsContext.client(TlsPolicy.opportunistic()).toward("localhost"), protocol)
                        .resumed())
                .isFalse();
    }

    @Test
    void aServerJudgesNobody() throws Exception {
        TlsSide client = new TlsSide(
                TlsContext.client(TlsPolicy.required()).toward("localhost").newEngine());
        TlsSide accepting = new TlsSide(server.newEngine());
        client.handshakeWith(accepting);
        assertThat(accepting.layer.session().verdict()).isEmpty();
        assertThat(client.layer.session().verdict()).isPresent();
    }

    @Test
    void aContextIsTowardSomebody() {
        TlsContext client = TlsContext.client(TlsPolicy.required());
        assertThatThrownBy(client::newEngine).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> server.toward("localhost")).isInstanceOf(IllegalStateException.class);
        for (String name : List.of("", ".")) {
            assertThatThrownBy(() -> client.toward(name)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> client.toward("localhost", 65_536)).isInstanceOf(IllegalArgumentException.class);
    }

    private TlsVerdict verdict(TlsPolicy policy, String host) throws Exception {
        Turning client = connect(policy, host);
        Connection connection = next(client.under.opened);
        TlsVerdict verdict = Loopback.on(
                connection.loop(),
                () -> connection.tls().orElseThrow().verdict().orElseThrow());
        Loopback.run(connection, connection::close);
        assertThat(next(client.under.closed).verdict()).isEmpty();
        return verdict;
    }

    private String refusal(TlsPolicy policy, String host) throws Exception {
        Turning client = connect(policy, host);
        CloseCause cause = next(client.under.closed);
        assertThat(cause.kind()).isEqualTo(CloseCause.Kind.HANDSHAKE_FAILED);
        assertThat(client.under.opened).isEmpty();
        TlsVerdict verdict = cause.verdict().orElseThrow();
        assertThat(verdict.accepted()).isFalse();
        return verdict.reason();
    }

    /** Connects in clear and turns to TLS, both sides. */
    private Turning connect(TlsPolicy policy, String host) throws Exception {
        Turning accepting = new Turning(server, "STARTTLS\r\n", "220 go\r\n");
        Listener listener = reactor.listen(Loopback.anyPort(), 0, null, () -> accepting);
        Turning client = new Turning(TlsContext.client(policy).toward(host), "220 go\r\n", "");
        reactor.connect(listener.address(), MINUTE, null, client);
        Connection connection = next(client.opened);
        Loopback.run(connection, () -> {
            connection.output(10).put("STARTTLS\r\n".getBytes(US_ASCII));
            connection.flush();
        });
        return client;
    }

    private TlsSession session(TlsContext client, String protocol) throws Exception {
        SSLEngine engine = client.newEngine();
        engine.setEnabledProtocols(new String[] {protocol});
        TlsSide connecting = new TlsSide(engine);
        TlsSide accepting = new TlsSide(server.newEngine());
        connecting.handshakeWith(accepting);
        // A ticket of TLS 1.3 comes with the first octets.
        accepting.send("220 hello\r\n");
        connecting.receive(accepting.sent());
        assertThat(engine.getSession().getProtocol()).isEqualTo(protocol);
        return connecting.layer.session();
    }

    private static TlsaRecord tlsa(X509Certificate of) throws GeneralSecurityException {
        byte[] digest =
                MessageDigest.getInstance("SHA-256").digest(of.getPublicKey().getEncoded());
        return TlsaRecord.of(TlsaRecord.DANE_EE, 1, 1, digest);
    }

    /** Turns to TLS at a line, which it answers. */
    private static final class Turning extends Loopback.Recorder {
        final Loopback.Recorder under = new Loopback.Recorder();
        private final TlsContext context;
        private final String line;
        private final String answer;

        Turning(TlsContext context, String line, String answer) {
            this.context = context;
            this.line = line;
            this.answer = answer;
        }

        @Override
        public void received(Connection connection, ByteBuffer in) {
            if (in.remaining() == line.length()) {
                in.position(in.limit());
                connection.output(10).put(answer.getBytes(US_ASCII));
                connection.startTls(context, under);
            }
        }
    }
}
