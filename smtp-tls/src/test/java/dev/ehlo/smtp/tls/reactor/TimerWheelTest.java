package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.TimerWheel.TICK_NANOS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class TimerWheelTest {
    private static final long LONGEST = Long.MAX_VALUE / 2;
    private static final int ALL = Integer.MAX_VALUE;

    /** The obvious measure: what is set, and until when. */
    private final Map<Node, Long> set = new HashMap<>();

    private final List<Node> told = new ArrayList<>();
    private TimerWheel wheel = new TimerWheel(0);
    private long now;

    private final class Node extends Timed {
        @Override
        void deadlineReached() {
            told.add(this);
        }
    }

    private void begin(long origin) {
        now = origin;
        wheel = new TimerWheel(origin);
    }

    private void set(Node node, long delay) {
        wheel.set(node, now + delay);
        set.put(node, now + delay);
    }

    private void clear(Node node) {
        wheel.clear(node);
        set.remove(node);
    }

    /** Tells what is due, and checks it: nothing early, nothing twice, nothing that was taken back, nothing forgotten. */
    private void advance(long step) {
        now += step;
        told.clear();
        wheel.advance(now, ALL, Timed::deadlineReached);
        for (Node node : told) {
            Long at = set.remove(node);
            assertThat(at).isNotNull();
            assertThat(now - at).isNotNegative();
        }
        for (long at : set.values()) {
            assertThat(at + TICK_NANOS - now).isPositive();
        }
        checkTheNext();
    }

    /** Nobody sleeps past a deadline, nor wakes for what is not there. */
    private void checkTheNext() {
        long next = wheel.nanosToNext(now);
        if (set.isEmpty()) {
            assertThat(next).isEqualTo(Long.MAX_VALUE);
        } else {
            assertThat(next).isPositive();
        }
        for (long at : set.values()) {
            assertThat(next).isLessThanOrEqualTo(at + TICK_NANOS - now);
        }
    }

    /** Of each order of magnitude alike. */
    private static long magnitude(Random random, int bits) {
        return random.nextLong() >>> 1 >>> (63 - random.nextInt(bits + 1));
    }

    @Property(tries = 500)
    void tellsEachWithinATickWhateverWasMovedOrTakenBack(@ForAll long seed, @ForAll long origin) {
        begin(origin);
        set.clear();
        Random random = new Random(seed);
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            nodes.add(new Node());
        }
        for (int i = 0; i < 400; i++) {
            Node node = nodes.get(random.nextInt(nodes.size()));
            switch (random.nextInt(4)) {
                case 0 -> clear(node);
                case 1 -> advance(magnitude(random, 52)); // 52 days at most, 57 years in all
                default -> set(node, magnitude(random, 61));
            }
        }
        while (!set.isEmpty()) {
            advance(wheel.nanosToNext(now));
        }
    }

    @Property(tries = 200)
    void wakesAFewTimesForOneDeadlineHoweverFar(@ForAll long seed, @ForAll long origin) {
        begin(origin);
        Random random = new Random(seed);
        advance(magnitude(random, 61));
        set(new Node(), Math.min(LONGEST, magnitude(random, 62)));
        int wakeUps = 0;
        while (!set.isEmpty()) {
            advance(wheel.nanosToNext(now));
            wakeUps++;
        }
        assertThat(wakeUps).isLessThanOrEqualTo(7);
    }

    @Test
    void leavesANodeWhereItIsWhenItIsMovedOn() {
        begin(0);
        Node node = new Node();
        set(node, TimeUnit.MINUTES.toNanos(5));
        int slot = node.slot;
        for (int i = 0; i < 1000; i++) {
            advance(TimeUnit.MILLISECONDS.toNanos(100));
            set(node, TimeUnit.MINUTES.toNanos(5));
        }
        assertThat(node.slot).isEqualTo(slot);
        assertThat(told).isEmpty();
        advance(TimeUnit.MINUTES.toNanos(5) - 1);
        assertThat(told).isEmpty();
        advance(TICK_NANOS);
        assertThat(told).containsExactly(node);
        assertThat(node.slot).isEqualTo(Timed.NOT_SET);
    }

    @Test
    void tellsSoManyAtOnceAndTheRestLater() {
        begin(7);
        for (int i = 0; i < 5_000; i++) {
            set(new Node(), TimeUnit.MINUTES.toNanos(5) + i % 100);
        }
        now += TimeUnit.MINUTES.toNanos(6);
        int calls = 0;
        while (wheel.nanosToNext(now) == 0) {
            int before = told.size();
            wheel.advance(now, 100, Timed::deadlineReached);
            assertThat(told.size() - before).isLessThanOrEqualTo(100);
            calls++;
        }
        assertThat(told).hasSize(5_000).doesNotHaveDuplicates();
        assertThat(calls).isLessThanOrEqualTo(500); // moved down through some levels, and told
    }

    @Test
    void tellsOneThatSetsItselfAnewAsDueAtOnceInALaterTick() {
        begin(0);
        Node other = new Node();
        Timed again = new Timed() {
            @Override
            void deadlineReached() {
                wheel.set(this, now);
            }
        };
        wheel.set(again, 0);
        set(other, 0);
        wheel.advance(TICK_NANOS, ALL, Timed::deadlineReached); // comes back, and has told the other
        assertThat(told).containsExactly(other);
        assertThat(again.slot).isNotEqualTo(Timed.NOT_SET);
    }

    @Test
    void letsAnotherBeTakenBackByTheOneThatIsTold() {
        begin(0);
        Node other = new Node();
        Timed first = new Timed() {
            @Override
            void deadlineReached() {
                clear(other);
            }
        };
        set(other, 1);
        wheel.set(first, 1);
        advance(TICK_NANOS);
        assertThat(told.size()).isLessThanOrEqualTo(1); // whichever came first
        assertThat(wheel.nanosToNext(now)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void isLateByTheJumpWhenTheClockJumpsBack() {
        begin(0);
        advance(TimeUnit.MINUTES.toNanos(10));
        now -= TimeUnit.MINUTES.toNanos(9);
        Node node = new Node();
        wheel.set(node, now + TimeUnit.MINUTES.toNanos(1));
        wheel.advance(now + TimeUnit.MINUTES.toNanos(1), ALL, Timed::deadlineReached);
        assertThat(told).isEmpty();
        now += TimeUnit.MINUTES.toNanos(9) + TICK_NANOS;
        wheel.advance(now, ALL, Timed::deadlineReached);
        assertThat(told).containsExactly(node);
    }
}
