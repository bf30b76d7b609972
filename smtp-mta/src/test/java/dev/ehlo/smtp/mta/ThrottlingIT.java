package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.client.ConnectionReuse;
import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.client.SmtpClient;
import dev.ehlo.smtp.queue.MailQueue;
import dev.ehlo.smtp.queue.QueueHealth;
import dev.ehlo.smtp.queue.RetrySchedule;
import dev.ehlo.smtp.queue.Spool;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Queue and client before hosts that take only so much at a time: they find out how much that is, keep to it, and make use
 * of it. Counted in rounds, so that it is no matter how fast the machine is: a round is over when all that is under way
 * waits for the host, which then takes it.
 */
@Timeout(120)
class ThrottlingIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** A round may take its time, and a new connection is turned away while the host has not seen the end of an old one. */
    private static final ConnectionReuse KEPT =
            new ConnectionReuse(Duration.ofMinutes(5), Integer.MAX_VALUE, Duration.ofHours(1));

    private static final int MESSAGES = 400;
    /** Until then it may still be finding out. */
    private static final int SETTLED = 100;

    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    private DeliveryAgent counted(DeliveryAgent agent) {
        return (envelope, content) -> {
            begun.incrementAndGet();
            CompletableFuture<DeliveryReport> report = agent.deliver(envelope, content);
            CompletionStage<DeliveryReport> stage = report;
            stage.whenComplete((done, failure) -> ended.incrementAndGet());
            return report;
        };
    }

    private static void fill(MailQueue queue) throws IOException {
        for (int i = 0; i < MESSAGES; i++) {
            MessageSink sink = queue.open(Envelope.from("a@example.org").to("b" + i + "@example.net"));
            sink.write(ByteBuffer.wrap("Subject: one of many\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            assertThat(sink.complete().toCompletableFuture().join().code()).isEqualTo(250);
        }
    }

    /** All attempts wait for the host, and the queue starts no other now; or the last messages are there. */
    private boolean isFull(MailQueue queue, ThrottlingHost host, int atMost) {
        int held = host.held();
        if (held == atMost || host.taken() + held == MESSAGES) {
            return true;
        }
        QueueHealth health = queue.health();
        int before = begun.get();
        int underWay = before - ended.get();
        return held > 0 && held == underWay && underWay == health.attempts() && begun.get() == before;
    }

    /** Answers how many messages were taken in a round, on the average, while more waited. */
    private double rounds(MailQueue queue, ThrottlingHost host, int atMost) {
        int rounds = 0;
        int taken = 0;
        while (host.taken() < MESSAGES) {
            await().pollInSameThread()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .atMost(PATIENCE)
                    .until(() -> isFull(queue, host, atMost));
            boolean counts = host.taken() >= SETTLED && queue.health().ready() > atMost;
            int now = host.take();
            rounds += counts ? 1 : 0;
            taken += counts ? now : 0;
        }
        assertThat(rounds).isGreaterThan(10);
        return (double) taken / rounds;
    }

    private double deliver(ThrottlingHost host, ConnectionReuse reuse, int atMost) throws Exception {
        Smarthost next = Smarthost.relay("127.0.0.1", host.port()).tls(TlsMode.NONE);
        try (SmtpClient client = SmtpClient.builder()
                        .localName("client.example")
                        .reuse(reuse)
                        .build();
                MailQueue queue = MailQueue.builder()
                        .spool(Spool.memory())
                        .agent(counted(client.to(next)))
                        .retry(RetrySchedule.parse("1s"))
                        .held()
                        .start()) {
            fill(queue);
            queue.release();
            double each = rounds(queue, host, atMost);
            await().atMost(PATIENCE).until(() -> queue.health().messages() == 0);
            return each;
        }
    }

    @Test
    void makesUseOfAllTheConnectionsThatAHostAllows() throws Exception {
        try (ThrottlingHost host = new ThrottlingHost(6, Integer.MAX_VALUE)) {
            assertThat(deliver(host, KEPT, 6)).isGreaterThanOrEqualTo(0.9 * 6);
            assertThat(begun.get()).as("attempts").isLessThan(MESSAGES + MESSAGES / 20);
        }
    }

    @Test
    void findsOutHowManyTransactionsAHostTakesAtATime() throws Exception {
        try (ThrottlingHost host = new ThrottlingHost(100, 8)) {
            assertThat(deliver(host, ConnectionReuse.none(), 8)).isGreaterThanOrEqualTo(0.9 * 8);
            assertThat(host.refused()).as("421 to a transaction").isLessThan(MESSAGES / 20);
        }
    }
}
