package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.Loopback.next;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Handshakes and what follows them, cut: in memory at every octet of each flight of both sides, over sockets at every
 * end of a record and an octet beside it.
 */
@Timeout(120)
class HandshakeCutsTest {
    private static final String LINE = "EHLO x.example\r\n";
    private static final int WHOLE = Integer.MAX_VALUE;
    /** Octets of the segments in which full handshakes come; with the first from 1 to that, each octet ends one. */
    private static final int SEGMENT = 64;

    @TempDir
    private static Path directory;

    private static TlsContext keys;
    private static Certificate certificate;
    private static SSLContext jdk;
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private Reactor reactor;

    @BeforeAll
    static void makeKeys() throws Exception {
        Path chain = directory.resolve("chain.pem");
        Path key = directory.resolve("key.pem");
        TlsContext.writeSelfSigned(chain, key, List.of("localhost"));
        keys = TlsContext.pem(chain, key);
        certificate = CertificateFactory.getInstance("X.509").generateCertificate(Files.newInputStream(chain));
        jdk = jdk(key);
    }

    @BeforeEach
    void start() throws IOException {
        reactor = Reactor.start("handshake-cuts-test", 2);
    }

    @AfterEach
    void stop() throws Exception {
        Loopback.awaitNoBufferLent(reactor);
        reactor.close();
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, false", "TLSv1.2, true", "TLSv1.3, false", "TLSv1.3, true"})
    void takesEveryFlightCutAtEveryOctet(String protocol, boolean resumed) throws Exception {
        TlsContext known = client();
        int full = new Flights(protocol, known, WHOLE, WHOLE).serverOctets;
        for (int first = 1; first <= SEGMENT; first++) {
            Flights cut = new Flights(protocol, resumed ? known : client(), first, SEGMENT);
            assertThat(isResumed(full, cut.serverOctets)).isEqualTo(resumed);
        }
        if (resumed) { // cheap enough to be cut at one place at a time too
            int longest = new Flights(protocol, known, WHOLE, WHOLE).longest;
            assertThat(longest).isGreaterThan(SEGMENT);
            for (int at = 1; at < longest; at++) {
                assertThat(isResumed(full, new Flights(protocol, known, at, WHOLE).serverOctets))
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, false", "TLSv1.2, true", "TLSv1.3, false", "TLSv1.3, true"})
    void serverTakesEveryRecordCutAtItsEndAndBeside(String protocol, boolean resumed) throws Exception {
        Listener listener = reactor.listen(Loopback.anyPort(), 0, keys, Loopback.Echo::new);
        try (RecordRelay relay = new RecordRelay(reactor, listener.address())) {
            int full = echoedToJdk(relay, protocol, resumed, 0);
            for (int beside = -1; beside <= 1; beside++) {
                int said = echoedToJdk(relay, protocol, resumed, beside);
                assertThat(isResumed(full, said)).isEqualTo(resumed);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, false", "TLSv1.2, true", "TLSv1.3, false", "TLSv1.3, true"})
    void clientTakesEveryRecordCutAtItsEndAndBeside(String protocol, boolean resumed) throws Exception {
        TlsContext known = client();
        int full = echoedByJdk(protocol, known, 0);
        for (int beside = -1; beside <= 1; beside++) {
            int said = echoedByJdk(protocol, resumed ? known : client(), beside);
            assertThat(isResumed(full, said)).isEqualTo(resumed);
        }
    }

    /** A server that resumes a session does not show its certificate again. */
    private static boolean isResumed(int fullOctets, int octets) throws Exception {
        return octets + certificate.getEncoded().length < fullOctets;
    }

    /** A client that knows no session. */
    private static TlsContext client() {
        return TlsContext.client(ClientTrust.insecure(), "n" + NUMBER.incrementAndGet() + ".example");
    }

    /** One handshake, a line both ways and the end, each flight in segments. */
    private static final class Flights {
        private final TlsSide server = new TlsSide(keys.newEngine());
        private final TlsSide client;
        private final int first;
        private final int next;
        int longest;
        int serverOctets;

        Flights(String protocol, TlsContext context, int first, int next) throws SSLException {
            this.first = first;
            this.next = next;
            SSLEngine engine = context.newEngine();
            engine.setEnabledProtocols(new String[] {protocol});
            client = new TlsSide(engine);
            client.receive(new byte[0]);
            carry();
            assertThat(client.established && server.established).isTrue();
            assertThat(server.layer.session().protocol()).isEqualTo(protocol);
            client.send(LINE);
            server.send(LINE);
            carry();
            assertThat(List.of(client.clear(), server.clear())).containsOnly(LINE);
            client.layer.close(client.out);
            carry();
            assertThat(server.receive(new byte[0])).isEqualTo(TlsLayer.Step.ENDED);
            client.assertNothingLent();
            server.assertNothingLent();
        }

        private void carry() throws SSLException {
            byte[] mine = client.sent();
            byte[] others = server.sent();
            while (mine.length > 0 || others.length > 0) {
                cut(server, mine);
                cut(client, others);
                serverOctets += others.length;
                mine = client.sent();
                others = server.sent();
            }
        }

        private void cut(TlsSide to, byte[] flight) throws SSLException {
            longest = Math.max(longest, flight.length);
            int end = Math.min(first, flight.length);
            to.receive(Arrays.copyOf(flight, end));
            for (int from = end; from < flight.length; from = end) {
                end = (int) Math.min((long) from + next, flight.length);
                to.receive(Arrays.copyOfRange(flight, from, end));
            }
        }
    }

    /** How much our server said to a client of the JDK's, which keeps its session or not. */
    private static int echoedToJdk(RecordRelay relay, String protocol, boolean kept, int beside) throws Exception {
        CompletableFuture<Integer> said = relay.carry(beside);
        try (Socket raw =
                        new Socket(relay.address().getAddress(), relay.address().getPort());
                SSLSocket tls =
                        (SSLSocket) jdk.getSocketFactory().createSocket(raw, "localhost", raw.getPort(), true)) {
            tls.setSoTimeout((int) TimeUnit.SECONDS.toMillis(Loopback.SECONDS));
            tls.setEnabledProtocols(new String[] {protocol});
            tls.getOutputStream().write(LINE.getBytes(US_ASCII));
            assertThat(tls.getInputStream().readNBytes(LINE.length())).isEqualTo(LINE.getBytes(US_ASCII));
            if (!kept) {
                tls.getSession().invalidate();
            }
            tls.shutdownOutput();
            assertThat(tls.getInputStream().read()).isEqualTo(-1);
        }
        return said.get(Loopback.SECONDS, TimeUnit.SECONDS);
    }

    /** How much a server of the JDK's said to our client. */
    private int echoedByJdk(String protocol, TlsContext context, int beside) throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder() {
            @Override
            public void opened(Connection connection) {
                super.opened(connection);
                connection.output(LINE.length()).put(LINE.getBytes(US_ASCII));
                connection.flush();
            }
        };
        try (ServerSocket listener = new ServerSocket()) {
            listener.bind(Loopback.anyPort());
            try (RecordRelay relay = new RecordRelay(reactor, (InetSocketAddress) listener.getLocalSocketAddress())) {
                CompletableFuture<Integer> said = relay.carry(beside);
                reactor.connect(relay.address(), TimeUnit.SECONDS.toNanos(Loopback.SECONDS), context, handler);
                try (Socket raw = listener.accept();
                        SSLSocket tls = (SSLSocket) jdk.getSocketFactory().createSocket(raw, "localhost", 1, true)) {
                    tls.setSoTimeout((int) TimeUnit.SECONDS.toMillis(Loopback.SECONDS));
                    tls.setUseClientMode(false);
                    tls.setEnabledProtocols(new String[] {protocol});
                    byte[] line = tls.getInputStream().readNBytes(LINE.length());
                    tls.getOutputStream().write(line);
                    Connection connection = next(handler.opened);
                    StringBuilder back = new StringBuilder(next(handler.events));
                    while (back.length() < LINE.length()) {
                        back.append(next(handler.events));
                    }
                    assertThat(back).hasToString(LINE);
                    Loopback.run(connection, connection::close);
                    assertThat(tls.getInputStream().read()).isEqualTo(-1);
                }
                assertThat(next(handler.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
                return said.get(Loopback.SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    /** The same keys in the JDK's hands, and trust in them. */
    private static SSLContext jdk(Path keyFile) throws Exception {
        String pem = Files.readString(keyFile).replaceAll("-----[A-Z ]+-----|\\s", "");
        PrivateKey key = KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", key, new char[0], new Certificate[] {certificate});
        store.setCertificateEntry("root", certificate);
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance("PKIX");
        keyManagers.init(store, new char[0]);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
