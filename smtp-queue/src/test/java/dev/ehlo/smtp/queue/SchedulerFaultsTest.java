package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What goes wrong in the spool, in the scheduler and by an operator's hand, and that nothing is stranded by it. */
class SchedulerFaultsTest extends SchedulerRig {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private void mend() throws IOException {
        spool.resume();
        clock.advance(SECOND);
        run();
    }

    @Test
    void recordsLaterWhatWasDeliveredAtAFault() throws Exception {
        queue(Mail.ONE);
        spool.fault = "sync failed";
        only().reply(TAKEN);
        run();
        assertThat(spool.records).isEmpty();
        clock.advance(Duration.ofMinutes(1));
        assertThat(run()).as("looks again soon").isEqualTo(SECOND);
        assertThat(spool.records).isEmpty();

        mend();

        assertThat(spool.records).containsExactly("RELAYED [0]");
        assertSpoolIsEmpty();
    }

    @Test
    void recordsLaterInTheOrderInWhichItHappened() throws Exception {
        settings.lanes(recipient -> recipient.mailbox().toString());
        restart();
        queue(Mail.THREE);
        spool.recorded = new CompletableFuture<>();
        attempts.remove(2).reply(BUSY);
        attempts.remove(1).reply(TAKEN);
        run();
        spool.fault = "sync failed";
        spool.recorded.complete(null);
        spool.recorded = CompletableFuture.completedFuture(null);
        run();
        only().reply(TAKEN);
        run();
        assertThat(spool.records).isEmpty();

        mend();

        assertThat(spool.records).containsExactly("DEFERRED [2] 1", "RELAYED [1]", "RELAYED [0]");
        restart();
        assertThat(run()).as("as it was deferred").isEqualTo(Duration.ofSeconds(9));
        assertThat(attempts).isEmpty();
    }

    @Test
    void triesToRecordAgainWhereTheSpoolIsSoundAndFailsNevertheless() throws Exception {
        queue(Mail.ONE);
        spool.recorded = CompletableFuture.failedFuture(new IOException("no room"));
        only().reply(TAKEN);
        assertThat(run()).isEqualTo(SECOND);
        assertThat(run()).as("not at once").isEqualTo(SECOND);
        spool.recorded = CompletableFuture.completedFuture(null);
        clock.advance(SECOND);
        run();
        assertThat(spool.records).containsExactly("RELAYED [0]");
    }

    @Test
    void startsNoMoreAttemptsThanItsSpoolRecords() throws Exception {
        settings.agent((envelope, content) -> CompletableFuture.completedFuture(
                DeliveryReport.forEach(envelope, r -> RecipientOutcome.replied(r, TAKEN, "mx.test"))));
        restart();
        spool.recorded = new CompletableFuture<>();
        for (int i = 0; i < Recorder.MOST + 500; i++) {
            scheduler.accept(Mail.put(spool, Mail.ONE, Mail.octets("x")));
        }
        run();
        assertThat(scheduler.health().ready()).isBetween(400, 500);

        spool.recorded.complete(null);
        run();
        assertThat(scheduler.health()).isEqualTo(QueueHealth.EMPTY);
        assertSpoolIsEmpty();
    }

    @Test
    void pausesAtAFaultAndGoesOnAfterIt() throws Exception {
        queue(Mail.ONE);
        only().reply(BUSY);
        run();
        spool.fault = "sync failed";
        clock.advance(Duration.ofSeconds(10));
        assertThat(run()).isEqualTo(SECOND);
        assertThat(attempts).isEmpty();
        assertThat(scheduler.health().fault()).isEqualTo("sync failed");

        mend();
        only().reply(TAKEN);
        run();
        assertSpoolIsEmpty();
    }

    @Test
    void startsNoAttemptWhileItIsHeldAndGoesOnWhenItIsReleased() throws Exception {
        queue(Mail.ONE);
        scheduler.hold(true);
        queue(Mail.ONE);
        only().reply(BUSY);
        run();
        clock.advance(Duration.ofSeconds(10));
        run();
        assertThat(attempts).isEmpty();
        assertThat(scheduler.health()).isEqualTo(new QueueHealth(null, true, 2, 0, 2, 0));

        scheduler.hold(false);
        run();
        assertThat(attempts).hasSize(2);
        assertThat(scheduler.health()).isEqualTo(new QueueHealth(null, false, 2, 0, 0, 2));
    }

    /** Of which none is held in memory while it waits, so that each is read when it is its turn. */
    private void queueMessagesOfManyRecipients(int messages) throws Exception {
        settings.policies(lane -> LanePolicy.STANDARD.window(100, 1, 100).recipients(Lanes.KEPT_PER_LANE + 1));
        restart();
        scheduler.hold(true);
        Envelope envelope = Envelope.from("a@example.org")
                .to(IntStream.rangeClosed(0, Lanes.KEPT_PER_LANE)
                        .mapToObj(i -> "r" + i + "@example.net")
                        .toArray(String[]::new));
        for (int i = 0; i < messages; i++) {
            queue(envelope);
        }
        spool.readable = new CompletableFuture<>();
        scheduler.hold(false);
        run();
    }

