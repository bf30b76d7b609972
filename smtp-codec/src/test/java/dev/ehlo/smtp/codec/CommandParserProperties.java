package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
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

    @Property(tries = 6000, edgeCases = EdgeCasesMode.NONE)
    void sameEventsAsTheReferenceHoweverTheOctetsCome(
            @ForAll("input") byte[] octets,
            @ForAll("cuts") List<Integer> cuts,
            @ForAll boolean direct,
            @ForAll Set<Leniency> leniencies) {
        List<CommandEvents.Event> expected = ReferenceCommandParser.events(octets, leniencies);

        assertThat(CommandEvents.of(List.of(octets), direct, leniencies)).isEqualTo(expected);
        assertThat(CommandEvents.of(Wire.cut(octets, cuts), direct, leniencies)).isEqualTo(expected);
    }
}
