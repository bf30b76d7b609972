package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
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
        assertThat(latencies.within(share)).isBetween(exact, Math.addExact(exact, Math.min(exact >> 7, left(exact))));
        assertThat(latencies.most()).isEqualTo(Collections.max(nanos));
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
            assertThat(latencies.within((i + 1) / 256.0)).isEqualTo(i);
        }
    }

    @Test
    void takesAClockThatWentBackForNoTime() {
        Latencies latencies = new Latencies();
        latencies.add(-5);
        assertThat(latencies.within(1)).isZero();
    }

    @Test
    void tellsNothingOfNone() {
        assertThat(new Latencies().within(0.5)).isZero();
        assertThat(new Latencies().most()).isZero();
    }
}
