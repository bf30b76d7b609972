package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.RecipientOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is told and counted of what happens in a queue. */
class QueueEventsTest extends SchedulerRig {
    private final List<String> told = new ArrayList<>();

    private final QueueEvents telling = new QueueEvents() {
        @Override
        public void accepted(QueueId id, Envelope envelope) {
            told.add("accepted " + envelope.recipients());
        }

        @Override
        public void attempted(QueueId id, String lane, int attempt, Duration took, List<RecipientOutcome> outcomes) {
            told.add("attempted " + lane + " " + attempt + " " + took.toMillis() + " "
                    + outcomes.stream().map(RecipientOutcome::status).toList());
        }

        @Override
        public void settled(QueueId id, int recipients, DeliveryStatus status) {
            told.add("settled " + recipients + " " + status);
        }

        @Override
        public void deferred(QueueId id, int recipients, Instant next) {
            told.add("deferred " + recipients + " "
                    + Duration.between(Mail.NOON, next).toSeconds());
        }

        @Override
        public void notified(QueueId id, int recipients, QueueId notification) {
            told.add("notified " + recipients);
        }
    };

    @Test
    void tellsWhatHappensInItsOrder() throws Exception {
        settings.events(telling);
        restart();
        queue(Mail.THREE.only(Mail.THREE.recipients().subList(0, 2)));
        Attempt first = only();
        clock.advance(Duration.ofMillis(1500));
        first.reply(TAKEN, BUSY);
        run();
        clock.advance(Duration.ofSeconds(10));
        run();
        only().reply(UNKNOWN_USER);
        run();

        assertThat(told)
                .containsExactly(
                        "accepted [b@example.net, c@example.net]",
                        "attempted example.net 1 1500 [RELAYED, DEFERRED]",
                        "settled 1 RELAYED",
                        "deferred 1 11",
                        "attempted example.net 2 0 [FAILED]",
                        "notified 1",
                        "accepted [a@example.org]",
                        "settled 1 FAILED");
    }

    @Test
    void aListenerThatFailsHarmsNeitherTheQueueNorTheOthers() throws Exception {
        settings.events(new QueueEvents() {
            @Override
            public void accepted(QueueId id, Envelope envelope) {
                throw new IllegalStateException("defect (test)");
            }
        });
        settings.events(telling);
        restart();
        queue(Mail.ONE);
        only().reply(TAKEN);
        run();

        assertThat(told)
                .containsExactly(
                        "accepted [b@example.net]", "attempted example.net 1 0 [RELAYED]", "settled 1 RELAYED");
        assertSpoolIsEmpty();
    }

    @Test
    void countsWhatHappensAndHowLongItTook() throws Exception {
        scheduler.hold(true);
        queue(Mail.ONE);
        clock.advance(Duration.ofSeconds(2));
        scheduler.hold(false);
        run();
        clock.advance(Duration.ofSeconds(1));
        only().reply(TAKEN);
        run();
        queue(Mail.ONE);
        only().reply(BUSY);
        run();

        QueueCounts.Snapshot counts = scheduler.counts().snapshot();
        assertThat(counts.accepted()).isEqualTo(2);
        assertThat(counts.attempts()).isEqualTo(2);
        assertThat(counts.relayed()).isOne();
        assertThat(counts.deferred()).isOne();
        assertThat(counts.failed()).isZero();
        assertThat(counts.notifications()).isZero();
        assertThat(counts.commitToFirstAttempt().count()).isEqualTo(2);
        assertThat(counts.commitToFirstAttempt().most()).isEqualTo(TimeUnit.SECONDS.toNanos(2));
        assertThat(counts.commitToDelivered().count()).isOne();
        assertThat(counts.commitToDelivered().most()).isEqualTo(TimeUnit.SECONDS.toNanos(3));
    }
}
