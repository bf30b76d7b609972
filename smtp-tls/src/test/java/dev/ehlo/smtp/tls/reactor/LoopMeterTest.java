package dev.ehlo.smtp.tls.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.tls.LoopHealth;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoopMeterTest {
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 500); // wraps around within each test
    private final LoopMeter meter = new LoopMeter(clock::get);

    private void turn(long... callbacks) {
        meter.begin();
        for (long nanos : callbacks) {
            clock.addAndGet(nanos);
            meter.lap();
        }
        meter.end(3);
    }

    private LoopHealth health() {
        return meter.health("loop");
    }

    @Test
    void countsTurnsAndTheTimeOfTheirWork() {
        turn(100, 200);
        clock.addAndGet(1_000_000); // asleep
        turn(400);
        turn();
        assertThat(health()).isEqualTo(new LoopHealth("loop", 3, 700, 400, 0, 3));
    }

    @Test
    void countsConnections() {
        meter.connectionCame();
        meter.connectionCame();
        meter.connectionWent();
        assertThat(health().connections()).isEqualTo(1);
    }

    @Test
    void forgetsTheLongestCallbackInAMinuteOrTwo() {
        turn(900);
        clock.addAndGet(LoopMeter.WINDOW_NANOS);
        turn(300);
        assertThat(health().longestCallbackNanos()).isEqualTo(900);
        turn(20);
        assertThat(health().longestCallbackNanos()).isEqualTo(900);
        clock.addAndGet(LoopMeter.WINDOW_NANOS);
        turn(10);
        assertThat(health().longestCallbackNanos()).isEqualTo(300);
    }

    @Test
    void forgetsTheLongestCallbackWhileTheLoopIsAsleep() {
        turn(900);
        turn(50);
        clock.addAndGet(LoopMeter.WINDOW_NANOS);
        assertThat(health().longestCallbackNanos()).isEqualTo(900);
        clock.addAndGet(LoopMeter.WINDOW_NANOS + 1);
        assertThat(health().longestCallbackNanos()).isZero();
        turn(70);
        assertThat(health().longestCallbackNanos()).isEqualTo(70);
    }

    @Test
    void showsACallbackThatHasNotEnded() {
        meter.begin();
        clock.addAndGet(12_345);
        assertThat(health().longestCallbackNanos()).isEqualTo(12_345);
        meter.lap();
        meter.end(0);
        clock.addAndGet(99_999);
        assertThat(health().longestCallbackNanos()).isEqualTo(12_345);
    }
}
