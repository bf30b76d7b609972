package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.client.MxAnswer;
import dev.ehlo.smtp.client.MxHost;
import dev.ehlo.smtp.client.MxResolver;
import dev.ehlo.smtp.client.SmtpClient;
import dev.ehlo.smtp.queue.MailQueue;
import dev.ehlo.smtp.queue.Spool;
import dev.ehlo.smtp.testkit.ReceivedMessage;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Queue and client together: a host gets a message once, whatever the number of its recipients and domains there. */
@Timeout(60)
class OneCopyIT {
    private static final MxResolver RESOLVER = domain -> CompletableFuture.completedFuture(
            new MxAnswer.Hosts(List.of(new MxHost("mx.example", 10, List.of(InetAddress.getLoopbackAddress())))));

    @Test
    void fiftyRecipientsOfFiveDomainsOnAHostAreOneTransaction() throws Exception {
        List<String> recipients = IntStream.range(0, 50)
                .mapToObj(i -> "r" + i + "@d" + i % 5 + ".example")
                .toList();
        try (ScriptedPeer peer = ScriptedPeer.accepting();
                SmtpClient client =
                        SmtpClient.builder().localName("client.example").build();
                MailQueue queue = MailQueue.builder()
                        .spool(Spool.memory())
                        .hosts(new MxLanes(RESOLVER, "local"))
                        .agent(client.toMx(RESOLVER, peer.port()))
                        .start()) {
            MessageSink sink = queue.open(Envelope.from("a@example.org").to(recipients.toArray(String[]::new)));
            sink.write(ByteBuffer.wrap("Subject: to many\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            assertThat(sink.complete().toCompletableFuture().join().code()).isEqualTo(250);
            await().atMost(Duration.ofSeconds(30)).until(() -> queue.health().messages() == 0);
            assertThat(peer.messages()).extracting(ReceivedMessage::recipients).containsExactly(recipients);
            assertThat(peer.commands()).filteredOn(c -> c.startsWith("MAIL")).hasSize(1);
        }
    }
}
