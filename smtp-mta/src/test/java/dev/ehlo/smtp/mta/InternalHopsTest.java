package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.client.SmtpClient;
import dev.ehlo.smtp.mta.tls.AnyServer;
import dev.ehlo.smtp.queue.MailQueue;
import dev.ehlo.smtp.queue.Spool;
import dev.ehlo.smtp.server.Content;
import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.SmtpServer;
import dev.ehlo.smtp.testkit.Smuggling;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Between our own parts content goes by its length: nothing in it is ever taken for its end, or for commands. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class InternalHopsTest {
    private static final String SECOND =
            "MAIL FROM:<admin@example.org>\r\nRCPT TO:<x@example.net>\r\nDATA\r\nSubject: second\r\n\r\n.\r\n";

    @TempDir
    private Path scratch;

    @Test
    void theSpoolKeepsWhatCouldEndContentOctetForOctet() throws Exception {
        BlockingQueue<String> delivered = new LinkedBlockingQueue<>();
        DeliveryAgent agent = (envelope, content) -> CompletableFuture.supplyAsync(() -> {
            try (var in = Channels.newInputStream(content.open())) {
                delivered.add(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return DeliveryReport.forEach(
                    envelope,
                    r -> new RecipientOutcome(r, DeliveryStatus.RELAYED, Reply.of(250, "2.0.0", "taken"), null));
        });
        try (MailQueue queue = MailQueue.builder()
                .spool(Spool.directory(scratch.resolve("spool")))
                .agent(agent)
                .start()) {
            for (String sequence : Smuggling.SEQUENCES) {
                String content = "Subject: first\r\n\r\nbody" + sequence + SECOND;
                MessageSink sink = queue.open(Envelope.from("a@example.org").to("b@example.net"));
                sink.write(ByteBuffer.wrap(content.getBytes(StandardCharsets.ISO_8859_1)));
                assertThat(sink.complete()
                                .toCompletableFuture()
                                .get(30, TimeUnit.SECONDS)
                                .code())
                        .isEqualTo(250);
                assertThat(delivered.poll(30, TimeUnit.SECONDS)).isEqualTo(content);
            }
        }
        assertThat(delivered).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"mx, false", "mx, true", "submission, true", "submissions, true"})
    void contentOfChunksIsFramedAnewForTheNextHost(String profile, boolean tls) throws Exception {
        BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
        try (SmtpServer next = SmtpServer.builder()
                        .hostname("next.example.net")
                        .handler((session, envelope) -> Content.asBytes(1 << 20, octets -> {
                            arrived.add(envelope.recipients() + new String(octets, StandardCharsets.ISO_8859_1));
                            return Reply.of(250, "2.0.0", "Taken");
                        }))
                        .listen(Profile.mx().at(anyPort()).anyRecipient())
                        .start();
                SmtpClient client =
                        SmtpClient.builder().localName("mx.example.org").build();
                MailQueue queue = MailQueue.builder()
                        .spool(Spool.directory(scratch.resolve(profile + tls)))
                        .agent(client.to(
                                Smarthost.relay("127.0.0.1", next.address("mx").getPort())))
                        .start();
                SmtpServer server = SmtpServer.builder()
                        .hostname("mx.example.org")
                        .tls(TlsContext.selfSigned("mx.example.org"))
                        .relayFrom(List.of(Network.parse("127.0.0.0/8")))
                        .authenticator((login, password) -> Optional.of("a@example.org"))
                        .handler((session, envelope) -> queue.open(envelope))
                        .listen(Profile.mx().at(anyPort()))
                        .listen(Profile.submission().at(anyPort()))
                        .listen(Profile.submissions().at(anyPort()))
                        .start();
                Chunks chunks = new Chunks(server.address(profile))) {
            String content =
                    "From: a@example.org\r\nDate: Sun, 22 Nov 2026 08:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\n"
                            + ".\r\nbody\r\n.\r\n" + SECOND + "..\r\n";
            if (profile.equals("submissions")) {
                chunks.turnToTls();
            }
            chunks.expect("220");
            if (tls && !profile.equals("submissions")) {
                chunks.say("STARTTLS").expect("220");
                chunks.turnToTls();
            }
            chunks.say("EHLO client.example").expect("250");
            if (!profile.equals("mx")) {
                chunks.say("AUTH PLAIN AGEAYg==").expect("235");
            }
            chunks.say("MAIL FROM:<a@example.org>").expect("250");
            chunks.say("RCPT TO:<b@example.net>").expect("250");
            chunks.say("BDAT " + content.length() + " LAST\r\n" + content + "QUIT")
                    .expect("250");
            chunks.expect("221");
            assertThat(arrived.poll(30, TimeUnit.SECONDS))
                    .startsWith("[b@example.net]Received: ")
                    .endsWith("\r\n" + content);
            queue.drain(Duration.ofSeconds(10));
            assertThat(arrived).isEmpty();
        }
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** A client as plain as can be. */
    private static final class Chunks implements AutoCloseable {
        private Socket socket;
        private BufferedReader in;

        Chunks(InetSocketAddress server) throws IOException {
            socket = new Socket(server.getAddress(), server.getPort());
            in = reader();
        }

        private BufferedReader reader() throws IOException {
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
        }

        void turnToTls() throws Exception {
            SSLSocket tls =
                    (SSLSocket) AnyServer.context().getSocketFactory().createSocket(socket, "mx.example.org", 0, true);
            tls.startHandshake();
            socket = tls;
            in = reader();
        }

        Chunks say(String line) throws IOException {
            socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            return this;
        }

        void expect(String code) throws IOException {
            String line = in.readLine();
            while (line != null && line.startsWith(code + "-")) {
                line = in.readLine();
            }
            assertThat(line).startsWith(code + " ");
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
