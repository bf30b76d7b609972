package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.testkit.ManualClock;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** The scheduler without its thread: time goes on when the test says so. */
@ExtendWith(Quiet.class)
class SchedulerRig {
    static final Reply TAKEN = Reply.of(250, "ok");
    static final Reply BUSY = Reply.of(451, "busy");
    static final Reply UNKNOWN_USER = Reply.of(550, "no such user");
    static final RetrySchedule RETRY =
            RetrySchedule.of(List.of(Duration.ofSeconds(10), Duration.ofSeconds(60)), Duration.ofSeconds(100));

    final ManualClock clock = new ManualClock(Mail.NOON);
    /** How wrong the time of day is; it goes on with the clock. */
    Duration wrong = Duration.ZERO;

    private final Clock timeOfDay = new Clock() {
        @Override
        public Instant instant() {
            return clock.instant().plus(wrong);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    };
    final BalkingSpool spool = new BalkingSpool();
    final List<Attempt> attempts = new ArrayList<>();
    double chance;
    /** Whether something goes wrong when a recipient is deferred. */
    boolean defect;

    MailQueueBuilder settings = defaults();
    Scheduler scheduler;

    record Attempt(Envelope envelope, MessageSource content, CompletableFuture<DeliveryReport> future) {
        void reply(Reply... replies) {
            List<RecipientOutcome> outcomes = new ArrayList<>();
            for (int i = 0; i < envelope.recipients().size(); i++) {
                outcomes.add(RecipientOutcome.replied(
                        envelope.recipients().get(i), replies[Math.min(i, replies.length - 1)], "mx.test"));
            }
            future.complete(new DeliveryReport(outcomes));
        }

        List<String> recipients() {
            return envelope.recipients().stream().map(Recipient::toString).toList();
        }
    }

    private MailQueueBuilder defaults() {
        MailQueueBuilder builder = MailQueue.builder();
        builder.clock(timeOfDay).nanoTime = clock::nanoTime;
        return builder.retry(RETRY)
                .random(new java.util.random.RandomGenerator() {
                    @Override
                    public long nextLong() {
                        return 4711;
                    }

                    @Override
                    public double nextDouble() {
                        if (defect) {
                            throw new IllegalStateException("defect (test)");
                        }
                        return chance;
                    }
                })
                .hostname("queue.test")
                .agent((envelope, content) -> {
                    Attempt attempt = new Attempt(envelope, content, new CompletableFuture<>());
                    attempts.add(attempt);
                    return attempt.future();
                });
    }

    @BeforeEach
    void start() throws IOException {
        scheduler = new Scheduler(spool, settings);
        spool.start(scheduler);
    }

    void restart() throws IOException {
        spool.close();
        attempts.clear();
        start();
    }

    SpooledMessage queue(Envelope envelope) throws Exception {
        SpooledMessage message = Mail.put(spool, envelope, Mail.octets("Subject: hello\r\n\r\nbody\r\n"));
        scheduler.accept(message);
        run();
        return message;
    }

    /** Runs until nothing comes in any more; answers how long there is nothing to do. */
    Duration run() {
        Duration idle = scheduler.run();
        while (!scheduler.inbox().isEmpty()) {
            idle = scheduler.run();
        }
        return idle;
    }

    Attempt only() {
        assertThat(attempts).hasSize(1);
        return attempts.remove(0);
    }

    void assertSpoolIsEmpty() throws IOException {
        restart();
        run();
        assertThat(attempts).isEmpty();
    }

    /** Runs until it is completed, which takes other threads too. */
    <T> T await(CompletionStage<T> stage) throws Exception {
        LinkedBlockingQueue<Boolean> done = new LinkedBlockingQueue<>();
        stage.whenComplete((value, failure) -> done.add(true));
        while (done.isEmpty()) {
            Duration idle = run();
            if (!idle.isZero() && done.isEmpty()) {
                scheduler.inbox().await(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
        return Mail.await(stage);
    }
}
