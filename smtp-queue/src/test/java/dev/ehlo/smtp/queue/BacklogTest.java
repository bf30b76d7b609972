package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Recipient;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** More messages than are held in memory. */
class BacklogTest extends SchedulerRig {
    private static Envelope to(String recipient) {
        return Envelope.from("a@example.org").to(recipient);
    }

    /** Answers all attempts until there are no more; whom they were to. */
    private Set<String> takeAll() {
        Set<String> taken = new HashSet<>();
        for (run(); !attempts.isEmpty(); run()) {
            Attempt attempt = attempts.remove(0);
            assertThat(taken.addAll(attempt.recipients())).isTrue();
            attempt.reply(TAKEN);
        }
        return taken;
    }

    @Test
    void readsAFewAtATimeAndBeginsToDeliverBeforeAllAreRead() throws Exception {
        for (int i = 0; i < 1000; i++) {
            queue(to("u@d" + i + ".test"));
        }
        restart();
        CompletableFuture<?> first = new CompletableFuture<>();
        spool.readable = first;
        run();
        assertThat(spool.loads).hasSize(Loads.AT_ONCE);
        assertThat(scheduler.health().messages()).isEqualTo(1000);
        spool.readable = new CompletableFuture<>();
        first.complete(null);
        run();
        assertThat(attempts).hasSize(Loads.AT_ONCE);
        assertThat(spool.loads).hasSize(2 * Loads.AT_ONCE);
        spool.readable.complete(null);
        assertThat(takeAll()).hasSize(1000);
        assertThat(spool.loads).as("none twice").hasSize(1000);
        assertSpoolIsEmpty();
    }

    @Test
    void aFullDestinationDoesNotHoldOthersUpAfterARestart() throws Exception {
        settings.attempts(5, 2);
        restart();
        for (int i = 0; i < 3 * Lanes.KEPT_PER_LANE; i++) {
            queue(to("u" + i + "@slow.test"));
        }
        queue(to("u@fast.test"));
        restart();
        run();
        assertThat(attempts)
                .extracting(attempt -> attempt.recipients().get(0))
                .contains("u0@slow.test", "u1@slow.test", "u@fast.test")
                .hasSize(3);
        assertThat(takeAll()).hasSize(3 * Lanes.KEPT_PER_LANE + 1);
        assertThat(spool.loads).hasSizeLessThan(6 * Lanes.KEPT_PER_LANE);
        assertSpoolIsEmpty();
    }

    @Test
    void keepsTheOrderOfALaneThoughMostAreNotInMemory() throws Exception {
        settings.attempts(1, 1);
        restart();
        int count = Lanes.KEPT_PER_LANE + 100;
        for (int i = 0; i < count; i++) {
            queue(to("u" + i + "@example.net"));
        }
        for (int i = 0; i < count; i++) {
            Attempt attempt = only();
            assertThat(attempt.recipients()).containsExactly("u" + i + "@example.net");
            attempt.reply(TAKEN);
            run();
        }
        assertThat(spool.loads).as("those that were not in memory").hasSize(99);
    }

    @Test
    void triesAgainAfterARetryWithoutReadingWhatHasToWaitAnyway() throws Exception {
        settings.attempts(20, 20);
        restart();
        for (int i = 0; i < 100; i++) {
            queue(to("u" + i + "@example.net"));
        }
        for (int i = 0; i < 100; i++) {
            attempts.remove(0).reply(BUSY);
            run();
        }
        clock.advance(Duration.ofSeconds(10));
        run();
        assertThat(spool.loads)
                .as("what is attempted, and the last, who had nobody behind")
                .hasSizeLessThan(45);
        assertThat(takeAll()).hasSize(100);
        assertThat(spool.loads).hasSize(100);
    }

    @Test
    void doesNotReadAtAStartWhatIsNotDue() throws Exception {
        queue(to("later@example.net"));
        only().reply(BUSY);
        queue(Envelope.from("a@example.org")
                .with(new EsmtpParameter("HOLDFOR", "50"))
                .to("held@example.net"));
        restart();
        assertThat(run()).isEqualTo(Duration.ofSeconds(10));
        assertThat(spool.loads).isEmpty();
        assertThat(scheduler.health()).isEqualTo(new QueueHealth(null, false, 2, 2, 0, 0));
        clock.advance(Duration.ofSeconds(50));
        assertThat(takeAll()).containsExactlyInAnyOrder("later@example.net", "held@example.net");
        assertSpoolIsEmpty();
    }

    @Test
    void tellsOfADelayThoughTheLaneIsFullAndGoesOnFromTheFront() throws Exception {
        settings.attempts(1, 1).delayNoticeAfter(Duration.ofSeconds(90));
        restart();
        queue(to("first@example.net"));
        Recipient asks = new Recipient(
                Mailbox.parse("asks@example.net"), EsmtpParameters.NONE.with(new EsmtpParameter("NOTIFY", "DELAY")));
        queue(to("second@example.net"));
        queue(Envelope.from("a@example.org").to(List.of(asks)));
        clock.advance(Duration.ofMinutes(3));
        Attempt first = only();
        run();
        assertThat(scheduler.health())
                .as("the notification waits too")
                .isEqualTo(new QueueHealth(null, false, 4, 0, 3, 1));
        first.reply(TAKEN);
        run();
        Attempt notice = only();
        assertThat(notice.recipients()).as("another lane").containsExactly("a@example.org");
        notice.reply(TAKEN);
        run();
        Attempt next = only();
        assertThat(next.recipients()).containsExactly("asks@example.net");
        next.reply(TAKEN);
        assertThat(takeAll()).containsExactly("second@example.net");
    }

    @Test
    void returnsWhatIsLateThoughTheLaneIsFull() throws Exception {
        settings.attempts(2, 1);
        restart();
        queue(to("first@example.net"));
        queue(Envelope.from("a@example.org")
                .with(new EsmtpParameter("BY", "30;R"))
                .to("late@example.net"));
        clock.advance(Duration.ofSeconds(61));
        run();
        assertThat(attempts).hasSize(2);
        assertThat(Mail.read(attempts.get(1).content())).asString().contains("5.4.7");
    }

    /** {@code -Dehlo.queued=1000000} measures so many, and says what it came to. */
    @Test
    void aMessageThatWaitsCostsLessThanTwoHundredOctetsOfHeap() throws Exception {
        int count = Integer.getInteger("ehlo.queued", 100_000);
        settings.attempts(1, 1);
        restart();
        SpooledMessage message = queue(to("u@example.net"));
        only();
        spool.stub = message;
        List<PendingRecipient> fresh = List.of(new PendingRecipient(0, new Deferral(0, Mail.NOON, false)));
        List<PendingRecipient> later =
                List.of(new PendingRecipient(0, new Deferral(1, Mail.NOON.plusSeconds(10), false)));
        long before = heap();
        long start = System.nanoTime();
        for (int i = 1; i <= count; i++) {
            scheduler.owns(new QueueId(message.id().value() + i), i % 2 == 0 ? fresh : later);
        }
        long owned = System.nanoTime();
        run();
        spool.loads.clear();
        long octets = (heap() - before) / count;
        if (count != 100_000) {
            System.out.printf(
                    "%d messages, half of them ready and half asleep: %d octets each; told in %d ms, in lanes in %d ms%n",
                    count, octets, (owned - start) / 1_000_000, (System.nanoTime() - owned) / 1_000_000);
        }
        assertThat(scheduler.health()).isEqualTo(new QueueHealth(null, false, count + 1, count / 2, count / 2, 1));
        assertThat(octets).isBetween(10L, 200L);
    }

    private static long heap() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
