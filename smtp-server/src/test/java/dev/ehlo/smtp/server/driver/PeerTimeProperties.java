package dev.ehlo.smtp.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.server.SessionPhase;
import dev.ehlo.smtp.server.SessionTimes;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.BeforeTry;

class PeerTimeProperties {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final int RATE = 100;
    private static final long WINDOW_SECONDS = SessionTimes.RATE_WINDOW.toSeconds();
    /** Times wrap around. */
    private static final long START = Long.MAX_VALUE - 1000 * SECOND;

    private PeerTime time;
    private long now;

    @BeforeTry
    void begin() {
        time = new PeerTime(SessionTimes.STANDARD
                .times(Duration.ofSeconds(60), Duration.ofSeconds(120))
                .session(Duration.ofSeconds(1000))
                .minContentRate(RATE));
        now = START;
    }

    private long content(long octets) {
        return time.run(now, SessionPhase.CONTENT, octets / 4096, octets);
    }

    /** Held against the definition: whoever is served has sent so much, but for a window's worth. */
    @Property(tries = 300)
    void servesContentIfItComesAtTheRateOverTheWindow(
            @ForAll @Size(min = 20, max = 60) List<@IntRange(min = 1, max = 100) Integer> seconds,
            @ForAll @Size(60) List<@IntRange(max = 20_000) Integer> octets) {
        long sent = 0;
        // The window's worth that is left, in octets.
        long worth = RATE * WINDOW_SECONDS;
        content(0);
        long blockSeconds = 0;
        for (int i = 0; i < seconds.size(); i++) {
            long passed = seconds.get(i);
            worth -= RATE * passed;
            blockSeconds += passed;
            if (blockSeconds >= 120 || worth <= 0) {
                // The deadline that was told before has come.
                assertThat(content(sent)).as("left before %d", passed).isLessThanOrEqualTo(passed * SECOND);
                return;
            }
            assertThat(content(sent)).isGreaterThan(passed * SECOND);
            now += passed * SECOND;
            long before = sent;
            sent += octets.get(i);
            if (sent / 4096 != before / 4096) {
                blockSeconds = 0;
            }
            worth = Math.min(RATE * WINDOW_SECONDS, worth + octets.get(i));
            assertThat(content(sent)).isPositive();
        }
    }

    @Property(tries = 200)
    void doesNotHoldAgainstAPeerWhatIsNotItsTurn(
            @ForAll @IntRange(min = 1, max = 299) int before, @ForAll @IntRange(min = 1, max = 100_000) int stopped) {
        content(0);
        now += before * SECOND;
        time.stop(now);
        now += stopped * SECOND;
        assertThat(content(0)).isEqualTo(Math.min(120, WINDOW_SECONDS - before) * SECOND);
    }

    @Example
    void givesEachPhaseItsTimeAnewOnlyWhenThePeerGetsSomewhere() {
        assertThat(time.run(now, SessionPhase.HELLO, 0, 0)).isEqualTo(60 * SECOND);
        now += 10 * SECOND;
        assertThat(time.run(now, SessionPhase.HELLO, 0, 0)).isEqualTo(PeerTime.UNCHANGED);
        assertThat(time.run(now, SessionPhase.COMMAND, 1, 0)).isEqualTo(60 * SECOND);
        assertThat(time.run(now, SessionPhase.CONTENT_START, 2, 0)).isEqualTo(120 * SECOND);
        now += 100 * SECOND;
        assertThat(content(1)).isEqualTo(120 * SECOND);
    }

    @Example
    void endsASessionButHearsItsContentOut() {
        time.run(now, SessionPhase.COMMAND, 0, 0);
        now += 990 * SECOND;
        assertThat(time.run(now, SessionPhase.COMMAND, 1, 0)).isEqualTo(10 * SECOND);
        assertThat(time.run(now, SessionPhase.CONTENT_START, 2, 0)).isEqualTo(120 * SECOND);
        now += 20 * SECOND;
        assertThat(time.run(now, SessionPhase.CONTENT, 3, 1)).isEqualTo(120 * SECOND);
        assertThat(time.run(now, SessionPhase.COMMAND, 4, 1)).isZero();
    }

    @Example
    void creditsNoMoreThanAWindowForHoweverMuch() {
        content(0);
        now += SECOND;
        assertThat(content(Long.MAX_VALUE / 2)).isEqualTo(120 * SECOND);
    }
}