    @Test
    void doesNotAttemptWhatWasReadWhenItHadBeenHeld() throws Exception {
        queueMessagesOfManyRecipients(1);
        assertThat(spool.loads).hasSize(1);
        scheduler.hold(true);
        spool.readable.complete(null);
        run();
        assertThat(attempts).isEmpty();
        assertThat(scheduler.health().ready()).isEqualTo(1);
        scheduler.hold(false);
        run();
        assertThat(attempts).hasSize(1);
    }

    @Test
    void isQuietThoughMessagesAreBeingReadForTheirAttempt() throws Exception {
        queueMessagesOfManyRecipients(Loads.AT_ONCE + 10);
        assertThat(spool.loads).hasSize(Loads.AT_ONCE);
        CompletableFuture<?> quiet = scheduler.drain();
        run();
        assertThat(quiet).isNotDone();
        spool.readable.complete(null);
        run();
        assertThat(quiet).isDone();
        assertThat(attempts).isEmpty();
        assertThat(spool.loads).hasSize(Loads.AT_ONCE);
    }

    @Test
    void triesAgainAfterADefectOfItsOwnAndOnlyWhoDoesNotHaveTheMessage() throws Exception {
        queue(Mail.THREE.only(Mail.THREE.recipients().subList(0, 2)));
        defect = true;
        only().reply(TAKEN, BUSY);
        run();
        defect = false;
        assertThat(scheduler.health()).isEqualTo(new QueueHealth(null, false, 1, 1, 0, 0));
        clock.advance(Duration.ofSeconds(59));
        run();
        assertThat(attempts).isEmpty();
        clock.advance(SECOND);
        run();

        Attempt again = only();
        assertThat(again.recipients()).containsExactly("c@example.net");
        again.reply(TAKEN);
        run();
        assertSpoolIsEmpty();
    }

    @Test
    void triesAgainAfterADefectOfTheLanes() throws Exception {
        boolean[] broken = {true};
        settings.lanes(recipient -> {
            if (broken[0]) {
                throw new IllegalStateException("defect (test)");
            }
            return "lane";
        });
        restart();
        queue(Mail.ONE);
        broken[0] = false;
        clock.advance(Duration.ofMinutes(1));
        run();
        assertThat(only().envelope()).isEqualTo(Mail.ONE);
    }

    @Test
    void triesToReadAgainWhatItCouldNotRead() throws Exception {
        queue(Mail.ONE);
        restart();
        spool.unreadable = new IOException("disk");
        run();
        spool.unreadable = null;
        clock.advance(Duration.ofSeconds(59));
        run();
        assertThat(attempts).isEmpty();
        clock.advance(SECOND);
        run();
        only().reply(TAKEN);
        run();
        assertSpoolIsEmpty();
    }

    @Test
    void forgetsWhatTheSpoolHasLost() throws Exception {
        SpooledMessage message = queue(Mail.ONE);
        restart();
        spool.unreadable = new MessageLostException(message.id());
        run();
        assertThat(scheduler.health()).isEqualTo(QueueHealth.EMPTY);
    }

    @Test
    void forgetsWhatTheSpoolHasLostForAllWaysItGoes() throws Exception {
        settings.lanes(recipient -> recipient.mailbox().toString());
        restart();
        SpooledMessage message = queue(Mail.THREE);
        attempts.remove(2).reply(BUSY);
        run();
        chance = 1;
        attempts.remove(1).reply(BUSY);
        run();
        spool.unreadable = new MessageLostException(message.id());
        clock.advance(Duration.ofSeconds(10));
        run();
        spool.unreadable = new IOException("not in the spool");
        only().reply(BUSY);
        run();
        assertThat(scheduler.health().messages()).isZero();
        clock.advance(Duration.ofMinutes(2));
        run();
        assertThat(spool.loads).as("not asked for again").containsExactly(message.id());
        assertThat(scheduler.health()).isEqualTo(QueueHealth.EMPTY);
    }

    @Test
    void aNotificationThatFindsNoRoomAtAFaultIsMadeLater() throws Exception {
        queue(Mail.ONE);
        Attempt attempt = only();
        spool.fault = "sync failed";
        attempt.reply(UNKNOWN_USER);
        run();
        mend();
        clock.advance(Duration.ofSeconds(10));
        run();
        only().reply(UNKNOWN_USER);
        run();
        assertThat(only().envelope()).isEqualTo(Envelope.from("").to("a@example.org"));
        assertThat(spool.records).containsExactly("FAILED [0]");
    }

    @Test
    void goesOnWithoutANotificationThatThereIsNoMemoryFor() throws Exception {
        settings.boundaries = () -> {
            throw new OutOfMemoryError("test");
        };
        restart();
        EsmtpParameters success = new EsmtpParameters(List.of(new EsmtpParameter("NOTIFY", "SUCCESS")));
        queue(Envelope.from("a@example.org").to(List.of(new Recipient(Mailbox.parse("b@example.net"), success))));
        only().reply(TAKEN);
        run();
        assertThat(spool.records).containsExactly("RELAYED [0]");
        assertThat(scheduler.health()).isEqualTo(QueueHealth.EMPTY);
        CompletableFuture<?> quiet = scheduler.drain();
        run();
        assertThat(quiet).isDone();
    }

    @Test
    void neverTellsTheSpoolTwiceWhatItHasRecorded() throws Exception {
        queue(Mail.ONE);
        only().reply(TAKEN);
        run();
        clock.advance(Duration.ofMinutes(5));
        run();
        assertThat(spool.records).isEqualTo(List.of("RELAYED [0]"));
    }
}
