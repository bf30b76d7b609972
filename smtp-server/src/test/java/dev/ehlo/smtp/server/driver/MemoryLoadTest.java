package dev.ehlo.smtp.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.testkit.ManualClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

class MemoryLoadTest {
    @Test
    void believesAFigureOnlyAsLongAsCollectionsConfirmIt() {
        ManualClock clock = new ManualClock();
        AtomicLong collections = new AtomicLong(7);
        DoubleSupplier load = MemoryLoad.ofCollected(collections::get, () -> 96, 100, clock::nanoTime);
        assertThat(load.getAsDouble()).isEqualTo(0.96);
        clock.advance(MemoryLoad.BELIEVED);
        assertThat(load.getAsDouble()).isZero();
        collections.incrementAndGet();
        assertThat(load.getAsDouble()).isEqualTo(0.96);
        clock.advance(MemoryLoad.BELIEVED.minus(Duration.ofMillis(1)));
        assertThat(load.getAsDouble()).isEqualTo(0.96);
    }

    @Test
    void readsTheMemoryOfThisJvm() {
        assertThat(MemoryLoad.ofHeap(System::nanoTime).getAsDouble()).isBetween(0.0, 1.0);
        assertThat(MemoryLoad.ofBuffers().getAsDouble()).isBetween(0.0, 1.0);
    }

    @Test
    void knowsHowMuchThereIsOutsideTheHeap() {
        long heap = Runtime.getRuntime().maxMemory();
        assertThat(MemoryLoad.maxDirect(List.of("-Xmx1g"))).isEqualTo(heap);
        assertThat(MemoryLoad.maxDirect(List.of("-XX:MaxDirectMemorySize=0"))).isEqualTo(heap);
        assertThat(MemoryLoad.maxDirect(List.of("-XX:MaxDirectMemorySize=7", "-XX:MaxDirectMemorySize=64M")))
                .isEqualTo(64 << 20);
    }
}
