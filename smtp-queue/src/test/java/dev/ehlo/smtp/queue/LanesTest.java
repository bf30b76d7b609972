package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Rate;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.Reply;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How much goes to one destination, when none does, and in whose turn. */
class LanesTest extends SchedulerRig {
    private static final Reply CLOSING = Reply.of(421, "4.7.0", "too many connections");
    private static final Reply GONE = Reply.of(451, "4.4.1", "mx.test can't be reached");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static Envelope from(String sender, String recipient) {
        return Envelope.from(sender).to(recipient);
    }

    private void queue(int messages, String domain) throws Exception {
        for (int i = 0; i < messages; i++) {
            queue(from("a@example.org", "u" + i + "@" + domain));
        }
    }

    private void policy(LanePolicy policy) throws IOException {
        settings.retry(RetrySchedule.parse("10s,1h"));
        policyAlone(policy);
    }

    private void policyAlone(LanePolicy policy) throws IOException {
        settings.policies(destination -> policy);
        restart();
    }

    private void end(Attempt attempt, DeliveryStatus status, Reply reply, DeliveryPhase phase) {
        attempt.future()
                .complete(DeliveryReport.forEach(
                        attempt.envelope(),
                        r -> new RecipientOutcome(r, status, reply, RemoteHost.named("mx.test"), phase)));
    }

    private void endAll(DeliveryStatus status, Reply reply, DeliveryPhase phase) {
        List<Attempt> all = List.copyOf(attempts);
        attempts.clear();
        all.forEach(attempt -> end(attempt, status, reply, phase));
        run();
    }

    private void gone() {
        endAll(DeliveryStatus.NOT_SENT, GONE, DeliveryPhase.CONNECT);
    }

    private void take() {
        endAll(DeliveryStatus.RELAYED, TAKEN, DeliveryPhase.END_OF_DATA);
    }

    private void advance(Duration time) {
        clock.advance(time);
        run();
    }

    @Test
    void aRateIsWaitedForAndNotASuspensionThatHasEnded() throws Exception {
        policy(LanePolicy.STANDARD
                .suspension(1, MINUTE.multipliedBy(60), MINUTE.multipliedBy(60))
                .rates(Rate.parse("60/m"), Rate.UNLIMITED)
                .ramp(Duration.ZERO));
        queue(50, "example.net");
        assertThat(attempts).as("a burst").hasSizeGreaterThan(1);
        end(attempts.remove(0), DeliveryStatus.NOT_SENT, GONE, DeliveryPhase.CONNECT);
        run();
        advance(Duration.ofSeconds(2));
        for (int i = 0; !attempts.isEmpty() && i < 50; i++) {
            take();
        }
        assertThat(scheduler.lanes().ready()).as("the rate is used up").isPositive();

        advance(Duration.ofSeconds(2));

        assertThat(attempts).isNotEmpty();
    }

    @Test
    void growsWithSuccessAndShrinksOnceForAllThatWasRefused() throws Exception {
        queue(100, "example.net");
        assertThat(attempts).hasSize(LanePolicy.STANDARD.first());
        take();
        assertThat(attempts).hasSize(6);
        take();
        assertThat(attempts).hasSize(7);
        endAll(DeliveryStatus.DEFERRED, CLOSING, DeliveryPhase.GREETING);
        assertThat(attempts).as("not 7, halved 7 times").hasSize(3);
        take();
        assertThat(attempts).hasSize(4);
    }

    @Test
    void aRefusedRecipientSaysNothingOfItsHost() throws Exception {
        queue(50, "example.net");
        endAll(DeliveryStatus.DEFERRED, BUSY, DeliveryPhase.RCPT);
        endAll(DeliveryStatus.FAILED, UNKNOWN_USER, DeliveryPhase.RCPT);
        assertThat(attempts)
                .filteredOn(attempt -> !attempt.envelope().reversePath().isNull())
                .hasSize(5);
    }

    @Test
    void probesASuspendedDestinationWhenAnOperatorRetriesItsMail() throws Exception {
        policy(LanePolicy.STANDARD.window(1, 1, 1).suspension(1, MINUTE, MINUTE).ramp(Duration.ZERO));
        queue(2, "example.net");
        gone();
        assertThat(attempts).isEmpty();
        QueueChange retried = await(scheduler.operator().change(Commands.Verb.RETRY, QueueSelection.EVERYTHING));
        assertThat(retried.recipients())
                .as("the one that waits, and the one deferred")
                .isEqualTo(2);
        assertThat(attempts).as("a probe").hasSize(1);
        take();
        take();
        assertThat(attempts).isEmpty();
        assertThat(scheduler.health().messages()).isZero();
    }

