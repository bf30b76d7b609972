package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.queue.RetrySchedule.Delay;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryScheduleTest {
    private static Delay delay(long least, long most) {
        return new Delay(Duration.ofSeconds(least), Duration.ofSeconds(most));
    }

    @Test
    void aListIsOfDelaysUpToATenthLongerOfWhichTheLastRepeats() {
        RetrySchedule schedule = RetrySchedule.parse("10s, 1m,2h,1d");

        assertThat(schedule.delay(1)).isEqualTo(delay(10, 11));
        assertThat(schedule.delay(2)).isEqualTo(delay(60, 66));
        assertThat(schedule.delay(3)).isEqualTo(delay(7200, 7920));
        assertThat(schedule.delay(4)).isEqualTo(delay(86_400, 95_040));
        assertThat(schedule.delay(1_000_000)).isEqualTo(schedule.delay(4));
    }

    @Test
    void standardGetsPastGreylistingInMinutesAndGoesOnForFiveDays() {
        RetrySchedule standard = RetrySchedule.standard();

        assertThat(standard.delay(1).most().plus(standard.delay(2).most()))
                .as("RFC 5321 §4.5.4.1: two attempts in the first hour")
                .isLessThan(Duration.ofMinutes(15));
        assertThat(standard.delay(1).least().plus(standard.delay(2).least()))
                .as("five minutes are what greylisting asks for as a rule")
                .isGreaterThanOrEqualTo(Duration.ofMinutes(5));
        assertThat(standard.delays().stream().map(d -> d.most().toMinutes()))
                .containsExactly(2L, 10L, 20L, 40L, 80L, 160L, 240L);
        assertThat(standard.delays().stream().skip(2)).allMatch(d -> d.least().equals(Duration.ofMinutes(5)));
        assertThat(standard.expiry()).isBetween(Duration.ofDays(4), Duration.ofDays(5));
    }

    @Test
    void exponentialDoublesUpToItsCap() {
        RetrySchedule schedule =
                RetrySchedule.exponential(Duration.ofSeconds(2), Duration.ofSeconds(3), Duration.ofSeconds(20));

        assertThat(schedule.delays()).containsExactly(delay(2, 3), delay(2, 6), delay(2, 12), delay(2, 20));
        assertThat(schedule.after(delay(1, 1)).expiringAfter(Duration.ofDays(1)))
                .isEqualTo(new RetrySchedule(
                        List.of(delay(1, 1), delay(2, 3), delay(2, 6), delay(2, 12), delay(2, 20)),
                        Duration.ofDays(1)));
    }

    @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
    void drawsFromTheWholeOfTheRangeAndNeverBeyond(
            @ForAll @LongRange(min = 1, max = 100_000) long least,
            @ForAll @LongRange(max = 100_000) long more,
            @ForAll long seed) {
        Delay delay = new Delay(Duration.ofMillis(least), Duration.ofMillis(least + more));
        Random random = new Random(seed);
        List<Long> drawn = Stream.generate(() -> delay.draw(random)).limit(200).toList();

        assertThat(drawn).allMatch(d -> d >= least && d <= least + more);
        // 200 of an even choice that all miss one of its quarters would be one chance in 10^24.
        assertThat(drawn).anyMatch(d -> d <= least + more / 4).anyMatch(d -> d >= least + more - more / 4 - 1);
    }

    @Property(tries = 50, edgeCases = EdgeCasesMode.NONE)
    void aDelayOfLessThanAMillisecondIsStillOne(@ForAll @IntRange(min = 1, max = 999_999) int nanos) {
        assertThat(Delay.exactly(Duration.ofNanos(nanos)).draw(new Random(1))).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "m", "5m,", ",5m", "-5m", "0s", "5 m", "5M", "9999999999s", "5m;1h", "99999d"})
    void refusesWhatIsNoSchedule(String text) {
        assertThatThrownBy(() -> RetrySchedule.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesNoDelaysAndNoExpiryAndDelaysBackwards() {
        assertThatThrownBy(() -> RetrySchedule.of(List.of(), Duration.ofDays(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RetrySchedule.of(List.of(Duration.ofDays(1)), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RetrySchedule.standard().expiringAfter(Duration.ofDays(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> delay(2, 1)).isInstanceOf(IllegalArgumentException.class);
        Duration second = Duration.ofSeconds(1);
        assertThatThrownBy(() -> RetrySchedule.exponential(second, second.multipliedBy(3), second.multipliedBy(2)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RetrySchedule.exponential(Duration.ZERO, second, second))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RetrySchedule.exponential(second, Duration.ZERO, second))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
