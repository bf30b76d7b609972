package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.testkit.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two queues on one store: what one leaves behind, the other delivers. */
@ExtendWith(Quiet.class)
class SharedQueueTest {
    private final ManualClock clock = new ManualClock(Mail.NOON);
    private final MemoryStore store = new MemoryStore(clock, SharedSpoolContract.LEASE, 1 << 20);
    private final MemorySpool one = new MemorySpool(store);
    private final MemorySpool two = new MemorySpool(store);
    private final BlockingQueue<CompletableFuture<DeliveryReport>> attempts = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> delivered = new LinkedBlockingQueue<>();

    private MailQueue queue(Spool spool, DeliveryAgent agent) throws IOException {
        return MailQueue.builder().spool(spool).agent(agent).clock(clock).start();
    }

    private MailQueue stalling() throws IOException {
        return queue(one, (envelope, content) -> {
            CompletableFuture<DeliveryReport> attempt = new CompletableFuture<>();
            attempts.add(attempt);
            return attempt;
        });
    }

    private MailQueue delivering() throws IOException {
        return queue(two, (envelope, content) -> {
            try {
                delivered.add(new String(Mail.read(content), java.nio.charset.StandardCharsets.UTF_8));
            } catch (IOException e) {
                return CompletableFuture.failedFuture(e);
            }
            return CompletableFuture.completedFuture(
                    DeliveryReport.forEach(envelope, r -> RecipientOutcome.replied(r, Reply.of(250, "ok"), "mx.test")));
        });
    }

    private String next() throws InterruptedException {
        return delivered.poll(20, TimeUnit.SECONDS);
    }

    @Test
    void deliversWhatOneThatIsClosedHadNotDelivered() throws Exception {
        try (MailQueue survivor = delivering()) {
            try (MailQueue dies = stalling()) {
                assertThat(Mail.put(dies, Mail.ONE, Mail.octets("kept")).code()).isEqualTo(250);
                assertThat(attempts.poll(20, TimeUnit.SECONDS)).isNotNull();
            }
            two.renew();

            assertThat(next()).isEqualTo("kept");
            assertThat(survivor.drain(Duration.ofSeconds(60))).isTrue();
            assertThat(store.octets()).isZero();
            assertThat(delivered).isEmpty();
        }
    }

    @Test
    void deliversWhatOneThatStallsHadAndLeavesItNothingToDoWhenItComesBack() throws Exception {
        try (MailQueue survivor = delivering();
                MailQueue stalls = stalling()) {
            assertThat(Mail.put(stalls, Mail.ONE, Mail.octets("in flight")).code())
                    .isEqualTo(250);
            CompletableFuture<DeliveryReport> attempt = attempts.poll(20, TimeUnit.SECONDS);
            stalls.hold();
            assertThat(Mail.put(stalls, Mail.ONE, Mail.octets("held")).code()).isEqualTo(250);
            clock.advance(SharedSpoolContract.LEASE);

            assertThat(stalls.health().fault()).contains("lease");
            assertThat(Mail.put(stalls, Mail.ONE, Mail.octets("late")).code()).isEqualTo(452);
            two.renew();
            assertThat(next()).isEqualTo("in flight");
            assertThat(next()).isEqualTo("held");
            one.renew();
            stalls.release();
            attempt.complete(
                    DeliveryReport.forEach(Mail.ONE, r -> RecipientOutcome.replied(r, Reply.of(250, "ok"), "mx.test")));

            assertThat(stalls.drain(Duration.ofSeconds(60))).isTrue();
            assertThat(survivor.drain(Duration.ofSeconds(60))).isTrue();
            assertThat(attempts).isEmpty();
            assertThat(delivered).isEmpty();
            assertThat(stalls.health().messages()).isZero();
            assertThat(stalls.health().isSound()).isTrue();
            assertThat(survivor.health().messages()).isZero();
            assertThat(store.octets()).isZero();
        }
    }
}
