package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A clock that is set, back by days and forward by years. */
class ClockJumpTest extends SchedulerRig {
    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(30);

    private void set(int days) {
        wrong = Duration.ofDays(days);
        assertThat(run()).isBetween(Duration.ofMillis(1), LONGEST_SLEEP);
    }

    private void advance(int seconds) {
        clock.advance(Duration.ofSeconds(seconds));
        run();
    }

    @ParameterizedTest
    @ValueSource(ints = {-3, 3, -3650, 3650})
    void aRetryKeepsItsDelay(int days) throws Exception {
        queue(Mail.ONE);
        only().reply(BUSY);
        run();
        advance(4);
        set(days);
        advance(5);
        assertThat(attempts).isEmpty();
        advance(1);
        assertThat(attempts).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {-3, 3, -3650, 3650})
    void aRetryKeepsItsDelayThoughTheClockComesRight(int days) throws Exception {
        settings.retry(RetrySchedule.of(List.of(Duration.ofSeconds(10)), Duration.ofDays(10_000)));
        restart();
        queue(Mail.ONE);
        set(days);
        advance(1);
        only().reply(BUSY);
        run();
        set(0);
        assertThat(attempts).as("not without a delay").isEmpty();
        advance(9);
        assertThat(attempts).isEmpty();
        advance(1);
        assertThat(attempts).hasSize(1);
    }

    @Test
    void whatWaitsForItsTurnIsNotPutOff() throws Exception {
        settings.attempts(1, 1);
        restart();
        queue(Mail.ONE);
        for (int i = 0; i < Lanes.KEPT_PER_LANE + 2; i++) {
            queue(Mail.ONE);
        }
        set(-5);
        for (int i = 0; i < Lanes.KEPT_PER_LANE + 2; i++) {
            advance(1);
            only().reply(TAKEN);
            run();
        }
        assertThat(attempts).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {-3, 3})
    void aStartDoesNotBelieveDatesOfAClockThatWasWrong(int days) throws Exception {
        wrong = Duration.ofDays(days);
        queue(Mail.ONE);
        only().reply(BUSY);
        run();
        wrong = Duration.ZERO;
        restart();
        run();
        advance(11);
        assertThat(attempts)
                .as("whatever was recorded, no longer than the delay")
                .hasSize(1);
    }

    @Test
    void aMessageOfTheFutureIsAttemptedAtOnce() throws Exception {
        SpooledMessage message = queue(Mail.ONE);
        attempts.clear();
        wrong = Duration.ofDays(-2);
        restart();
        run();
        assertThat(only().envelope()).isEqualTo(message.envelope());
    }

    @Test
    void holdsUntilTheDateWhateverTheClockDidBefore() throws Exception {
        Envelope held = Envelope.from("a@example.org")
                .with(new EsmtpParameter("HOLDUNTIL", "2026-11-23T12:00:00Z"))
                .to("b@example.net");
        queue(held);
        set(-300);
        set(1);
        assertThat(attempts).isEmpty();
        set(2);
        assertThat(attempts).hasSize(1);
    }

    @Test
    void givesNoMoreTimeThanWasAskedFor() throws Exception {
        set(0);
        Envelope by = Envelope.from("a@example.org")
                .with(new EsmtpParameter("BY", "60;R"))
                .to("b@example.net");
        SpooledMessage message = Mail.put(spool, by, Mail.octets("x"));
        set(-1);
        scheduler.accept(message);
        run();
        assertThat(only().envelope().parameters()).hasToString("BY=60;R");
    }
}