    @Test
    void suspendsADeadDestinationAndProbesIt() throws Exception {
        policy(LanePolicy.STANDARD.suspension(8, MINUTE, MINUTE.multipliedBy(4)).ramp(Duration.ZERO));
        queue(50, "example.net");
        gone();
        gone();
        assertThat(attempts).as("7 have failed").hasSize(1);
        gone();
        assertThat(attempts).isEmpty();
        queue(1, "example.com");
        assertThat(only().recipients()).as("others go on").containsExactly("u0@example.com");
        int read = spool.loads.size();

        assertThat(run()).as("looks at other things too").isLessThanOrEqualTo(Duration.ofSeconds(30));
        advance(Duration.ofSeconds(59));
        assertThat(attempts).isEmpty();
        advance(Duration.ofSeconds(1));
        assertThat(attempts).as("one to probe").hasSize(1);
        gone();
        advance(Duration.ofSeconds(119));
        assertThat(attempts).as("twice as long").isEmpty();
        advance(Duration.ofSeconds(1));
        assertThat(attempts).hasSize(1);
        gone();
        advance(MINUTE.multipliedBy(4));
        assertThat(attempts).hasSize(1);
        gone();
        advance(MINUTE.multipliedBy(4));
        assertThat(attempts).as("no longer than the longest").hasSize(1);
        assertThat(spool.loads).as("nothing is read for it").hasSize(read);
        take();
        assertThat(attempts).as("a small window").hasSize(1);
        take();
        assertThat(attempts).hasSize(2);
        while (!attempts.isEmpty()) {
            take();
        }
        assertThat(scheduler.health().messages())
                .as("the one that is still under way")
                .isEqualTo(1);
    }

    @Test
    void whatWaitsForASuspendedDestinationKeepsItsAttempts() throws Exception {
        policy(LanePolicy.STANDARD
                .suspension(5, Duration.ofMinutes(10), Duration.ofMinutes(10))
                .ramp(Duration.ZERO));
        queue(5, "example.net");
        gone();
        queue(1, "example.net");
        assertThat(attempts).hasSize(1);
        gone();
        for (int i = 0; i < 59; i++) {
            advance(Duration.ofSeconds(10));
            assertThat(attempts).isEmpty();
        }
        advance(Duration.ofSeconds(10));
        take();
        take();
        assertThat(attempts).isNotEmpty();
    }

    @Test
    void whatWaitedForASuspensionToEndComesOneByOneAndThenEverFaster() throws Exception {
        settings.attempts(1000, 1000);
        policy(LanePolicy.STANDARD
                .window(500, 1, 1000)
                .suspension(1, MINUTE, MINUTE)
                .ramp(Duration.ofSeconds(10)));
        queue(1500, "example.net");
        gone();
        advance(MINUTE);
        take();
        List<Integer> begun = new ArrayList<>();
        for (int decade = 0; decade < 6; decade++) {
            int some = 0;
            for (int millis = 0; millis < 10_000; millis += 25) {
                some += attempts.size();
                take();
                advance(Duration.ofMillis(25));
            }
            begun.add(some);
        }
        assertThat(begun).containsExactly(10, 20, 40, 80, 160, 320);
        advance(MINUTE);
        take();
        take();
        assertThat(attempts.size()).as("it is over").isGreaterThan(20);
    }

    @Test
    void whoWasOnlyBusyGetsAsMuchAsItsWindowLetsThrough() throws Exception {
        policy(LanePolicy.STANDARD.window(8, 1, 8).suspension(1, MINUTE, MINUTE).ramp(MINUTE));
        queue(100, "example.net");
        endAll(DeliveryStatus.DEFERRED, Reply.of(421, "4.7.0", "too busy"), DeliveryPhase.GREETING);
        advance(MINUTE);
        for (int taken = 1; taken < 10; taken++) {
            assertThat(attempts).as("after %d", taken).isNotEmpty();
            take();
        }
    }

