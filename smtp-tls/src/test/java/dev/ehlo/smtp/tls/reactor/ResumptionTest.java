package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.Loopback.next;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsSession;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions that go on with the keys of an earlier one, over sockets. */
@Timeout(60)
class ResumptionTest {
    @TempDir
    private Path directory;

    private Path chain;
    private TlsContext server;
    private Reactor reactor;

    @BeforeEach
    void start() throws Exception {
        chain = directory.resolve("chain.pem");
        Path key = directory.resolve("key.pem");
        TlsContext.writeSelfSigned(chain, key, List.of("localhost"));
        server = TlsContext.pem(chain, key);
        reactor = Reactor.start("resumption-test", 1);
    }

    @AfterEach
    void stop() throws Exception {
        Loopback.awaitNoBufferLent(reactor);
        reactor.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void tellsTheServerWhetherASessionIsResumed(String protocol) throws Exception {
        Loopback.Echo echo = new Loopback.Echo();
        Listener listener = reactor.listen(Loopback.anyPort(), 0, server, () -> echo);
        SSLContext client = trusting(chain);
        for (SSLContext context : List.of(client, client, client, trusting(chain))) {
            assertThat(echo(context, listener, protocol)).isEqualTo("a");
        }
        assertThat(List.of(
                        Loopback.session(echo), Loopback.session(echo), Loopback.session(echo), Loopback.session(echo)))
                .extracting(TlsSession::protocol, TlsSession::resumed)
                .containsExactly(
                        Tuple.tuple(protocol, false),
                        Tuple.tuple(protocol, true),
                        Tuple.tuple(protocol, true),
                        Tuple.tuple(protocol, false));
    }

    @Test
    void tellsTheClientWhetherASessionIsResumed() throws Exception {
        Listener listener = reactor.listen(Loopback.anyPort(), 0, server, Loopback.Echo::new);
        for (ClientTrust trust : List.of(ClientTrust.pem(chain), ClientTrust.insecure())) {
            TlsContext client = TlsContext.client(trust, "localhost");
            TlsSession first = talk(listener, client);
            TlsSession second = talk(listener, client);
            assertThat(first.resumed()).isFalse();
            assertThat(second.resumed()).isTrue();
            assertThat(second.peerChain()).isEqualTo(first.peerChain()).isNotEmpty();
            assertThat(talk(listener, TlsContext.client(trust, "localhost")).resumed())
                    .isFalse();
        }
    }

    @Test
    void tellsBothWhetherASessionOfTls12IsResumed() throws Exception {
        TlsContext context = TlsContext.client(ClientTrust.pem(chain), "localhost");
        for (boolean resumed : new boolean[] {false, true, true}) {
            var engine = context.newEngine();
            engine.setEnabledProtocols(new String[] {"TLSv1.2"});
            TlsSide client = new TlsSide(engine);
            TlsSide peer = new TlsSide(server.newEngine());
            client.handshakeWith(peer);
            assertThat(client.layer.session().resumed()).isEqualTo(resumed);
            assertThat(peer.layer.session().resumed()).isEqualTo(resumed);
        }
    }

    /** Says one octet and hears it again: by then the ticket is there. */
    private TlsSession talk(Listener listener, TlsContext client) throws Exception {
        Loopback.Recorder talker = new Loopback.Recorder() {
            @Override
            public void opened(Connection connection) {
                super.opened(connection);
                connection.output(1).put((byte) 'a');
                connection.flush();
            }
        };
        reactor.connect(listener.address(), TimeUnit.SECONDS.toNanos(Loopback.SECONDS), client, talker);
        assertThat(next(talker.events)).isEqualTo("a");
        Connection connection = next(talker.opened);
        Loopback.run(connection, connection::close);
        next(talker.closed);
        return Loopback.on(connection.loop(), () -> connection.tls().orElseThrow());
    }

    private static String echo(SSLContext context, Listener listener, String protocol) throws IOException {
        try (Socket socket = Loopback.connect(listener);
                SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, "localhost", 25, false)) {
            tls.setEnabledProtocols(new String[] {protocol});
            tls.getOutputStream().write("a".getBytes(US_ASCII));
            String heard = new String(tls.getInputStream().readNBytes(1), US_ASCII);
            tls.shutdownOutput();
            assertThat(tls.getInputStream().read()).isEqualTo(-1);
            return heard;
        }
    }

    private static SSLContext trusting(Path chain) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (var in = Files.newInputStream(chain)) {
            store.setCertificateEntry(
                    "root", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }
}
