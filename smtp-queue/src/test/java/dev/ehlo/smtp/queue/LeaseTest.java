package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Messages that go to another process, and come from one. */
class LeaseTest extends SchedulerRig {
    private void lose(SpooledMessage message) {
        scheduler.lost(message.id());
        run();
    }

    private void own(SpooledMessage message) {
        scheduler.owns(message.id(), message.pending());
        run();
    }

    @Test
    void doesNotAttemptWhatIsAnothers() throws Exception {
        settings.attempts(1, 1);
        restart();
        SpooledMessage asleep = queue(Mail.ONE);
        only().reply(BUSY);
        run();
        queue(Mail.ONE);
        SpooledMessage ready = queue(Mail.ONE);

        lose(asleep);
        lose(ready);
        assertThat(scheduler.health().messages()).isEqualTo(1);
        only().reply(TAKEN);
        run();
        clock.advance(Duration.ofMinutes(2));
        run();

        assertThat(attempts).isEmpty();
        assertThat(scheduler.health()).isEqualTo(QueueHealth.EMPTY);
    }

    @Test
    void doesNotAttemptWhatWentWhileItWasRead() throws Exception {
        SpooledMessage message = queue(Mail.ONE);
        restart();
        scheduler.lost(message.id());
        run();
        assertThat(attempts).isEmpty();
        assertThat(scheduler.health()).isEqualTo(QueueHealth.EMPTY);
    }

    @Test
    void recordsWhatBecameOfAnAttemptThatWasInFlight() throws Exception {
        SpooledMessage message = queue(Mail.THREE.only(Mail.THREE.recipients().subList(0, 2)));
        lose(message);
        only().reply(TAKEN, BUSY);
        run();

        assertThat(spool.records).as("what is deferred is the other's").containsExactly("RELAYED [0]");
        assertThat(scheduler.health()).isEqualTo(QueueHealth.EMPTY);
    }

    @Test
    void leavesItToTheOtherToTellTheSenderOfAFailure() throws Exception {
        SpooledMessage message = queue(Mail.ONE);
        lose(message);
        only().reply(UNKNOWN_USER);
        run();
        assertThat(attempts).isEmpty();
        assertThat(spool.records).isEmpty();
    }

    @Test
    void goesOnWithAnAttemptThatWasInFlightWhenItIsGivenBack() throws Exception {
        SpooledMessage message = queue(Mail.ONE);
        lose(message);
        own(message);
        Attempt attempt = only();
        attempt.reply(BUSY);
        run();
        assertThat(attempts).as("no second one").isEmpty();
        assertThat(spool.records).containsExactly("DEFERRED [0] 1");
        clock.advance(Duration.ofSeconds(10));
        run();
        only().reply(TAKEN);
        run();
        assertThat(scheduler.health()).isEqualTo(QueueHealth.EMPTY);
    }

    @Test
    void attemptsWhatItWasGivenBackOnceAndOnlyWhoIsNotSettled() throws Exception {
        SpooledMessage message = queue(Mail.THREE.only(Mail.THREE.recipients().subList(0, 2)));
        only().reply(BUSY);
        run();
        lose(message);
        spool.crossOff(message.id(), List.of(0), dev.ehlo.smtp.DeliveryStatus.RELAYED);
        own(message);

        assertThat(only().recipients()).containsExactly("c@example.net");
        clock.advance(Duration.ofMinutes(2));
        run();
        assertThat(attempts).isEmpty();
    }

    @Test
    void takesNothingTwiceThatItIsToldTwice() throws Exception {
        SpooledMessage message = queue(Mail.ONE);
        own(message);
        own(message);
        assertThat(attempts).hasSize(1);
        only().reply(BUSY);
        run();
        own(message);
        assertThat(attempts).isEmpty();
        assertThat(scheduler.health().messages()).isEqualTo(1);
    }

    @Test
    void whatIsSettledIsForgottenWhoeverHasIt() throws Exception {
        SpooledMessage message = queue(Mail.ONE);
        lose(message);
        only().reply(TAKEN);
        run();
        own(message);
        run();
        clock.advance(Duration.ofHours(1));
        run();
        assertThat(attempts).isEmpty();
    }

    @Test
    void adoptsFromAnyThread() throws Exception {
        SpooledMessage message = Mail.put(spool, Mail.THREE, Mail.octets("x"));
        Thread other = new Thread(() -> {
            scheduler.owns(message.id(), message.pending());
            scheduler.lost(message.id());
            scheduler.owns(message.id(), message.pending());
        });
        other.start();
        other.join();
        run();
        assertThat(attempts).hasSize(2);
    }
}
