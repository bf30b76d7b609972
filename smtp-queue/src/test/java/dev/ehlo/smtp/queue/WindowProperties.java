package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Rate;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** How many attempts a destination gets, and how often. */
class WindowProperties {
    private static final LanePolicy POLICY = LanePolicy.STANDARD.window(5, 1, 100);

    /** Mail without end to a destination that takes so many at a time; what of the attempts came in steady state. */
    private record Settled(double used, double refused) {}

    private static Settled settle(LanePolicy policy, int allowed, long seed) {
        Random random = new Random(seed);
        Window window = new Window(policy);
        // Attempts in flight, by the epoch in which they began.
        List<Integer> standing = new ArrayList<>();
        Queue<Integer> turnedAway = new ArrayDeque<>();
        long served = 0;
        long refused = 0;
        long rounds = 0;
        for (int i = 0; i < 60_000; i++) {
            while (standing.size() + turnedAway.size() < window.size()) {
                (standing.size() < allowed ? standing : turnedAway).add(window.epoch());
            }
            boolean steady = i > 20_000;
            if (steady) {
                rounds++;
                served += standing.size();
            }
            // Who is refused knows it at once.
            Integer began = turnedAway.poll();
            if (began != null) {
                refused += steady ? 1 : 0;
                window.shrink(began);
            } else {
                began = standing.remove(/* index */ random.nextInt(standing.size()));
                window.grow(began);
            }
        }
        return new Settled((double) served / rounds / allowed, (double) refused / rounds);
    }

    @Property(tries = 3)
    void settlesAtWhatTheDestinationTakes(@ForAll @IntRange(min = 1, max = 40) int allowed, @ForAll long seed) {
        Settled settled = settle(POLICY, allowed, seed);
        assertThat(settled.used).isBetween(0.9, 1.0);
        assertThat(settled.refused).as("of attempts").isLessThan(0.1);
    }

    @Example
    void growsToItsMostWhereNothingIsRefused() {
        Window window = new Window(POLICY);
        for (int i = 0; i < 5000; i++) {
            window.grow(window.epoch());
        }
        assertThat(window.size()).isEqualTo(100);
    }

    @Property(tries = 200)
    void whatWasInFlightShrinksItOnce(
            @ForAll @IntRange(min = 1, max = 100) int first, @ForAll @IntRange(min = 1, max = 200) int failing) {
        Window window = new Window(POLICY.window(first, 1, 100));
        int began = window.epoch();
        assertThat(window.shrink(began)).isTrue();
        for (int i = 0; i < failing; i++) {
            assertThat(window.shrink(began)).isFalse();
            window.grow(began);
        }
        assertThat(window.size()).isEqualTo(Math.max(1, first / 2));
    }

    @Property(tries = 200)
    void staysBetweenItsLeastAndItsMost(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 5) int least,
            @ForAll @IntRange(min = 5, max = 9) int most) {
        Random random = new Random(seed);
        Window window = new Window(POLICY.window(5, least, most));
        for (int i = 0; i < 500; i++) {
            int epoch = window.epoch() - random.nextInt(2);
            int before = window.size();
            if (random.nextInt(8) == 0) {
                window.shrink(epoch);
                assertThat(window.size()).isLessThanOrEqualTo(before);
            } else {
                window.grow(epoch);
                assertThat(window.size()).isBetween(before, before + 1);
            }
            assertThat(window.size()).isBetween(least, most);
        }
    }

    @Property(tries = 200)
    void aRateIsNeverPassedAndHardlyMissed(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 500) int most,
            @ForAll @IntRange(min = 1, max = 3600) int seconds) {
        Random random = new Random(seed);
        Rate rate = new Rate(most, Duration.ofSeconds(seconds));
        long within = rate.within().toNanos();
        long now = random.nextLong() / 4;
        long start = now;
        Pace pace = new Pace(rate, now);
        Queue<long[]> lately = new ArrayDeque<>();
        long inTime = 0;
        long all = 0;
        for (int i = 0; i < 2000; i++) {
            long delay = pace.delay(now);
            assertThat(delay).isBetween(0L, within);
            now += delay;
            int count = 1 + random.nextInt(Pace.burst(rate));
            pace.take(count, now);
            lately.add(new long[] {now, count});
            inTime += count;
            all += count;
            while (lately.element()[0] <= now - within) {
                inTime -= lately.remove()[1];
            }
            assertThat(inTime).isLessThanOrEqualTo(most);
        }
        assertThat((double) all * within / Math.max(within, now - start)).isGreaterThan(0.85 * Math.min(most, all));
    }

    @Property(tries = 200)
    void aRampDoublesAndIsOver(@ForAll long seed, @ForAll @IntRange(min = 1, max = 3_600_000) int doublingMillis) {
        Random random = new Random(seed);
        long second = 1_000_000_000;
        long doubling = doublingMillis * 1_000_000L;
        long start = random.nextLong() / 4;
        long now = start;
        Ramp ramp = new Ramp(Duration.ofNanos(doubling), now);
        assertThat(ramp.delay(now)).as("the first").isZero();
        while (!ramp.isOver(now)) {
            ramp.take(now);
            long before = (now - start) / doubling;
            long delay = ramp.delay(now);
            long interval = second >> before;
            assertThat(delay).isBetween(interval - Math.min(interval, second / 20), interval);
            now += delay;
            assertThat(ramp.delay(now)).as("nobody waits for longer").isZero();
            // As long as nothing comes, or much further on, as it would take for ever else.
            now += random.nextInt(4) == 0 ? random.nextLong(doubling / 2 + second) : 0;
        }
        assertThat(now - start).isGreaterThanOrEqualTo(Ramp.DOUBLINGS * doubling);
    }

    @Property(tries = 200)
    void aRampHoldsNobodyForLongerThanASecondWhateverTheClockDoes(@ForAll long seed) {
        Random random = new Random(seed);
        long now = random.nextLong() / 4;
        Ramp ramp = new Ramp(Duration.ofSeconds(30), now);
        for (int i = 0; i < 100; i++) {
            now += random.nextLong(-1_000_000_000_000L, 100_000_000_000L);
            assertThat(ramp.delay(now)).isBetween(0L, 1_000_000_000L);
            if (!ramp.isOver(now)) {
                ramp.take(now);
                assertThat(ramp.delay(now)).isBetween(0L, 1_000_000_000L);
            }
        }
        assertThat(ramp.isOver(now + Duration.ofMinutes(5).toNanos())).isTrue();
    }

    @Test
    void aClockThatWasAheadHoldsNobodyForLongerThanTheRate() {
        Rate rate = Rate.parse("60/h");
        Pace pace = new Pace(rate, Duration.ofDays(365).toNanos());
        assertThat(pace.delay(0)).isBetween(0L, Duration.ofMinutes(5).toNanos());
    }
}
