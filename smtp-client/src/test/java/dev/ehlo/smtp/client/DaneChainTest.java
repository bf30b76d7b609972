package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.TlsaRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Mail to hosts whose TLSA records stand for an issuer, with chains over real connections. RFC 7672 §3.1.2, §8.1. */
@Timeout(60)
class DaneChainTest {
    private static final TestCertificate ROOT = TestCertificate.selfSigned("root.example");
    private static final Envelope ENVELOPE = Envelope.from("a@example.org").to("b@example.com");

    /** What a client said before TLS and in its first message of it, which is in clear. */
    private static final class Wiretap implements AutoCloseable {
        private final ServerSocket door = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
        private final ExecutorService threads = Executors.newFixedThreadPool(2);

        Wiretap(int server) throws IOException {
            threads.execute(() -> {
                try (Socket client = door.accept();
                        Socket peer = new Socket(InetAddress.getLoopbackAddress(), server)) {
                    threads.execute(() -> copy(peer, client, OutputStream.nullOutputStream()));
                    copy(client, peer, heard);
                } catch (IOException closed) {
                    // as at the end of a test
                }
            });
        }

        private static void copy(Socket from, Socket to, OutputStream also) {
            byte[] octets = new byte[16 * 1024];
            try {
                for (int n = from.getInputStream().read(octets);
                        n >= 0;
                        n = from.getInputStream().read(octets)) {
                    synchronized (also) {
                        also.write(octets, 0, n);
                    }
                    to.getOutputStream().write(octets, 0, n);
                }
                to.shutdownOutput();
            } catch (IOException closed) {
                // as at the end of a test
            }
        }

        int port() {
            return door.getLocalPort();
        }

        String heard() {
            synchronized (heard) {
                return heard.toString(StandardCharsets.ISO_8859_1);
            }
        }

        @Override
        public void close() throws IOException {
            door.close();
            threads.shutdown();
        }
    }

    /** @param base the name that has the records */
    private static String deliver(TestCertificate shown, String base, TestCertificate issuer) throws Exception {
        TlsaRecord record = TlsaRecord.of(
                TlsaRecord.DANE_TA, 1, 0, issuer.x509().getPublicKey().getEncoded());
        TlsaAnswer tlsa = new TlsaAnswer.Records(base, List.of(record), List.of("example.com"));
        MxHost host = new MxHost("mx.example.net", 0, List.of(InetAddress.getLoopbackAddress()), false, tlsa);
        try (ScriptedPeer peer =
                        ScriptedPeer.builder().startTls(shown.serverContext()).start();
                Wiretap wire = new Wiretap(peer.port());
                SmtpClient client = SmtpClient.builder().localName("us.example").build()) {
            RecipientOutcome outcome = client.toMx(
                            domain -> CompletableFuture.completedFuture(new MxAnswer.Hosts(List.of(host), true)),
                            wire.port())
                    .deliver(ENVELOPE, MessageSource.of(Plans.CONTENT.getBytes(StandardCharsets.US_ASCII)))
                    .get(30, TimeUnit.SECONDS)
                    .outcomes()
                    .get(0);
            boolean isRelayed = outcome.status() == DeliveryStatus.RELAYED;
            assertThat(peer.messages()).hasSize(isRelayed ? 1 : 0);
            assertThat(wire.heard())
                    .as("who is asked for")
                    .contains(base)
                    .satisfies(said ->
                            assertThat(said.contains("mx.example.net")).isEqualTo(base.equals("mx.example.net")));
            return isRelayed ? "relayed" : outcome.reply().toString();
        }
    }

    @Test
    void mailGoesToAHostThatTheIssuerHasVouchedFor() throws Exception {
        assertThat(deliver(ROOT.issue("mx.example.net"), "mx.example.net", ROOT))
                .isEqualTo("relayed");
        assertThat(deliver(ROOT.issue("between.example").issue("mx.example.net"), "mx.example.net", ROOT))
                .isEqualTo("relayed");
        assertThat(deliver(ROOT.issue("example.com"), "mx.example.net", ROOT))
                .as("by the domain's name")
                .isEqualTo("relayed");
        assertThat(deliver(ROOT.issue("base.example.net"), "base.example.net", ROOT))
                .as("by the name that has the records")
                .isEqualTo("relayed");
    }

    @Test
    void nothingGoesToOthers() throws Exception {
        TestCertificate stranger = TestCertificate.selfSigned("root.example");
        assertThat(deliver(stranger.issue("mx.example.net"), "mx.example.net", ROOT))
                .startsWith("451 4.7.5 TLS to mx.example.net: the certificate is that of no TLSA record");
        assertThat(deliver(ROOT.issueExpired("mx.example.net"), "mx.example.net", ROOT))
                .startsWith("451 4.7.5 TLS to mx.example.net: the certificate is expired since ");
        assertThat(deliver(ROOT.issue("other.example.net"), "mx.example.net", ROOT))
                .startsWith(
                        "451 4.7.5 TLS to mx.example.net: the certificate is issued for other.example.net, not for");
        assertThat(deliver(ROOT.issue("mx.example.net"), "base.example.net", ROOT))
                .as("by a name that has no records")
                .startsWith("451 4.7.5 ");
        TestCertificate old = TestCertificate.expired("old.example");
        assertThat(deliver(old.issue("mx.example.net"), "mx.example.net", old))
                .startsWith("451 4.7.5 TLS to mx.example.net: the issuer's certificate old.example is expired since ");
    }
}
