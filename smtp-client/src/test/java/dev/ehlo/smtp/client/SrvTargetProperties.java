package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class SrvTargetProperties {
    private static final int DRAWS = 20_000;

    @Property(tries = 200)
    void keepsEachTargetAndItsPriority(@ForAll("targets") List<SrvTarget> targets, @ForAll long seed) {
        List<SrvTarget> ordered = SrvTarget.inOrder(targets, new Random(seed));
        assertThat(ordered).containsExactlyInAnyOrderElementsOf(targets);
        assertThat(ordered).isSortedAccordingTo(Comparator.comparingInt(SrvTarget::priority));
    }

    @Provide
    Arbitrary<List<SrvTarget>> targets() {
        Arbitrary<Integer> weight = Arbitraries.oneOf(
                Arbitraries.of(0, 65_535), Arbitraries.integers().between(0, 9));
        return Combinators.combine(
                        Arbitraries.of("a", "b", "c"), Arbitraries.integers().between(0, 3), weight)
                .as((host, priority, w) -> new SrvTarget(host, 587, priority, w))
                .list()
                .ofMaxSize(12);
    }

    /** With a sum of 60 of which 61 numbers are drawn: 11, 20 and 30 lead to each of them. */
    @Example
    void theFirstIsDrawnByWeight() {
        Map<String, Double> first = shares(List.of(target("a", 10), target("b", 20), target("c", 30)));
        assertThat(first.get("a")).isCloseTo(11 / 61.0, within(0.02));
        assertThat(first.get("b")).isCloseTo(20 / 61.0, within(0.02));
        assertThat(first.get("c")).isCloseTo(30 / 61.0, within(0.02));
    }

    @Example
    void aWeightOfZeroHasASmallChanceWhereverItStood() {
        Map<String, Double> first = shares(List.of(target("a", 99), target("zero", 0)));
        assertThat(first.get("zero")).isCloseTo(0.01, within(0.005));
        assertThat(first.get("a")).isCloseTo(0.99, within(0.005));
    }

    /** What is left after the first is drawn by the weights that are left. */
    @Example
    void theSecondIsDrawnByWhatIsLeft() {
        Random random = new Random(3);
        List<SrvTarget> all = List.of(target("a", 1000), target("b", 10), target("c", 30));
        int drawn = 0;
        int bSecond = 0;
        for (int i = 0; i < DRAWS; i++) {
            List<SrvTarget> ordered = SrvTarget.inOrder(all, random);
            if (ordered.get(0).host().equals("a")) {
                drawn++;
                bSecond += ordered.get(1).host().equals("b") ? 1 : 0;
            }
        }
        assertThat(bSecond / (double) drawn).isCloseTo(11 / 41.0, within(0.02));
    }

    @Example
    void refusesNumbersThatNoRecordHolds() {
        assertThatIllegalArgumentException().isThrownBy(() -> new SrvTarget("a", 65_536, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new SrvTarget("a", 1, -1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new SrvTarget("a", 1, 0, 65_536));
    }

    private static Map<String, Double> shares(List<SrvTarget> targets) {
        Random random = new Random(7);
        Map<String, Double> shares = new HashMap<>();
        for (int i = 0; i < DRAWS; i++) {
            shares.merge(SrvTarget.inOrder(targets, random).get(0).host(), 1.0 / DRAWS, Double::sum);
        }
        return shares;
    }

    private static SrvTarget target(String host, int weight) {
        return new SrvTarget(host, 587, 10, weight);
    }
}
