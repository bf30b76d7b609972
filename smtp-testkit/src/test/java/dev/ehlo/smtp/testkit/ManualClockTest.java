package dev.ehlo.smtp.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

final class ManualClockTest {
    @Test
    void standsStillUntilAdvancedAndThenBothTimesGoOn() {
        ManualClock clock = new ManualClock(Instant.EPOCH);
        LongSupplier nanos = clock::nanoTime;
        assertThat(clock.instant()).isEqualTo(Instant.EPOCH);
        clock.advance(Duration.ofSeconds(90).plusNanos(1));
        assertThat(clock.instant()).isEqualTo(Instant.EPOCH.plusSeconds(90).plusNanos(1));
        assertThat(nanos.getAsLong()).isEqualTo(90_000_000_001L);
    }

    @Test
    void sharesItsTimeWithOtherZones() {
        ManualClock clock = new ManualClock();
        ManualClock elsewhere = clock.withZone(ZoneId.of("Europe/Vienna"));
        clock.advance(Duration.ofHours(1));
        assertThat(elsewhere.instant()).isEqualTo(clock.instant());
        assertThat(elsewhere.getZone()).isEqualTo(ZoneId.of("Europe/Vienna"));
    }

    @Test
    void doesNotGoBack() {
        assertThatThrownBy(() -> new ManualClock().advance(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
