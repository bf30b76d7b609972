package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What is attempted when, and what becomes of it. */
class SchedulerTest extends SchedulerRig {
    @Test
    void deliversAtOnceAndForgets() throws Exception {
        queue(Mail.ONE);
        assertThat(scheduler.health()).isEqualTo(new QueueHealth(null, false, 1, 0, 0, 1));

        Attempt attempt = only();
        assertThat(attempt.envelope()).isEqualTo(Mail.ONE);
        assertThat(Mail.read(attempt.content())).asString().startsWith("Subject: hello");
        attempt.reply(TAKEN);
        run();

        assertThat(scheduler.health()).isEqualTo(new QueueHealth(null, false, 0, 0, 0, 0));
        assertSpoolIsEmpty();
    }

    @Test
    void makesOneAttemptForEachDestination() throws Exception {
        queue(Mail.THREE);

        assertThat(attempts)
                .extracting(Attempt::recipients)
                .containsExactlyInAnyOrder(List.of("b@example.net", "c@example.net"), List.of("d@example.com"));
    }

    @Test
    void makesOneAttemptForAllWhenTheyShareALane() throws Exception {
        settings.lanes(recipient -> "smarthost");
        restart();
        queue(Mail.THREE);

        assertThat(only().envelope()).isEqualTo(Mail.THREE);
    }

    @Test
    void triesOnlyTheDeferredAgainWhenTheyAreDue() throws Exception {
        queue(Mail.THREE.only(Mail.THREE.recipients().subList(0, 2)));
        only().reply(TAKEN, BUSY);

        assertThat(run()).isEqualTo(Duration.ofSeconds(10));
        clock.advance(Duration.ofMillis(9_999));
        run();
        assertThat(attempts).isEmpty();
        clock.advance(Duration.ofMillis(1));
        run();
        Attempt second = only();
        assertThat(second.recipients()).containsExactly("c@example.net");

        second.reply(BUSY);
        run();
        clock.advance(Duration.ofSeconds(59));
        run();
        assertThat(attempts).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        run();
        only().reply(TAKEN);
        run();
        assertSpoolIsEmpty();
    }

    @Test
    void addsUpToATenthOfTheDelay() throws Exception {
        chance = 0.999;
        queue(Mail.ONE);
        only().reply(BUSY);

        assertThat(run()).isBetween(Duration.ofMillis(10_900), Duration.ofMillis(11_000));
    }

    @Test
    void triesAgainWhatMayHaveArrived() throws Exception {
        queue(Mail.ONE);
        Attempt attempt = only();
        attempt.future()
                .complete(DeliveryReport.forEach(
                        attempt.envelope(), r -> new RecipientOutcome(r, DeliveryStatus.UNKNOWN, BUSY, "mx.test")));

        List<String> said = logged(() -> assertThat(run()).isEqualTo(Duration.ofSeconds(10)));
        assertThat(said)
                .singleElement()
                .asString()
                .contains("to=<b@example.net> host=mx.test")
                .endsWith("it may be delivered twice, as it is tried again");
    }

    @Test
    void tellsThatWhatWasGivenUpMayHaveArrived() throws Exception {
        queue(Mail.ONE);
        clock.advance(Duration.ofSeconds(100));
        Attempt attempt = only();
        attempt.future()
                .complete(DeliveryReport.forEach(
                        attempt.envelope(), r -> new RecipientOutcome(r, DeliveryStatus.UNKNOWN, BUSY, "mx.test")));

        assertThat(logged(this::run)).singleElement().asString().contains("it may be delivered, though");
        assertThat(Mail.read(only().content()))
                .asString()
                .contains("may have it all the same")
                .contains("Status: 4.4.7");
    }

