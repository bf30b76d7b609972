package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class ContentProperties {
    private static final String[] FRAGMENTS = {
        "\r\n",
        "\r\n.\r\n",
        "\r\n.",
        "\r",
        "\n",
        ".",
        "..",
        "\0",
        ".\r",
        "\r\r\n",
        "text",
        " ",
        "\t",
        "\u00e9",
        "a line that is longer than a word",
        "MAIL FROM:<a@b>\r\n"
    };

    @Provide
    Arbitrary<byte[]> input() {
        return Wire.soup(FRAGMENTS);
    }

    @Provide
    Arbitrary<List<Integer>> cuts() {
        return Wire.cuts();
    }

    @Property(tries = 4000)
    void decodesAsTheReferenceHoweverTheOctetsCome(
            @ForAll("input") byte[] octets,
            @ForAll("cuts") List<Integer> cuts,
            @ForAll BareNewlines policy,
            @ForAll boolean direct) {
        String wire = Wire.latin1(octets);
        ReferenceContent.Decoded expected = ReferenceContent.decode(wire, policy);
        if (!expected.ended()) {
            // What an open line ends with is known only when more comes.
            wire += "x\r\n.\r\nQUIT\r\n";
            expected = ReferenceContent.decode(wire, policy);
        }

        assertThat(ContentEvents.decode(List.of(Wire.octets(wire)), policy, direct))
                .isEqualTo(expected);
        assertThat(ContentEvents.decode(Wire.cut(Wire.octets(wire), cuts), policy, direct))
                .isEqualTo(expected);
    }

    @Property(tries = 4000)
    void encodesAsTheReferenceHoweverTheOctetsCome(
            @ForAll("input") byte[] octets,
            @ForAll("cuts") List<Integer> cuts,
            @ForAll @IntRange(min = DataEncoder.FINISH_ROOM, max = 40) int room,
            @ForAll boolean direct) {
        String expected = ReferenceContent.encode(Wire.latin1(octets));

        assertThat(ContentEvents.encode(List.of(octets), 4096, direct)).isEqualTo(expected);
        assertThat(ContentEvents.encode(Wire.cut(octets, cuts), room, direct)).isEqualTo(expected);
    }

    @Property
    void decodesWhatIsEncodedBackToTheSameContent(@ForAll("input") byte[] octets) {
        String content = (Wire.latin1(octets) + "\r\n").replaceAll("\r(?!\n)|(?<!\r)\n|\0", "") + "\r\n";
        content = content.replaceAll("\r(?!\n)|(?<!\r)\n", "");
        String wire = ContentEvents.encode(List.of(Wire.octets(content)), 64, false);

        assertThat(ContentEvents.decode(List.of(Wire.octets(wire)), BareNewlines.REFUSE, false))
                .isEqualTo(new ReferenceContent.Decoded(content, true, false, ""));
    }

    @Property
    void normalisesContentThatHasOtherNewlines(@ForAll("input") byte[] octets) {
        String content = Wire.latin1(octets).replace("\0", "");
        String wire = ContentEvents.encode(List.of(Wire.octets(content)), 64, false);
        ReferenceContent.Decoded decoded = ContentEvents.decode(List.of(Wire.octets(wire)), BareNewlines.REFUSE, false);

        assertThat(decoded.ended()).isTrue();
        assertThat(decoded.refused()).isFalse();
        assertThat(decoded.rest()).isEmpty();
        assertThat(decoded.content().replace("\r\n", "\n"))
                .isEqualTo((content + (content.matches("(?s)(.*[\r\n])?") ? "" : "\n")).replaceAll("\r\n?", "\n"));
    }
}
