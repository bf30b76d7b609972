package dev.ehlo.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    @Property
    void tellsWhatSortingTellsOrATrifleMore(
            @ForAll @NotEmpty List<@LongRange(min = 0, max = Long.MAX_VALUE) Long> nanos,
            @ForAll @DoubleRange(min = 0, max = 1) double share) {
        Latencies latencies = new Latencies();
        nanos.forEach(latencies::add);
        List<Long> sorted = nanos.stream().sorted().toList();
        long exact = sorted.get((int) Math.max(1, Math.ceil(share * sorted.size())) - 1);
        assertThat(latencies.snapshot().within(share))
                .isBetween(exact, Math.addExact(exact, Math.min(exact >> 7, left(exact))));
        assertThat(latencies.snapshot().most()).isEqualTo(Collections.max(nanos));
    }

    private static long left(long value) {
        return Long.MAX_VALUE - value;
    }

    @Test
    void tellsSmallOnesExactly() {
        Latencies latencies = new Latencies();
        for (int i = 0; i < 256; i++) {
            latencies.add(i);
        }
        for (int i = 0; i < 256; i++) {
            assertThat(latencies.snapshot().within((i + 1) / 256.0)).isEqualTo(i);
        }
    }

    @Test
    void takesAClockThatWentBackForNoTime() {
        Latencies latencies = new Latencies();
        latencies.add(-5);
        assertThat(latencies.snapshot().within(1)).isZero();
    }

    @Test
    void tellsNothingOfNone() {
        assertThat(new Latencies().snapshot().within(0.5)).isZero();
        assertThat(new Latencies().snapshot().most()).isZero();
    }

    @Test
    void countsUpToABoundThatIsOneOfABucket() {
        Latencies latencies = new Latencies();
        for (long nanos : new long[] {0, 255, 256, 1_000_000, Long.MAX_VALUE}) {
            latencies.add(nanos);
        }
        Latencies.Snapshot snapshot = latencies.snapshot();
        assertThat(snapshot.upTo(0)).isOne();
        assertThat(snapshot.upTo(255)).isEqualTo(2);
        assertThat(snapshot.upTo(257)).isEqualTo(3);
        assertThat(snapshot.upTo(1_010_000)).isEqualTo(4);
        assertThat(snapshot.upTo(Long.MAX_VALUE)).isEqualTo(5);
        assertThat(snapshot.count()).isEqualTo(5);
    }

    @Test
    void losesNothingThatSeveralThreadsCount() {
        Latencies latencies = new Latencies();
        IntStream.range(0, 40_000).parallel().forEach(latencies::add);
        Latencies.Snapshot snapshot = latencies.snapshot();
        assertThat(snapshot.count()).isEqualTo(40_000);
        assertThat(snapshot.total()).isEqualTo(40_000L * 39_999 / 2);
        assertThat(snapshot.most()).isEqualTo(39_999);
    }
}
