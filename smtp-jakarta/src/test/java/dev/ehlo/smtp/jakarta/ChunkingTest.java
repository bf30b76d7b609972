package dev.ehlo.smtp.jakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SmtpHandler;
import dev.ehlo.smtp.server.SmtpServer;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** To a server of this project, which takes content by BDAT, from several threads. */
class ChunkingTest extends TransportRig {
    private final List<String> taken = new CopyOnWriteArrayList<>();

    @Test
    void sendsByManyThreads() throws Exception {
        try (SmtpServer server = server()) {
            Session session = session("smtp", server.address("mx").getPort());
            List<Thread> threads = java.util.stream.IntStream.range(0, 8)
                    .mapToObj(i -> new Thread(() -> send(session, i)))
                    .toList();
            threads.forEach(Thread::start);
            for (Thread each : threads) {
                each.join();
            }
            assertThat(taken).hasSize(8 * 25).allMatch(t -> t.endsWith("Hello\r\n.dot\r\n"));
        }
    }

    @Test
    void withholdsAChunkFromAllWhereOneIsRefused() throws Exception {
        try (SmtpServer server = server()) {
            Session session = session("smtp", server.address("mx").getPort());
            try (Transport transport = connected(session)) {
                MimeMessage message = message(session);
                assertThatThrownBy(() -> transport.sendMessage(
                                message, addresses("b@example.net", "no@example.net", "c@example.net")))
                        .isInstanceOf(SendFailedException.class);
                assertThat(taken).isEmpty();
                transport.sendMessage(message, addresses("b@example.net", "c@example.net"));
                assertThat(taken).hasSize(1);
            }
        }
    }

    private static void send(Session session, int number) {
        try {
            for (int i = 0; i < 25; i++) {
                Transport.send(message(session, "b" + number + "@example.net"));
            }
        } catch (jakarta.mail.MessagingException e) {
            throw new IllegalStateException(e);
        }
    }

    private SmtpServer server() throws Exception {
        return SmtpServer.builder()
                .hostname("mx.example.net")
                .localDomains(List.of("example.net"))
                .handler(new Handler())
                .listen(Profile.mx().at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
                .start();
    }

    private final class Handler implements SmtpHandler {
        @Override
        public Reply rcpt(SessionInfo session, Recipient recipient) {
            return recipient.mailbox().localPart().equals("no") ? Reply.of(550, "5.1.1", "no such user") : RECIPIENT_OK;
        }

        @Override
        public MessageSink data(SessionInfo session, Envelope envelope) {
            return new Taking();
        }
    }

    private final class Taking implements MessageSink {
        private final ByteArrayOutputStream octets = new ByteArrayOutputStream();

        @Override
        public void write(ByteBuffer slice) {
            byte[] copy = new byte[slice.remaining()];
            slice.get(copy);
            octets.writeBytes(copy);
        }

        @Override
        public CompletionStage<Reply> complete() {
            taken.add(octets.toString(StandardCharsets.ISO_8859_1));
            return CompletableFuture.completedFuture(Reply.of(250, "2.0.0", "taken"));
        }

        @Override
        public void abort() {}
    }
}
