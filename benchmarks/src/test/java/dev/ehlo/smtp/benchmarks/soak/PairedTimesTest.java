package dev.ehlo.smtp.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PairedTimesTest {
    /** @param shift of the first, in standard deviations of the noise of each */
    private static PairedTimes pairs(int count, double shift, long seed) {
        Random random = new Random(seed);
        PairedTimes times = new PairedTimes();
        for (int i = 0; i < count; i++) {
            times.add(time(random, shift), time(random, 0));
        }
        return times;
    }

    private static long time(Random random, double shift) {
        return (long) (1e9 + 1e6 * (random.nextGaussian() + shift));
    }

    @Test
    void addsUpTheTailOfTheBinomialDistribution() {
        assertThat(PairedTimes.tail(10, 0, 0.6)).isCloseTo(1, within(1e-9));
        assertThat(PairedTimes.tail(3, 2, 0.5)).isCloseTo(0.5, within(1e-9));
        assertThat(PairedTimes.tail(20, 20, 0.6)).isCloseTo(Math.pow(0.6, 20), within(1e-12));
        assertThat(PairedTimes.tail(1000, 600, 0.6)).isBetween(0.5, 0.52);
    }

    @Test
    void takesNoiseForNoDifference() {
        for (int seed = 0; seed < 200; seed++) {
            assertThat(pairs(400, 0, seed).differ()).as("seed %d", seed).isFalse();
        }
    }

    @Test
    void takesADifferenceThatNobodyCanUseForNone() {
        for (int seed = 0; seed < 200; seed++) {
            assertThat(pairs(400, 0.2, seed).differ()).as("seed %d", seed).isFalse();
        }
    }

    @Test
    void findsADifferenceOfTheSizeOfTheNoiseEitherWay() {
        for (int seed = 0; seed < 50; seed++) {
            assertThat(pairs(400, 1.2, seed).differ()).as("seed %d", seed).isTrue();
            assertThat(pairs(400, -1.2, seed).differ()).as("seed %d", seed).isTrue();
        }
    }

    @Test
    void judgesNothingByFewPairs() {
        assertThat(new PairedTimes().differ()).isFalse();
        assertThat(pairs(10, 100, 1).differ()).isFalse();
        assertThat(pairs(40, 100, 1).differ()).isTrue();
    }

    @Test
    void takesEqualTimesForNoDifference() {
        PairedTimes times = new PairedTimes();
        for (int i = 0; i < 100; i++) {
            times.add(5, 5);
        }
        assertThat(times.differ()).isFalse();
    }
}
