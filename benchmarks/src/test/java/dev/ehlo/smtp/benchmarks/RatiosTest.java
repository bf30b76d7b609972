package dev.ehlo.smtp.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import org.junit.jupiter.api.Test;

class RatiosTest {
    private static final Ratios COMMITTED = Ratios.parse(
            List.of("benchmark,parameters,ratio,octets", "A.parse,buffer=HEAP,4.00,0", "A.make,,1.00,800"));

    @Test
    void dividesByTheFastestFloorOfTheSameClassAndParameters() {
        Ratios ratios = Ratios.of(List.of(
                new Ratios.Measured("A", "parse", "buffer=HEAP", 40, 0),
                new Ratios.Measured("A", "floorScan", "buffer=HEAP", 10, 0),
                new Ratios.Measured("A", "floorCopy", "buffer=HEAP", 20, 0),
                new Ratios.Measured("A", "parse", "buffer=DIRECT", 60, 24),
                new Ratios.Measured("A", "floorScan", "buffer=DIRECT", 20, 0),
                new Ratios.Measured("B", "floorScan", "buffer=HEAP", 1, 0)));

        assertThat(ratios.toLines())
                .containsExactly(
                        "benchmark,parameters,ratio,octets",
                        "A.parse,buffer=DIRECT,3.00,24",
                        "A.parse,buffer=HEAP,4.00,0");
        assertThat(Ratios.parse(ratios.toLines())).isEqualTo(ratios);
    }

    @Test
    void refusesABenchmarkWithoutAFloorAndALineOfAnotherForm() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ratios.of(List.of(
                        new Ratios.Measured("A", "parse", "buffer=HEAP", 40, 0),
                        new Ratios.Measured("A", "floorScan", "buffer=DIRECT", 10, 0))))
                .withMessageContaining("A.parse,buffer=HEAP");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ratios.parse(List.of("A.parse,4")))
                .withMessageContaining("A.parse,4");
    }

    @Test
    void saysNothingOfWhatIsWithinTheTolerance() {
        assertThat(COMMITTED.moved(now("A.parse,buffer=HEAP,7.90,0.4", "A.make,,0.60,1590")))
                .isEmpty();
        assertThat(COMMITTED.improved(now("A.parse,buffer=HEAP,2.80,0", "A.make,,1,800")))
                .isEmpty();
    }

    @Test
    void saysWhichBenchmarkMovedAndByHowMuch() {
        assertThat(COMMITTED.moved(now("A.parse,buffer=HEAP,8.12,0", "A.make,,1.00,800")))
                .containsExactly(entry("A.parse,buffer=HEAP", "takes 8.12 times its floor, and did 4.00: +103 %"));
        assertThat(COMMITTED.improved(now("A.parse,buffer=HEAP,1.90,0", "A.make,,1.00,800")))
                .containsExactly(entry("A.parse,buffer=HEAP", "takes 1.90 times its floor, and did 4.00"));
    }

    @Test
    void saysWhatAllocates() {
        assertThat(COMMITTED.moved(now("A.parse,buffer=HEAP,1.00,1.3", "A.make,,1.00,1700")))
                .containsExactly(
                        entry("A.make,", "allocates 1700.0 octets per operation, and did 800.0"),
                        entry("A.parse,buffer=HEAP", "allocates 1.3 octets per operation, and did 0.0"));
    }

    @Test
    void saysWhatOnlyOneSideKnows() {
        assertThat(COMMITTED.moved(now("A.parse,buffer=HEAP,4.00,0", "A.other,,1.00,0")))
                .containsOnlyKeys("A.make,", "A.other,");
    }

    @Test
    void anotherAttemptCountsWhereItIsBetter() {
        Ratios best = now("A.parse,buffer=HEAP,9.00,0", "A.make,,1.00,900").best(now("A.parse,buffer=HEAP,5.00,3"));

        assertThat(best).isEqualTo(now("A.parse,buffer=HEAP,5.00,0", "A.make,,1.00,900"));
    }

    @Test
    void theMiddleOfSomeRunsIsWhatIsCommitted() {
        assertThat(Ratios.median(List.of(now("A.make,,9.00,1"), now("A.make,,1.00,0"), now("A.make,,2.00,8"))))
                .isEqualTo(now("A.make,,2.00,0"));
    }

    private static Ratios now(String... lines) {
        return Ratios.parse(List.of(lines));
    }
}
