package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LoadRunTest {
    private static final Envelope ENVELOPE = Envelope.from("a@example.org").to("b@example.net");
    private static final MessageSource CONTENT = MessageSource.of(new byte[0]);
    private static final Reply TAKEN = Reply.of(250, "2.0.0", "Ok");
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final ManualClock clock = new ManualClock();
    private final LoadTally tally = new LoadTally();
    private final Deque<CompletableFuture<DeliveryReport>> underWay = new ArrayDeque<>();
    private int begun;

    private static DeliveryReport report() {
        return DeliveryReport.forEach(ENVELOPE, recipient -> RecipientOutcome.replied(recipient, TAKEN, "mx"));
    }

    private LoadRun run(LoadRun.Plan plan) {
        return new LoadRun(
                (envelope, content) -> {
                    begun++;
                    CompletableFuture<DeliveryReport> report = new CompletableFuture<>();
                    underWay.add(report);
                    return report;
                },
                ENVELOPE,
                CONTENT,
                plan,
                tally,
                clock::nanoTime);
    }

    private LoadRun run(DeliveryAgent agent, LoadRun.Plan plan) {
        return new LoadRun(agent, ENVELOPE, CONTENT, plan, tally, System::nanoTime);
    }

    private void endOne() {
        underWay.remove().complete(report());
    }

    private void pass(long millis) {
        clock.advance(Duration.ofMillis(millis));
    }

    @Test
    void beginsTheNextWhenOneHasEnded() {
        LoadRun run = run(new LoadRun.Plan(2, 5, Long.MAX_VALUE, 0));
        run.advance();
        assertThat(begun).isEqualTo(2);
        pass(10);
        endOne();
        assertThat(begun).isEqualTo(3);
        assertThat(tally.longest()).isEqualTo(10 * MILLI);
        pass(1);
        while (!underWay.isEmpty()) {
            endOne();
        }
        assertThat(begun).isEqualTo(5);
        assertThat(tally.counts()).isEqualTo(new LoadTally.Counts(5, 5));
        assertThat(run.nanos()).isEqualTo(11 * MILLI);
        assertThat(run.behind()).isZero();
    }

    @Test
    void beginsByTheRateAndNotByWhatHasEnded() {
        LoadRun run = run(new LoadRun.Plan(10, 100, Long.MAX_VALUE, 100));
        run.advance();
        assertThat(begun).as("at the start").isEqualTo(1);
        pass(9);
        run.advance();
        assertThat(begun).isEqualTo(1);
        pass(1);
        run.advance();
        assertThat(begun).isEqualTo(2);
        endOne();
        endOne();
        assertThat(begun).isEqualTo(2);
        pass(30);
        run.advance();
        assertThat(begun).as("all that came due meanwhile").isEqualTo(5);
    }

    @Test
    void countsFromWhenAMessageWasDueThoughItFoundNoRoom() {
        LoadRun run = run(new LoadRun.Plan(1, 3, Long.MAX_VALUE, 1000));
        run.advance();
        pass(100);
        run.advance();
        assertThat(begun).isEqualTo(1);
        endOne();
        endOne();
        endOne();
        assertThat(tally.within(0)).as("due after 2 ms").isBetween(98 * MILLI, 99 * MILLI);
        assertThat(tally.longest()).isEqualTo(100 * MILLI);
    }

    @Test
    void beginsNoneAfterItsTimeAndTellsHowManyWereDue() throws Exception {
        LoadRun run = run(new LoadRun.Plan(1, Long.MAX_VALUE, 50 * MILLI, 1000));
        run.advance();
        pass(60);
        endOne();
        assertThat(begun).isEqualTo(1);
        assertThat(run.behind()).isEqualTo(49);
        run.run(() -> {}, Long.MAX_VALUE);
    }

    @Test
    void beginsNoneAfterItWasStopped() throws Exception {
        LoadRun run = run(new LoadRun.Plan(2, 1000, Long.MAX_VALUE, 0));
        run.advance();
        run.stop();
        endOne();
        endOne();
        assertThat(begun).isEqualTo(2);
        run.run(() -> {}, Long.MAX_VALUE);
        assertThat(tally.counts().messages()).isEqualTo(2);
    }

    @Test
    @Timeout(60)
    void waitsForThoseOnTheWayNoLongerThanTheGraceAfterItWasStopped() throws Exception {
        LoadRun run = run(new LoadRun.Plan(2, 1000, Long.MAX_VALUE, 0));
        run.advance();
        run.stop();
        clock.advance(Duration.ofNanos(LoadRun.GRACE_NANOS));
        run.run(() -> {}, Long.MAX_VALUE);
        assertThat(tally.counts().messages()).isZero();
    }

    @Test
    void takesNoStackForDeliveriesThatEndAtOnce() throws Exception {
        LoadRun run = run(
                (envelope, content) -> CompletableFuture.completedFuture(report()),
                new LoadRun.Plan(3, 200_000, Long.MAX_VALUE, 0));
        run.run(() -> {}, Long.MAX_VALUE);
        assertThat(tally.counts()).isEqualTo(new LoadTally.Counts(200_000, 200_000));
    }

    @Test
    void endsByADefect() {
        LoadRun failing = run(
                (envelope, content) -> CompletableFuture.failedFuture(new IllegalStateException("broken")),
                new LoadRun.Plan(3, 10, Long.MAX_VALUE, 0));
        assertThatThrownBy(() -> failing.run(() -> {}, Long.MAX_VALUE)).hasRootCauseMessage("broken");
        LoadRun throwing = run(
                (envelope, content) -> {
                    throw new IllegalStateException("worse");
                },
                new LoadRun.Plan(3, 10, Long.MAX_VALUE, 0));
        assertThatThrownBy(() -> throwing.run(() -> {}, Long.MAX_VALUE)).hasRootCauseMessage("worse");
    }

    @Test
    void looksSoonForRoomForAMessageThatIsDue() {
        LoadRun run = run(new LoadRun.Plan(1, 100, Long.MAX_VALUE, 100));
        run.advance();
        pass(25);
        assertThat(run.untilNext(Long.MAX_VALUE)).isEqualTo(MILLI);
        endOne();
        endOne();
        endOne();
        assertThat(begun).isEqualTo(3);
        assertThat(run.untilNext(Long.MAX_VALUE)).as("until it is due").isEqualTo(5 * MILLI);
    }
}
