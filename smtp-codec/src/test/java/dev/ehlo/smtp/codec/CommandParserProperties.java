package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class CommandParserProperties {
    @Provide
    Arbitrary<byte[]> input() {
        return CommandLines.streams();
    }

    @Provide
    Arbitrary<List<Integer>> cuts() {
        return Wire.cuts();
    }

    @Property(tries = 4000, edgeCases = EdgeCasesMode.NONE)
    void sameEventsAsTheReferenceHoweverTheOctetsCome(
            @ForAll("input") byte[] octets, @ForAll("cuts") List<Integer> cuts, @ForAll boolean direct) {
        List<CommandEvents.Event> expected = ReferenceCommandParser.events(octets);

        assertThat(CommandEvents.of(List.of(octets), direct)).isEqualTo(expected);
        assertThat(CommandEvents.of(Wire.cut(octets, cuts), direct)).isEqualTo(expected);
    }
}