    @Test
    void anAttemptInFlightThatIsTakenEndsASuspension() throws Exception {
        policy(LanePolicy.STANDARD.suspension(3, MINUTE, MINUTE));
        queue(10, "example.net");
        Attempt slow = attempts.remove(0);
        gone();
        gone();
        assertThat(attempts).isEmpty();
        end(slow, DeliveryStatus.RELAYED, TAKEN, DeliveryPhase.END_OF_DATA);
        run();
        assertThat(attempts).hasSize(1);
    }

    @Test
    void tellsWhoListensOfASuspension() throws Exception {
        List<String> told = new ArrayList<>();
        settings.events(new QueueEvents() {
            @Override
            public void laneSuspended(String lane, Instant until, Reply reply) {
                told.add(lane + " until " + until + " for " + reply);
            }

            @Override
            public void laneRestarted(String lane) {
                told.add(lane);
            }
        });
        policy(LanePolicy.STANDARD.window(2, 1, 2).suspension(1, MINUTE, MINUTE));
        queue(3, "example.net");
        gone();
        assertThat(scheduler.lanes().all()).hasSize(1);
        assertThat(scheduler.lanes().ready()).isOne();
        assertThat(scheduler.lanes().show("example.net", null))
                .isEqualTo(new QueueDepth.Lane("example.net", 1, 0, MINUTE, 0, GONE));
        advance(MINUTE);
        take();
        assertThat(told).containsExactly("example.net until 2026-11-21T12:01:00Z for " + GONE, "example.net");
    }

    @Test
    void oneBurstDoesNotSuspend() throws Exception {
        policy(LanePolicy.STANDARD.window(20, 1, 20).suspension(10, MINUTE, MINUTE));
        queue(40, "example.net");
        gone();
        assertThat(attempts).as("what began after it has to fail too").hasSize(10);
        end(attempts.remove(0), DeliveryStatus.DEFERRED, BUSY, DeliveryPhase.RCPT);
        run();
        gone();
        assertThat(attempts).hasSize(5);
    }

    @Test
    void returnsWhatExpiresWhileItsDestinationIsSuspended() throws Exception {
        policyAlone(
                LanePolicy.STANDARD.window(1, 1, 1).suspension(1, MINUTE.multipliedBy(30), MINUTE.multipliedBy(30)));
        queue(from("a@example.org", "first@example.net"));
        queue(from("b@example.org", "second@example.net"));
        gone();
        assertThat(attempts).isEmpty();
        advance(Duration.ofSeconds(100));
        advance(MINUTE);
        Set<String> told = new HashSet<>();
        for (Attempt notice : attempts) {
            told.addAll(notice.recipients());
            assertThat(Mail.read(notice.content()))
                    .asString()
                    .contains("4.4.1 mx.test can't be reached", "tried for too long");
        }
        assertThat(told).contains("b@example.org");
    }

    @Test
    void tellsOfDelaysAndKeepsPromisesWhileItsDestinationIsSuspended() throws Exception {
        settings.delayNoticeAfter(Duration.ofMinutes(5));
        policy(LanePolicy.STANDARD.window(1, 1, 1).suspension(1, Duration.ofHours(1), Duration.ofHours(1)));
        queue(from("a@example.org", "first@example.net"));
        gone();
        Recipient asks = new Recipient(
                Mailbox.parse("asks@example.net"), EsmtpParameters.NONE.with(new EsmtpParameter("NOTIFY", "DELAY")));
        queue(Envelope.from("a@example.org").to(List.of(asks)));
        queue(Envelope.from("a@example.org")
                .with(new EsmtpParameter("BY", "600;R"))
                .to("late@example.net"));
        advance(Duration.ofMinutes(5));
        Attempt notice = only();
        assertThat(Mail.read(notice.content())).asString().contains("Action: delayed", "mx.test can't be reached");
        notice.reply(TAKEN);
        advance(Duration.ofMinutes(5));
        assertThat(Mail.read(only().content())).asString().contains("Action: failed", "5.4.7");
    }

    @Test
    void aRestartForgetsTheSuspensionAndLearnsItAnew() throws Exception {
        settings.retry(RetrySchedule.parse("1h"));
        policyAlone(LanePolicy.STANDARD.window(2, 1, 2).suspension(4, MINUTE, MINUTE));
        queue(20, "example.net");
        for (int i = 0; i < 3; i++) {
            gone();
        }
        assertThat(attempts).isEmpty();
        restart();
        run();
        int made = 0;
        for (; !attempts.isEmpty(); made++) {
            made += attempts.size() - 1;
            gone();
        }
        assertThat(made).isEqualTo(4);
        assertThat(scheduler.health().ready()).isEqualTo(12);
    }