    /** What is logged of warnings meanwhile. */
    private static List<String> logged(Runnable task) {
        Logger logger = (Logger) LoggerFactory.getLogger(Settlement.class);
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        events.start();
        logger.addAppender(events);
        logger.setLevel(Level.WARN);
        try {
            task.run();
        } finally {
            logger.setLevel(null);
            logger.detachAppender(events);
        }
        return events.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void keepsTheAgeOverARestart() throws Exception {
        queue(Mail.ONE);
        only().reply(BUSY);
        run();
        clock.advance(Duration.ofSeconds(4));
        restart();

        assertThat(run()).isEqualTo(Duration.ofSeconds(6));
        clock.advance(Duration.ofSeconds(6));
        run();
        only().reply(BUSY);
        assertThat(run()).isEqualTo(Duration.ofSeconds(30));
        clock.advance(Duration.ofSeconds(60));
        run();
        only();
    }

    @Test
    void triesAgainAfterADefectInTheAgent() throws Exception {
        queue(Mail.ONE);
        only().future().completeExceptionally(new IllegalStateException("defect"));
        run();
        clock.advance(Duration.ofSeconds(10));
        run();
        only().future().complete(new DeliveryReport(List.of()));
        run();
        clock.advance(Duration.ofSeconds(60));
        run();
        only().reply(TAKEN);
        run();
        assertSpoolIsEmpty();
    }

    @Test
    void tellsTheSenderOfAFailure() throws Exception {
        SpooledMessage message = queue(Mail.ONE);
        only().reply(UNKNOWN_USER);
        run();

        Attempt notification = only();
        assertThat(notification.envelope()).isEqualTo(Envelope.from("").to("a@example.org"));
        assertThat(Mail.read(notification.content()))
                .asString()
                .contains("550 no such user")
                .contains(message.id().toString())
                .contains("Subject: hello")
                .doesNotContain("body\r\n");
        assertThat(scheduler.health().messages()).isEqualTo(1);
        notification.reply(TAKEN);
        run();
        assertThat(scheduler.health().messages()).isZero();
        assertSpoolIsEmpty();
    }

    @Test
    void givesUpAtTheExpiryAndNotBefore() throws Exception {
        queue(Mail.ONE);
        only().reply(BUSY);
        run();
        clock.advance(Duration.ofSeconds(10));
        run();
        only().reply(BUSY);
        run();
        clock.advance(Duration.ofSeconds(60));
        run();
        only().reply(BUSY);

        assertThat(run()).as("not 60 seconds, which would be after the expiry").isEqualTo(Duration.ofSeconds(30));
        clock.advance(Duration.ofSeconds(30));
        run();
        only().reply(BUSY);
        run();
        assertThat(Mail.read(only().content()))
                .asString()
                .contains("Status: 4.4.7")
                .contains("tried for too long");
    }

    @Test
    void neverAnswersANullReversePath() throws Exception {
        queue(Envelope.from("").to("b@example.net"));
        only().reply(UNKNOWN_USER);
        run();

        assertThat(attempts).isEmpty();
        assertSpoolIsEmpty();
    }

    @Test
    void tellsNothingWhereNotifyDoesNotAskForIt() throws Exception {
        Recipient never = new Recipient(
                Mailbox.parse("n@example.net"), EsmtpParameters.NONE.with(new EsmtpParameter("NOTIFY", "never")));
        Recipient success = new Recipient(
                Mailbox.parse("s@example.net"),
                EsmtpParameters.NONE.with(new EsmtpParameter("NOTIFY", "SUCCESS,DELAY")));
        Recipient failure = new Recipient(
                Mailbox.parse("f@example.net"),
                EsmtpParameters.NONE.with(new EsmtpParameter("NOTIFY", "SUCCESS,FAILURE")));
        queue(Envelope.from("a@example.org").to(List.of(never, success)));
        only().reply(UNKNOWN_USER);
        run();
        assertThat(attempts).isEmpty();

        queue(Envelope.from("a@example.org").to(List.of(never, failure)));
        only().reply(UNKNOWN_USER);
        run();
        assertThat(Mail.read(only().content()))
                .asString()
                .contains("f@example.net")
                .doesNotContain("n@example.net");
    }

    @Test
    void oneSlowDestinationDoesNotHoldTheOthers() throws Exception {
        settings.attempts(5, 2);
        restart();
        for (int i = 0; i < 10; i++) {
            queue(Envelope.from("a@example.org").to("u" + i + "@slow.test"));
        }
        queue(Envelope.from("a@example.org").to("u@fast.test"));

        assertThat(attempts)
                .extracting(attempt -> attempt.recipients().get(0))
                .containsExactly("u0@slow.test", "u1@slow.test", "u@fast.test");
        attempts.get(0).reply(TAKEN);
        run();
        assertThat(attempts.get(3).recipients()).containsExactly("u2@slow.test");
    }

    @Test
    void neverExceedsTheSlotsInAll() throws Exception {
        settings.attempts(5, 2);
        restart();
        for (int i = 0; i < 10; i++) {
            queue(Envelope.from("a@example.org").to("u@d" + i + ".test"));
        }
        assertThat(attempts).hasSize(5);
        assertThat(scheduler.health()).isEqualTo(new QueueHealth(null, false, 10, 0, 5, 5));
        attempts.get(2).reply(TAKEN);
        attempts.get(3).reply(BUSY);
        run();
        assertThat(attempts).hasSize(7);
    }

    @Test
    void startsNothingWhileTheSpoolIsAtFaultOrItIsHeld() throws Exception {
        assertThat(scheduler.drain()).isNotDone();
        queue(Mail.ONE);
        assertThat(attempts).isEmpty();

        restart();
        run();
        assertThat(attempts).hasSize(1);
        restart();
        spool.close();
        run();
        assertThat(attempts).isEmpty();
        assertThat(scheduler.health().isSound()).isFalse();
    }

    @Test
    void aHeldQueueIsQuietOnceTheLastAttemptEnded() throws Exception {
        queue(Mail.ONE);
        CompletableFuture<?> quiet = scheduler.drain();
        run();
        assertThat(quiet).isNotDone();
        only().reply(TAKEN);
        run();
        assertThat(quiet).isDone();
    }

    @Test
    void aHeldQueueIsQuietOnlyWhenTheSenderIsSureToHearOnce() throws Exception {
        queue(Mail.ONE);
        spool.synced = new CompletableFuture<>();
        only().reply(UNKNOWN_USER);
        CompletableFuture<?> quiet = scheduler.drain();
        run();
        assertThat(quiet).as("to close now would tell again after the restart").isNotDone();
        spool.synced.complete(null);
        run();
        assertThat(quiet).isDone();

        restart();
        run();
        assertThat(only().envelope().reversePath().isNull()).isTrue();
    }
}
