package dev.ehlo.smtp.tls.reactor;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsSession;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The layer against itself, without a socket: the network is what the test carries from one side to the other. */
class TlsLayerTest {
    private static final TlsContext SERVER = TlsContext.selfSigned("localhost");
    private static final TlsContext CLIENT = TlsContext.client(ClientTrust.insecure(), "mx.example.org");

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void carriesOctetsBothWaysAndEndsWithCloseNotify(String protocol) throws SSLException {
        TlsSide server = new TlsSide(SERVER.newEngine());
        TlsSide client = new TlsSide(clientEngine(protocol));
        client.handshakeWith(server);
        client.send("EHLO client\r\n");
        server.receive(client.sent());
        server.send("250 server\r\n");
        client.receive(server.sent());

        assertThat(server.clear()).isEqualTo("EHLO client\r\n");
        assertThat(client.clear()).isEqualTo("250 server\r\n");
        TlsSession session = server.layer.session();
        assertThat(session.protocol()).isEqualTo(protocol);
        assertThat(session.serverName()).contains("mx.example.org");
        assertThat(session.peerChain()).isEmpty();
        assertThat(client.layer.session().peerChain())
                .containsExactly(SERVER.certificate().orElseThrow());

        client.layer.close(client.out);
        assertThat(server.receive(client.sent())).isEqualTo(TlsLayer.Step.ENDED);
        assertThat(server.receive(new byte[0])).isEqualTo(TlsLayer.Step.ENDED);
    }