    @Test
    void aClockThatIsSetHoldsNoDestination() throws Exception {
        settings.retry(RetrySchedule.parse("1h"));
        policyAlone(LanePolicy.STANDARD.window(1, 1, 1).suspension(1, MINUTE, MINUTE));
        queue(2, "example.net");
        gone();
        wrong = Duration.ofDays(-1000);
        advance(Duration.ofSeconds(59));
        assertThat(attempts).isEmpty();
        wrong = Duration.ofDays(3);
        advance(Duration.ofSeconds(1));
        assertThat(attempts).hasSize(1);
    }

    @Test
    void rulesSuspendSlowDownAndDecide() throws Exception {
        policy(LanePolicy.STANDARD.rules(List.of(
                ReplyRule.suspend("*come back in an hour*", Duration.ofHours(1)),
                ReplyRule.slowDown("450 4.7.1 slow*"),
                ReplyRule.permanent("452 4.2.2 *"),
                ReplyRule.temporary("550 5.7.1 *greylist*"))));
        queue(20, "example.net");
        endAll(DeliveryStatus.DEFERRED, Reply.of(450, "4.7.1", "Slow down, please"), DeliveryPhase.RCPT);
        assertThat(attempts).hasSize(2);
        queue(from("c@example.org", "full@example.com"));
        attempts.remove(2).reply(Reply.of(452, "4.2.2", "mailbox full"));
        run();
        assertThat(attempts.remove(2).envelope().reversePath().isNull()).isTrue();
        queue(from("c@example.org", "grey@example.edu"));
        attempts.remove(2).reply(Reply.of(550, "5.7.1", "greylisted"));
        run();
        assertThat(attempts).as("nobody is told").hasSize(2);
        endAll(DeliveryStatus.DEFERRED, Reply.of(450, "come back in an hour"), DeliveryPhase.MAIL);
        advance(Duration.ofMinutes(59));
        assertThat(attempts).extracting(Attempt::recipients).doesNotContain(List.of("u19@example.net"));
    }

    @Test
    void whatTooManyRecipientsAreLeftOutOfGoesByFurtherAttempts() throws Exception {
        policy(LanePolicy.STANDARD.recipients(40));
        queue(Envelope.from("a@example.org")
                .to(IntStream.range(0, 100)
                        .mapToObj(i -> "u" + i + "@example.net")
                        .toArray(String[]::new)));
        assertThat(attempts).extracting(attempt -> attempt.recipients().size()).containsExactly(40, 40, 20);
        Set<String> all = new HashSet<>();
        attempts.forEach(attempt -> all.addAll(attempt.recipients()));
        assertThat(all).hasSize(100);
        take();
        assertSpoolIsEmpty();
    }

    @Test
    void startsNoMoreThanTheRateSays() throws Exception {
        policy(LanePolicy.STANDARD.window(50, 1, 50).rates(Rate.parse("6/m"), Rate.UNLIMITED));
        queue(10, "example.net");
        assertThat(attempts).hasSize(1);
        assertThat(run()).isEqualTo(Duration.ofSeconds(10));
        List<Integer> begun = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            advance(Duration.ofSeconds(10));
            begun.add(attempts.size());
        }
        assertThat(begun).containsExactly(2, 3, 4, 5, 6, 7, 8, 9, 10);
    }

    @Test
    void eachIdentityHasLanesOfItsOwn() throws Exception {
        settings.identity(envelope -> envelope.reversePath().toString())
                .policies(d -> LanePolicy.STANDARD.window(1, 1, 1));
        restart();
        queue(from("a@example.org", "u@example.net"));
        queue(from("a@example.org", "u@example.net"));
        queue(from("b@example.org", "u@example.net"));
        assertThat(attempts).hasSize(2);
    }

    @Test
    void whatIsKnownOfDestinationsIsBounded() throws Exception {
        settings.attempts(Lanes.IDLE * 2, 5);
        restart();
        for (int i = 0; i < Lanes.IDLE + 1; i++) {
            scheduler.accept(Mail.put(spool, from("a@example.org", "u@d" + i + ".test"), Mail.octets("x")));
        }
        run();
        gone();
        assertThat(scheduler.lanes().all()).hasSize(Lanes.IDLE);
    }
}
