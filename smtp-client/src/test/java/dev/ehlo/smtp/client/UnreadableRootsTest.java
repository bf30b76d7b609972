package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.TlsPolicy;
import dev.ehlo.smtp.tls.TlsaRecord;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Deliveries where the JVM's store of certificates is damaged. Alone, since that is a setting of the whole JVM. */
@Isolated
@Timeout(60)
class UnreadableRootsTest {
    private static final String STORE = "javax.net.ssl.trustStore";
    private static final TestCertificate CERTIFICATE = TestCertificate.selfSigned("mx.example.net");
    private static final Envelope ENVELOPE = Envelope.from("a@example.org").to("b@example.com");
    private static final String WHY = "451 4.3.5 the certificates of those who are trusted can't be read";

    private static final StsPolicy POLICY =
            new StsPolicy(StsPolicy.Mode.ENFORCE, List.of("mx.example.net"), Duration.ofDays(1));

    @TempDir
    private Path directory;

    private final Queue<TlsResult> told = new ConcurrentLinkedQueue<>();
    private String content = Plans.CONTENT;
    private TlsaAnswer tlsa = new TlsaAnswer.None();

    private String before;

    @BeforeEach
    void keep() {
        before = System.getProperty(STORE);
    }

    /** By another file each time: of one that failed before, the JDK gives what it had read before that. */
    private void damage() throws IOException {
        Path damaged = Files.createTempFile(directory, "roots", "");
        System.setProperty(
                STORE,
                Files.writeString(damaged, "nothing that anybody could read").toString());
    }

    @AfterEach
    void mend() {
        if (before == null) {
            System.clearProperty(STORE);
        } else {
            System.setProperty(STORE, before);
        }
    }

    private RecipientOutcome deliver(ScriptedPeer peer, Envelope envelope, Optional<StsPolicy> policy)
            throws Exception {
        damage();
        MxAnswer answer = new MxAnswer.Hosts(
                List.of(new MxHost("mx.example.net", 0, List.of(InetAddress.getLoopbackAddress()), false, tlsa)), true);
        try (SmtpClient client = SmtpClient.builder()
                .localName("us.example")
                .mtaSts(domain -> CompletableFuture.completedFuture(policy))
                .tlsEvents(told::add)
                .build()) {
            return client.toMx(domain -> CompletableFuture.completedFuture(answer), peer.port())
                    .deliver(envelope, MessageSource.of(content.getBytes(StandardCharsets.US_ASCII)))
                    .get(30, TimeUnit.SECONDS)
                    .outcomes()
                    .get(0);
        }
    }

    @Test
    void mailThatNeedsThemWaitsAndIsToldWhy() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .startTls(CERTIFICATE.serverContext())
                .extensions("REQUIRETLS")
                .start()) {
            RecipientOutcome required = deliver(peer, ENVELOPE.with(EsmtpParameter.requireTls()), Optional.empty());
            assertThat(required.status()).isEqualTo(NOT_SENT);
            assertThat(required.reply()).hasToString(WHY);
            RecipientOutcome enforced = deliver(peer, ENVELOPE, Optional.of(POLICY));
            assertThat(enforced.status()).isEqualTo(NOT_SENT);
            assertThat(enforced.reply()).hasToString(WHY);
            assertThat(peer.messages()).isEmpty();
        }
    }

    @Test
    void mailThatWouldRatherArriveOrGoesByDaneDoesNotWait() throws Exception {
        try (ScriptedPeer peer =
                ScriptedPeer.builder().startTls(CERTIFICATE.serverContext()).start()) {
            content = "TLS-Required: No\r\n" + Plans.CONTENT;
            assertThat(deliver(peer, ENVELOPE, Optional.of(POLICY)).status()).isEqualTo(RELAYED);
            content = Plans.CONTENT;
            byte[] key = CERTIFICATE.x509().getPublicKey().getEncoded();
            tlsa = new TlsaAnswer.Records(
                    "mx.example.net", List.of(TlsaRecord.of(TlsaRecord.DANE_EE, 1, 0, key)), List.of());
            assertThat(deliver(peer, ENVELOPE, Optional.of(POLICY)).status()).isEqualTo(RELAYED);
        }
    }

    @Test
    void ofAPolicyThatIsTestedNothingIsToldWithoutThem() throws Exception {
        try (ScriptedPeer peer =
                ScriptedPeer.builder().startTls(CERTIFICATE.serverContext()).start()) {
            StsPolicy tested = new StsPolicy(StsPolicy.Mode.TESTING, List.of("mx.example.net"), Duration.ofDays(1));
            assertThat(deliver(peer, ENVELOPE, Optional.of(tested)).status()).isEqualTo(RELAYED);
            assertThat(told).isEmpty();
        }
    }

    @Test
    void mailThatDoesNotNeedThemGoesUnderTls() throws Exception {
        try (ScriptedPeer peer =
                ScriptedPeer.builder().startTls(CERTIFICATE.serverContext()).start()) {
            RecipientOutcome outcome = deliver(peer, ENVELOPE, Optional.empty());
            assertThat(outcome.status()).as(outcome.toString()).isEqualTo(RELAYED);
            assertThat(peer.sessions()).allMatch(s -> s.isTls());
        }
        damage();
        assertThat(TlsPolicy.required()
                        .judge(List.of(CERTIFICATE.x509()), "mx.example.net", Instant.now())
                        .accepted())
                .isTrue();
    }
}
