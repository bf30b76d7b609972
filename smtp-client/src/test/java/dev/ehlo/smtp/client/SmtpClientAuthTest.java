package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.tls.ClientKey;
import dev.ehlo.smtp.tls.ClientTrust;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logins over real sockets. */
class SmtpClientAuthTest extends SmtpClientRig {
    @TempDir
    private Path directory;

    private Path certificate;
    private Path key;

    @BeforeEach
    void write() throws IOException {
        certificate = directory.resolve("cert.pem");
        key = directory.resolve("key.pem");
        CERTIFICATE.writePem(certificate, key);
    }

    @Test
    void provesThePasswordOnceForEachConnectionAndComputesOffTheLoop() throws Exception {
        Queue<LineServer> servers = new ConcurrentLinkedQueue<>();
        try (LinePeer peer = new LinePeer(CERTIFICATE.serverContext(), false, () -> {
            LineServer server =
                    new LineServer().offering("AUTH PLAIN SCRAM-SHA-256").answering(new SaslServer());
            servers.add(server);
            return server;
        })) {
            Smarthost host = at(peer).login("user", "pencil");
            assertThat(statuses(deliver(host))).containsExactly(RELAYED, RELAYED);
            assertThat(statuses(deliver(host))).containsExactly(RELAYED, RELAYED);
            assertThat(servers)
                    .hasSize(2)
                    .allSatisfy(
                            server -> assertThat(server.commands()).anyMatch(c -> c.startsWith("AUTH SCRAM-SHA-256 ")));
        }
    }

    @Test
    void bindsTheLoginToTheServersCertificate() throws Exception {
        byte[] hash =
                MessageDigest.getInstance("SHA-256").digest(CERTIFICATE.x509().getEncoded());
        SaslServer sasl = new SaslServer(hash);
        try (LinePeer peer = new LinePeer(
                CERTIFICATE.serverContext(),
                false,
                () -> new LineServer()
                        .offering("AUTH SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS SCRAM-SHA-256")
                        .answering(sasl))) {
            assertThat(statuses(deliver(at(peer).login("user", "pencil")))).containsExactly(RELAYED, RELAYED);
            assertThat(sasl.gs2Header).isEqualTo("p=tls-server-end-point,,");
        }
    }

    @Test
    void logsInByItsCertificate() throws Exception {
        try (LinePeer peer = new LinePeer(
                takingAnyClient(),
                true,
                () -> new LineServer().offering("AUTH EXTERNAL").on("AUTH EXTERNAL =", "235 2.7.0 ok\r\n"))) {
            assertThat(reply(deliver(at(peer).login("user", "secret")))).contains("offers AUTH by EXTERNAL");
            assertThat(peer.shown.poll(60, TimeUnit.SECONDS)).isEmpty();
            Credentials credentials = Credentials.certificate(ClientKey.pem(certificate, key));
            assertThat(statuses(deliver(at(peer).login(credentials)))).containsExactly(RELAYED, RELAYED);
            assertThat(peer.shown.poll(60, TimeUnit.SECONDS)).contains(CERTIFICATE.x509());
        }
    }

    @Test
    void asksForTokensOffTheLoopAndTakesWhatComesLater() throws Exception {
        Queue<String> threads = new ConcurrentLinkedQueue<>();
        CompletableFuture<String> token = new CompletableFuture<>();
        CountDownLatch asked = new CountDownLatch(1);
        Credentials credentials = Credentials.token("user", refused -> {
            threads.add(Thread.currentThread().getName());
            asked.countDown();
            return refused.isEmpty() ? token : CompletableFuture.completedFuture("fresh");
        });
        try (LinePeer peer = tokenPeer("fresh")) {
            CompletableFuture<DeliveryReport> report = begin(at(peer).login(credentials));
            assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(report).isNotDone();
            token.complete("stale");
            assertThat(statuses(report.get(30, TimeUnit.SECONDS))).containsExactly(RELAYED, RELAYED);
            assertThat(threads).hasSize(2).containsOnly("smtp-client-blocking");
        }
    }

    @Test
    void isToldByTheServerThatBothTokensAreRefused() throws Exception {
        List<String> tokens = List.of("stale", "staler");
        Queue<Optional<String>> asked = new ConcurrentLinkedQueue<>();
        Credentials credentials = Credentials.token("user", refused -> {
            asked.add(refused);
            return CompletableFuture.completedFuture(tokens.get(Math.min(asked.size(), 2) - 1));
        });
        try (LinePeer peer = tokenPeer("fresh")) {
            DeliveryReport report = deliver(at(peer).login(credentials));
            assertThat(statuses(report)).containsExactly(DEFERRED, DEFERRED);
            assertThat(reply(report)).isEqualTo("535 5.7.8 no");
            assertThat(report.outcomes().get(0).phase()).isEqualTo(DeliveryPhase.AUTH);
            assertThat(asked).containsExactly(Optional.empty(), Optional.of("stale"));
        }
    }

    @Test
    void endsWithTheClientWhereNoTokenEverComes() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        Credentials credentials = Credentials.token("user", refused -> {
            asked.countDown();
            return new CompletableFuture<>();
        });
        try (LinePeer peer = tokenPeer("fresh")) {
            CompletableFuture<DeliveryReport> report = begin(at(peer).login(credentials));
            assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
            client.close();
            assertThat(report.get(20, TimeUnit.SECONDS).outcomes())
                    .allMatch(o -> o.status() == NOT_SENT || o.status() == DEFERRED);
        }
    }

    /** A server's context that takes whatever certificate a client shows. */
    private SSLContext takingAnyClient() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        PrivateKey own = KeyFactory.getInstance(
                        CERTIFICATE.x509().getPublicKey().getAlgorithm())
                .generatePrivate(new PKCS8EncodedKeySpec(
                        Base64.getMimeDecoder().decode(Files.readString(key).replaceAll("-----[^-]*-----", ""))));
        store.setKeyEntry("key", own, new char[0], new Certificate[] {CERTIFICATE.x509()});
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        store.setCertificateEntry("client", CERTIFICATE.x509());
        TrustManagerFactory trusted = TrustManagerFactory.getInstance("PKIX");
        trusted.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trusted.getTrustManagers(), null);
        return context;
    }

    private CompletableFuture<DeliveryReport> begin(Smarthost host) {
        return client.to(host)
                .deliver(ENVELOPE, MessageSource.of(Plans.CONTENT.getBytes(StandardCharsets.US_ASCII)))
                .toCompletableFuture();
    }

    private Smarthost at(LinePeer peer) throws IOException {
        return Smarthost.submissions("127.0.0.1").port(peer.port()).trust(ClientTrust.pem(certificate));
    }

    private static LinePeer tokenPeer(String token) throws IOException {
        return new LinePeer(
                CERTIFICATE.serverContext(),
                false,
                () -> new LineServer()
                        .offering("AUTH OAUTHBEARER")
                        .answering(line -> line.equals("AQ==")
                                ? Optional.of("535 5.7.8 no\r\n")
                                : !line.startsWith("AUTH ")
                                        ? Optional.empty()
                                        : SaslServer.decoded(line.substring(17)).contains("Bearer " + token + '\1')
                                                ? Optional.of("235 2.7.0 ok\r\n")
                                                : Optional.of(SaslServer.challenge("{}"))));
    }
}
