package dev.ehlo.smtp.mta.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.client.TlsaAnswer;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlaceTest {
    private static List<InetAddress> addresses(int fours, int sixes) {
        return Stream.concat(
                        Stream.iterate(1, i -> i + 1).limit(fours).map(i -> "192.0.2." + i),
                        Stream.iterate(1, i -> i + 1).limit(sixes).map(i -> "2001:db8::" + i))
                .map(SomeFacts::address)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"0,0,0,0", "1,1,1,1", "4,0,4,0", "9,0,4,0", "0,9,0,4", "9,9,2,2", "1,9,1,3", "9,1,3,1", "3,2,2,2"})
    void takesSomeOfBothKinds(int fours, int sixes, int takenFours, int takenSixes) {
        Place place = Place.of(addresses(fours, sixes), true, new TlsaAnswer.None());
        assertThat(place.addresses()).containsExactlyElementsOf(addresses(takenFours, takenSixes));
        assertThat(place.more()).isEqualTo(fours + sixes - takenFours - takenSixes);
    }

    @Property
    void takesTheSameWhateverTheirOrder(
            @ForAll @IntRange(max = 9) int fours, @ForAll @IntRange(max = 9) int sixes, @ForAll long seed) {
        List<InetAddress> shuffled = new ArrayList<>(addresses(fours, sixes));
        Collections.shuffle(shuffled, new Random(seed));
        assertThat(Place.unproven(shuffled)).isEqualTo(Place.unproven(addresses(fours, sixes)));
    }

    @Test
    void countsAnAddressOnce() {
        List<InetAddress> twice = List.of(SomeFacts.ADDRESS, SomeFacts.ADDRESS);
        assertThat(Place.unproven(twice)).isEqualTo(Place.unproven(List.of(SomeFacts.ADDRESS)));
    }
}
