package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.Mailbox;
import java.time.Duration;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BackscatterTest {
    private static final long NOW = 1_700_000_000_000L;

    private static Backscatter backscatter(int perSender, int perDomain) {
        return new Backscatter(new NoticeLimit(perSender, perDomain, Duration.ofSeconds(60)));
    }

    private static Mailbox at(String mailbox) {
        return Mailbox.parse(mailbox);
    }

    @Test
    void takesSoManyAtOnceAndThenAsTimePasses() {
        Backscatter backscatter = backscatter(3, 100);
        for (int i = 0; i < 3; i++) {
            assertThat(backscatter.takes(at("a@example.org"), NOW)).isTrue();
        }
        assertThat(backscatter.takes(at("A@EXAMPLE.org"), NOW)).isFalse();
        assertThat(backscatter.takes(at("b@example.org"), NOW)).isTrue();
        assertThat(backscatter.takes(at("a@example.org"), NOW + 19_999)).isFalse();
        assertThat(backscatter.takes(at("a@example.org"), NOW + 20_000)).isTrue();
        assertThat(backscatter.takes(at("a@example.org"), NOW + 20_001)).isFalse();
    }

    @Test
    void countsAllMailboxesOfADomainTogether() {
        Backscatter backscatter = backscatter(2, 3);
        assertThat(backscatter.takes(at("a@example.org"), NOW)).isTrue();
        assertThat(backscatter.takes(at("b@example.org"), NOW)).isTrue();
        assertThat(backscatter.takes(at("c@example.org"), NOW)).isTrue();
        assertThat(backscatter.takes(at("d@example.org"), NOW)).isFalse();
        assertThat(backscatter.takes(at("d@example.com"), NOW)).isTrue();
    }

    @Test
    void aClockThatWasAheadKeepsNobodyFromHearingForLongerThanTheTime() {
        Backscatter backscatter = backscatter(1, 1);
        assertThat(backscatter.takes(at("a@example.org"), NOW + 1_000_000_000)).isTrue();
        assertThat(backscatter.takes(at("a@example.org"), NOW)).isFalse();
        assertThat(backscatter.takes(at("b@example.com"), NOW)).isTrue();
    }

    @Test
    void remembersABoundedNumber() {
        Backscatter backscatter = backscatter(1, 1);
        for (int i = 0; i < Backscatter.MOST; i++) {
            backscatter.takes(at("a@d" + i + ".test"), NOW);
        }
        assertThat(backscatter.size()).isEqualTo(Backscatter.MOST);
        assertThat(backscatter.takes(at("a@d0.test"), NOW)).as("forgotten").isTrue();
    }

    @Property(tries = 50, edgeCases = EdgeCasesMode.NONE)
    void neverTakesMoreThanTwiceItsShareWithinTheTime(
            @ForAll @IntRange(min = 1, max = 20) int share, @ForAll @Size(200) int[] waits) {
        Backscatter backscatter = backscatter(share, share);
        long now = NOW;
        int taken = 0;
        for (int wait : waits) {
            now += Math.floorMod(wait, 300);
            taken += backscatter.takes(at("a@example.org"), now) ? 1 : 0;
        }
        assertThat(taken).isBetween(share, 2 * share);
    }

    @Test
    void refusesWhatIsNoLimit() {
        Duration minute = Duration.ofMinutes(1);
        assertThatThrownBy(() -> new NoticeLimit(0, 1, minute)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new NoticeLimit(1, 0, minute)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new NoticeLimit(1, 1, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new NoticeLimit(1, 1, Duration.ofDays(366)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
