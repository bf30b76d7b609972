package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
            @ForAll BareNewlines policy,
            @ForAll boolean direct) {
        ReferenceContent.Encoded expected = expectedOf(octets, policy);

        assertThat(ContentEvents.encode(List.of(octets), 4096, direct, policy)).isEqualTo(expected);
        assertThat(ContentEvents.encode(Wire.cut(octets, cuts), room, direct, policy))
                .isEqualTo(expected);
    }

    @Property(tries = 4000)
    void slicesAreWhatACopyIsHoweverTheOctetsComeAndGo(
            @ForAll("input") byte[] octets,
            @ForAll("cuts") List<Integer> cuts,
            @ForAll @IntRange(min = DataSlices.MIN_CAPACITY, max = 20) int capacity,
            @ForAll BareNewlines policy,
            @ForAll boolean direct) {
        ReferenceContent.Encoded expected = expectedOf(octets, policy);

        assertThat(ContentEvents.slice(List.of(octets), 4096, direct, policy)).isEqualTo(expected);
        assertThat(ContentEvents.slice(Wire.cut(octets, cuts), capacity, direct, policy))
                .isEqualTo(expected);
    }

    @Property(tries = 4000)
    void chunksAreAsTheReferenceHoweverTheOctetsCome(
            @ForAll("input") byte[] octets,
            @ForAll("cuts") List<Integer> chunks,
            @ForAll("cuts") List<Integer> cuts,
            @ForAll BareNewlines policy,
            @ForAll boolean direct) {
        List<Integer> sizes = sizes(octets, chunks);
        byte[] wire = Wire.octets(Wire.latin1(octets) + "\n.\r\nQUIT\r\n");
        ReferenceContent.Decoded expected = ReferenceContent.chunks(Wire.latin1(octets), "\n.\r\nQUIT\r\n", policy);

        assertThat(ContentEvents.chunks(List.of(wire), sizes, policy, direct)).isEqualTo(expected);
        assertThat(ContentEvents.chunks(Wire.cut(wire, cuts), sizes, policy, direct))
                .isEqualTo(expected);
    }

    @Property
    void decodesWhatIsEncodedBackToTheSameOctetsWhereTheyAreKept(
            @ForAll("input") byte[] octets, @ForAll("cuts") List<Integer> cuts) {
        String content = Wire.latin1(octets);
        String wire = ContentEvents.slice(Wire.cut(octets, cuts), 5, true, BareNewlines.KEEP)
                .wire();

        assertThat(ContentEvents.decode(Wire.cut(Wire.octets(wire), cuts), BareNewlines.KEEP, true))
                .isEqualTo(new ReferenceContent.Decoded(ReferenceContent.closed(content, "\r\n"), true, false, ""));
    }

    @Property
    void decodesWhatIsEncodedBackToTheSameTextUnderAnyPolicy(
            @ForAll("input") byte[] octets, @ForAll BareNewlines out, @ForAll BareNewlines in) {
        String content = Wire.latin1(octets).replaceAll("[\r\n\0]+", "\r\n");
        String wire = ContentEvents.encode(List.of(Wire.octets(content)), 64, false, out)
                .wire();

        assertThat(ContentEvents.decode(List.of(Wire.octets(wire)), in, false))
                .isEqualTo(new ReferenceContent.Decoded(ReferenceContent.closed(content, "\r\n"), true, false, ""));
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

    @Property(tries = 4000)
    void contentThatIsSaidToNeedNoStuffingGoesOutAsItIs(
            @ForAll("input") byte[] octets,
            @ForAll("cuts") List<Integer> cuts,
            @ForAll BareNewlines in,
            @ForAll BareNewlines out) {
        StringBuilder content = new StringBuilder();
        DataDecoder decoder = new DataDecoder(in);
        byte[] wire = Wire.octets(Wire.latin1(octets) + "x\r\n.\r\n");
        boolean ended = false;
        for (byte[] part : Wire.cut(wire, cuts)) {
            ended = ended || decoder.decode(ByteBuffer.wrap(part), slice -> content.append(text(slice)));
        }

        assertThat(ended).isTrue();
        if (decoder.needsNoStuffing()) {
            assertThat(ContentEvents.encode(List.of(Wire.octets(content.toString())), 4096, false, out))
                    .isEqualTo(new ReferenceContent.Encoded(content + ".\r\n", false));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "text~more~.~, true",
        "~~text~~.~, true",
        ".~, true",
        "a.~ .b~c.d~.~, true",
        "text~..dot~.~, false",
        "..dot~.~, false",
        "a~b~.c~d~.~, false",
        "\u0000.dot~.~, false",
        "text~\u0000\u0000.dot~.~, false"
    })
    void tellsWhetherContentNeedsStuffing(String wire, boolean plain) {
        byte[] octets = Wire.octets(wire.replace("~", "\r\n"));
        for (int cut = 0; cut < octets.length; cut++) {
            DataDecoder decoder = new DataDecoder(BareNewlines.REFUSE);
            decoder.decode(ByteBuffer.wrap(octets, 0, cut), slice -> {});
            assertThat(decoder.decode(ByteBuffer.wrap(octets, cut, octets.length - cut), slice -> {}))
                    .isTrue();
            assertThat(decoder.needsNoStuffing()).isEqualTo(plain);
            decoder.reset();
            assertThat(decoder.needsNoStuffing()).isTrue();
        }
    }

    private static String text(ByteBuffer slice) {
        byte[] octets = new byte[slice.remaining()];
        slice.get(octets);
        return Wire.latin1(octets);
    }

    /** Refused content gets no end of data, so that its wire form is nobody's business. */
    private static ReferenceContent.Encoded expectedOf(byte[] octets, BareNewlines policy) {
        ReferenceContent.Encoded expected = ReferenceContent.encode(Wire.latin1(octets), policy);
        return expected.refused() ? new ReferenceContent.Encoded("", true) : expected;
    }

    /** Chunks cut at these places; where two places are the same, one of no octets. */
    private static List<Integer> sizes(byte[] octets, List<Integer> places) {
        List<Integer> sizes = new ArrayList<>();
        int from = 0;
        for (int to : places.stream().sorted().toList()) {
            if (to <= octets.length) {
                sizes.add(to - from);
                from = to;
            }
        }
        sizes.add(octets.length - from);
        return sizes;
    }
}
