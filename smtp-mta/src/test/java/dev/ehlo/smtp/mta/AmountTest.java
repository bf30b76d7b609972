package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AmountTest {
    private static final int MOST = 1 << 30;

    @Test
    void readsOctetsWithAUnitOrWithout() {
        assertThat(Amount.octets("0", MOST)).isZero();
        assertThat(Amount.octets("4096", MOST)).isEqualTo(4096);
        assertThat(Amount.octets("4k", MOST)).isEqualTo(4096);
        assertThat(Amount.octets("1024M", MOST)).isEqualTo(MOST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "4g", "-1", "1.5k", "1025m", "9999999999m", "1073741825", "99999999999"})
    void refusesWhatIsNoSizeOrTooMuch(String text) {
        assertThatThrownBy(() -> Amount.octets(text, MOST)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void readsTimes() {
        assertThat(Amount.time("30s")).isEqualTo(Duration.ofSeconds(30));
        assertThat(Amount.time("5m")).isEqualTo(Duration.ofMinutes(5));
        assertThat(Amount.time("1h")).isEqualTo(Duration.ofHours(1));
        assertThat(Amount.time("2d")).isEqualTo(Duration.ofDays(2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "30", "s", "0s", "1w", "-1s", "1.5s", "1234567s"})
    void refusesWhatIsNoTime(String text) {
        assertThatThrownBy(() -> Amount.time(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