    @Property(tries = 60)
    void givesTheSameOctetsHoweverTheNetworkCutsThem(
            @ForAll @Size(min = 1, max = 40) List<@IntRange(min = 1, max = 900) Integer> cuts,
            @ForAll boolean oldProtocol)
            throws SSLException {
        TlsSide server = new TlsSide(SERVER.newEngine());
        TlsSide client = new TlsSide(clientEngine(oldProtocol ? "TLSv1.2" : "TLSv1.3"));
        client.cuts = cuts;
        server.cuts = cuts;
        client.handshakeWith(server);
        StringBuilder sent = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            String line = "RCPT TO:<" + i + "@example.org>\r\n";
            sent.append(line);
            client.send(line);
        }
        server.receive(client.sent());
        assertThat(server.clear()).isEqualTo(sent.toString());
        server.assertNothingLent();
        client.assertNothingLent();
    }

    @Test
    void takesTheNetworkOctetByOctet() throws SSLException {
        TlsSide server = new TlsSide(SERVER.newEngine());
        TlsSide client = new TlsSide(CLIENT.newEngine());
        client.cuts = List.of(1);
        server.cuts = List.of(1);
        client.handshakeWith(server);
        client.send("QUIT\r\n");
        server.receive(client.sent());
        assertThat(server.clear()).isEqualTo("QUIT\r\n");
    }

    @Test
    void takesAClientHelloInRecordsOfOneOctet() throws SSLException {
        TlsSide server = new TlsSide(SERVER.newEngine());
        TlsSide client = new TlsSide(CLIENT.newEngine());
        client.receive(new byte[0]);
        byte[] hello = client.sent();
        ByteBuffer small = ByteBuffer.allocate(6 * hello.length);
        for (int i = 5; i < hello.length; i++) {
            small.put(hello, 0, 3).putShort((short) 1).put(hello[i]);
        }
        server.receive(Arrays.copyOf(small.array(), small.position()));
        client.receive(server.sent());
        client.handshakeWith(server);
        assertThat(server.established).isTrue();
    }

    @Test
    void refusesAClientHelloThatClaimsAHugeLength() throws SSLException {
        TlsSide server = new TlsSide(SERVER.newEngine());
        byte[] record = new byte[5 + 100];
        System.arraycopy(new byte[] {22, 3, 1, 0, 100, 1, (byte) 0xff, (byte) 0xff, (byte) 0xff}, 0, record, 0, 9);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 10_000; i++) {
                        server.receive(record);
                    }
                })
                .isInstanceOf(SSLException.class);
        assertThat(server.taken).isLessThanOrEqualTo(TlsLayer.HANDSHAKE_OCTETS_BOUND + record.length);
    }

    @Test
    void refusesARecordThatClaimsAHugeLength() throws SSLException {
        TlsSide server = new TlsSide(SERVER.newEngine());
        assertThatThrownBy(() -> server.receive(new byte[] {22, 3, 1, (byte) 0xff, (byte) 0xff, 1, 0}))
                .isInstanceOf(SSLException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST / HTTP/1.1\r\nHost: x\r\n\r\n",
                "EHLO client\r\n",
                "\0\0\0\0\0\0\0\0",
                "SSH-2.0-OpenSSH_9.2\r\n"
            })
    void refusesWhatIsNotTls(String octets) throws SSLException {
        TlsSide server = new TlsSide(SERVER.newEngine());
        assertThatThrownBy(() -> server.receive(octets.getBytes(US_ASCII))).isInstanceOf(SSLException.class);
    }

    @Test
    void choosesSmtpIfItIsOffered() throws SSLException {
        TlsSide server = new TlsSide(SERVER.newEngine());
        new TlsSide(offering("h2", "smtp")).handshakeWith(server);
        assertThat(server.layer.session().applicationProtocol()).contains("smtp");
    }

    @Test
    void goesOnWithoutAProtocolIfNoneIsOffered() throws SSLException {
        TlsSide server = new TlsSide(SERVER.newEngine());
        new TlsSide(CLIENT.newEngine()).handshakeWith(server);
        assertThat(server.layer.session().applicationProtocol()).isEmpty();
    }

    @Test
    void refusesAClientThatMeansAnotherProtocol() throws SSLException {
        TlsSide server = new TlsSide(SERVER.newEngine());
        TlsSide client = new TlsSide(offering("h2", "http/1.1"));
        assertThatThrownBy(() -> client.handshakeWith(server))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("No matching application layer protocol");
        server.layer.alert(server.out);
        assertThatThrownBy(() -> client.receive(server.sent()))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("no_application_protocol");
    }

    @Test
    void refusesProtocolsAndSuitesOfThePast() {
        for (TlsContext context : List.of(SERVER, CLIENT)) {
            SSLEngine engine = context.newEngine();
            assertThat(engine.getEnabledProtocols()).containsExactlyInAnyOrder("TLSv1.2", "TLSv1.3");
            assertThat(engine.getEnabledCipherSuites())
                    .contains("TLS_AES_128_GCM_SHA256")
                    .allMatch(suite -> suite.contains("_GCM_") || suite.contains("_CHACHA20_"))
                    .allMatch(suite -> suite.startsWith("TLS_ECDHE_") || !suite.contains("_WITH_"));
        }
    }

    @Test
    void refusesASecondHandshake() throws SSLException {
        TlsSide server = new TlsSide(SERVER.newEngine());
        SSLEngine engine = clientEngine("TLSv1.2");
        TlsSide client = new TlsSide(engine);
        client.handshakeWith(server);
        engine.beginHandshake();
        client.send("x");
        assertThatThrownBy(() -> server.receive(client.sent()))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("second handshake");
        server.layer.alert(server.out);
        assertThat(server.sent()).hasSizeBetween(1, 1_000);
    }

    @Test
    void takesAKeyUpdateNowAndThen() throws SSLException {
        TlsSide server = new TlsSide(SERVER.newEngine());
        SSLEngine engine = CLIENT.newEngine();
        TlsSide client = new TlsSide(engine);
        client.handshakeWith(server);
        for (int i = 0; i < 2 * TlsLayer.EMPTY_RECORDS_BOUND; i++) {
            engine.beginHandshake();
            client.send("x");
            server.receive(client.sent());
            server.send("y");
            client.receive(server.sent());
        }
        assertThat(client.clear()).hasSameSizeAs(server.clear());
        assertThat(server.clear()).hasSize(2 * TlsLayer.EMPTY_RECORDS_BOUND);
    }

    @Test
    void refusesAFloodOfKeyUpdates() throws SSLException {
        TlsSide server = new TlsSide(SERVER.newEngine());
        SSLEngine engine = CLIENT.newEngine();
        TlsSide client = new TlsSide(engine);
        client.handshakeWith(server);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 2 * TlsLayer.EMPTY_RECORDS_BOUND; i++) {
                        engine.beginHandshake();
                        client.receive(new byte[0]);
                        server.receive(client.sent());
                        server.send("y"); // so that the answers are no flood to the client
                        client.receive(server.sent());
                    }
                })
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("records without content");
        server.layer.alert(server.out);
        byte[] last = server.sent();
        assertThat(last).hasSizeBetween(1, 1_000);
        assertThat(client.receive(last)).isEqualTo(TlsLayer.Step.ENDED);
    }

    @Test
    void holdsLittleForAPeerThatAsksForKeyUpdatesAndReadsNoAnswers() throws SSLException {
        TlsSide server = new TlsSide(SERVER.newEngine());
        SSLEngine engine = CLIENT.newEngine();
        TlsSide client = new TlsSide(engine);
        client.handshakeWith(server);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < TlsLayer.UNSENT_ANSWERS_BOUND / 10; i++) {
                        engine.beginHandshake();
                        client.send("x"); // so that it is no flood of records without content
                        server.receive(client.sent());
                    }
                })
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("takes none");
        assertThat(server.out.octets()).isLessThan(TlsLayer.UNSENT_ANSWERS_BOUND + 1_000);
        server.layer.alert(server.out);
        server.sent();
    }

    @Test
    void doesNotCarryASessionFromOneServiceToAnother() throws SSLException {
        TlsContext other = TlsContext.selfSigned("localhost");
        for (TlsContext service : List.of(SERVER, other)) {
            TlsSide server = new TlsSide(service.newEngine());
            TlsSide client = new TlsSide(CLIENT.newEngine());
            client.handshakeWith(server);
            server.send("220 x\r\n");
            client.receive(server.sent());
            assertThat(client.layer.session().peerChain())
                    .containsExactly(service.certificate().orElseThrow());
        }
    }

    @Test
    void refusesTamperedOctets() throws SSLException {
        TlsSide server = new TlsSide(SERVER.newEngine());
        TlsSide client = new TlsSide(CLIENT.newEngine());
        client.handshakeWith(server);
        client.send("MAIL FROM:<a@example.org>\r\n");
        byte[] octets = client.sent();
        octets[octets.length - 20] ^= 1;
        assertThatThrownBy(() -> server.receive(octets)).isInstanceOf(SSLException.class);
        assertThat(server.clear()).isEmpty();
    }

    private static SSLEngine clientEngine(String protocol) {
        SSLEngine engine = CLIENT.newEngine();
        engine.setEnabledProtocols(new String[] {protocol});
        return engine;
    }

    private static SSLEngine offering(String... protocols) {
        SSLEngine engine = CLIENT.newEngine();
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        engine.setSSLParameters(parameters);
        return engine;
    }
}
