package dev.ehlo.smtp.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class CutterTest {
    private static byte[] join(List<byte[]> parts) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        parts.forEach(whole::writeBytes);
        return whole.toByteArray();
    }

    @Property
    void partsJoinedAreTheWholeAgainAndNoneIsEmpty(@ForAll byte[] octets, @ForAll long seed) {
        List<byte[]> parts = Cutter.random(octets, seed);
        assertThat(join(parts)).isEqualTo(octets);
        assertThat(parts).noneMatch(part -> part.length == 0);
        assertThat(Cutter.random(octets, seed)).usingRecursiveComparison().isEqualTo(parts);
    }

    @Test
    void seedsDifferInTheirPartitions() {
        Set<Integer> counts = new HashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            counts.add(Cutter.random(new byte[64], seed).size());
        }
        assertThat(counts).hasSizeGreaterThan(10);
    }

    @Test
    void everySplitIsTriedOnce() {
        byte[] octets = {1, 2, 3, 4, 5};
        AtomicInteger calls = new AtomicInteger();
        Set<Integer> firstOfTwo = new HashSet<>();
        Cutter.everySplit(octets, parts -> {
            calls.incrementAndGet();
            assertThat(join(parts)).isEqualTo(octets);
            if (parts.size() == 2) {
                firstOfTwo.add(parts.get(0).length);
            }
        });
        assertThat(calls).hasValue(6);
        assertThat(firstOfTwo).containsExactlyInAnyOrder(1, 2, 3, 4);
    }

    @Test
    void namesTheCutThatFails() {
        assertThatThrownBy(() -> Cutter.everySplit(new byte[] {1, 2, 3}, parts -> {
                    if (parts.size() == 2 && parts.get(0).length == 2) {
                        throw new IllegalStateException("lost");
                    }
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessage("cut after octet 2 of 3: lost");
    }

    @Test
    void refusesACutOutside() {
        assertThatThrownBy(() -> Cutter.at(new byte[3], 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Cutter.at(new byte[3], 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
