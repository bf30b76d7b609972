package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryScheduleTest {
    @Test
    void repeatsTheLastDelay() {
        RetrySchedule schedule = RetrySchedule.parse("10s, 1m,2h,1d");

        assertThat(schedule.after(1)).isEqualTo(Duration.ofSeconds(10));
        assertThat(schedule.after(2)).isEqualTo(Duration.ofMinutes(1));
        assertThat(schedule.after(3)).isEqualTo(Duration.ofHours(2));
        assertThat(schedule.after(4)).isEqualTo(Duration.ofDays(1));
        assertThat(schedule.after(1_000_000)).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void standardHasTwoAttemptsInTheFirstHourAndGoesOnForFiveDays() {
        RetrySchedule standard = RetrySchedule.standard();

        assertThat(standard.after(1).plus(standard.after(2))).isLessThan(Duration.ofHours(1));
        assertThat(standard.after(7)).isGreaterThanOrEqualTo(Duration.ofHours(2));
        assertThat(standard.expiry()).isBetween(Duration.ofDays(4), Duration.ofDays(5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "m", "5m,", ",5m", "-5m", "0s", "5 m", "5M", "9999999999s", "5m;1h"})
    void refusesWhatIsNoSchedule(String text) {
        assertThatThrownBy(() -> RetrySchedule.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesNoDelaysAndNoExpiry() {
        assertThatThrownBy(() -> RetrySchedule.of(List.of(), Duration.ofDays(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RetrySchedule.of(List.of(Duration.ofDays(1)), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
