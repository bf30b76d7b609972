package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** CVE-2023-51764, -51765, -51766, -51747, CVE-2023-52354, CVE-2024-27305, VU#302671. */
class SmugglingTest {
    private static final String SMUGGLED =
            "MAIL FROM:<admin@victim.example>\r\nRCPT TO:<x@y.example>\r\nDATA\r\nSubject: evil\r\n\r\nevil";

    static Stream<String> sequences() {
        return Stream.of(
                "\n.\n",
                "\n.\r\n",
                "\r\n.\n",
                "\r.\r",
                "\r.\n",
                "\n.\r",
                "\r.\r\n",
                "\r\n.\r",
                "\r\n.\r\r\n",
                "\r\r\n.\r\r\n",
                "\r\n\0.\r\n",
                "\r\n.\0\r\n");
    }

    @ParameterizedTest
    @MethodSource("sequences")
    void noSequenceEndsDataAtAnyCutUnderAnyPolicy(String sequence) {
        byte[] wire = Wire.octets("Subject: a\r\n\r\na" + sequence + SMUGGLED + "\r\n.\r\nQUIT\r\n");
        for (BareNewlines policy : BareNewlines.values()) {
            Wire.everyCut(wire, pieces -> {
                ReferenceContent.Decoded decoded = ContentEvents.decode(pieces, policy, false);
                assertThat(ContentEvents.decode(pieces, policy, true)).isEqualTo(decoded);
                assertThat(decoded.rest()).isEqualTo("QUIT\r\n");
                assertThat(decoded.content()).endsWith(SMUGGLED + "\r\n");
                if (policy == BareNewlines.REFUSE) {
                    assertThat(decoded.refused()).isEqualTo(!sequence.contains("\0"));
                }
            });
        }
    }

    @ParameterizedTest
    @MethodSource("sequences")
    void noSequenceLeavesTheEncoderAtAnyCut(String sequence) {
        byte[] content = Wire.octets("Subject: a\r\n\r\na" + sequence + SMUGGLED);
        Wire.everyCut(content, pieces -> {
            String wire = ContentEvents.encode(pieces, 32, false);
            assertThat(wire).endsWith("evil\r\n.\r\n");
            String message = wire.substring(0, wire.length() - 5);
            sequences().forEach(s -> assertThat(message).doesNotContain(s));
            // Nor does anything that a server sees which drops NUL.
            assertThat(message.replace("\0", "")).doesNotContain("\n.\r", "\n.\n");
            assertThat(ContentEvents.slice(pieces, 5, true, BareNewlines.REPAIR).wire())
                    .isEqualTo(wire);
        });
    }

    @ParameterizedTest
    @MethodSource("sequences")
    void contentThatMustNotBeRepairedGetsNoEndOfData(String sequence) {
        byte[] content = Wire.octets("a" + sequence + "b\r\n");
        DataEncoder encoder = new DataEncoder(BareNewlines.REFUSE);
        DataSlices slices = new DataSlices(64, BareNewlines.REFUSE);
        ByteBuffer out = ByteBuffer.allocate(64);
        encoder.encode(ByteBuffer.wrap(content), out);
        slices.encode(ByteBuffer.wrap(content));

        assertThat(encoder.isRefused()).isEqualTo(!sequence.contains("\0"));
        assertThat(slices.isRefused()).isEqualTo(encoder.isRefused());
        if (encoder.isRefused()) {
            assertThatThrownBy(() -> encoder.finish(out)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(slices::finish).isInstanceOf(IllegalStateException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("sequences")
    void everySequenceIsContentInAChunkAtAnyCutUnderAnyPolicy(String sequence) {
        String content = "Subject: a\r\n\r\na" + sequence + SMUGGLED + "\r\n.\r\n";
        byte[] wire = Wire.octets(content + "QUIT\r\n");
        for (BareNewlines policy : BareNewlines.values()) {
            for (boolean direct : new boolean[] {false, true}) {
                ReferenceContent.Decoded expected = ReferenceContent.chunks(content, "QUIT\r\n", policy);
                Wire.everyCut(
                        wire,
                        pieces -> assertThat(ContentEvents.chunks(pieces, List.of(content.length()), policy, direct))
                                .isEqualTo(expected));
                for (int cut = 0; cut <= content.length(); cut++) {
                    List<Integer> sizes = List.of(cut, 0, content.length() - cut);
                    assertThat(ContentEvents.chunks(List.of(wire), sizes, policy, direct))
                            .isEqualTo(expected);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sequences")
    void whatCameInAChunkLeavesByDataFramedAnew(String sequence) {
        String content = "a" + sequence + SMUGGLED + "\r\n.\r\n.";
        byte[] octets = Wire.octets(content);
        for (BareNewlines policy : BareNewlines.values()) {
            Wire.everyCut(octets, pieces -> {
                String kept = ContentEvents.chunks(pieces, List.of(octets.length), policy, true)
                        .content();
                String wire = ContentEvents.slice(
                                Wire.cut(Wire.octets(kept), List.of(kept.length() / 2)), 4, true, BareNewlines.REPAIR)
                        .wire();
                sequences()
                        .forEach(s ->
                                assertThat(wire.substring(0, wire.length() - 5)).doesNotContain(s));
                ReferenceContent.Decoded received =
                        ContentEvents.decode(List.of(Wire.octets(wire)), BareNewlines.REFUSE, false);
                assertThat(received.ended()).isTrue();
                assertThat(received.refused()).isFalse();
                assertThat(received.rest()).isEmpty();
                assertThat(received.content()).endsWith(SMUGGLED + "\r\n.\r\n.\r\n");
            });
        }
    }

    @ParameterizedTest
    @MethodSource("sequences")
    void noSequenceSurvivesRepairAsTheEndForAServerOfOtherHabits(String sequence) {
        byte[] wire = Wire.octets("a" + sequence + "b\r\n.\r\n");
        String repaired =
                ContentEvents.decode(List.of(wire), BareNewlines.REPAIR, false).content();
        String relayed = ContentEvents.encode(List.of(Wire.octets(repaired)), 64, false);

        assertThat(relayed.indexOf("\r\n.\r\n")).isEqualTo(relayed.length() - 5);
        assertThat(relayed.replace("\r\n", "")).doesNotContain("\r", "\n");
    }

    @Test
    void endOfDataIsFoundAtEveryCut() {
        for (String content :
                List.of("", "a\r\n", "\r\n", "a\r\n\r\n", ".\r\n", "..a\r\n", "\0\u00ff\r\n", "\r\n.\r\n")) {
            String wire = content.replaceAll("(?<=^|\n)\\.", "..") + ".\r\nNOOP\r\n";
            Wire.everyCut(
                    Wire.octets(wire),
                    pieces -> assertThat(ContentEvents.decode(pieces, BareNewlines.REFUSE, true))
                            .isEqualTo(new ReferenceContent.Decoded(content, true, false, "NOOP\r\n")));
        }
    }

    @Test
    void contentWithoutItsLastNewlineLeavesWithIt() {
        assertThat(ContentEvents.encode(List.of(Wire.octets("a")), 64, false)).isEqualTo("a\r\n.\r\n");
        assertThat(ContentEvents.encode(List.of(Wire.octets("a\r")), 64, false)).isEqualTo("a\r\n.\r\n");
        assertThat(ContentEvents.encode(List.of(Wire.octets("a\n")), 64, false)).isEqualTo("a\r\n.\r\n");
        assertThat(ContentEvents.encode(List.of(Wire.octets("\0")), 64, false)).isEqualTo("\0\r\n.\r\n");
        assertThat(ContentEvents.encode(List.of(new byte[0]), 64, false)).isEqualTo(".\r\n");
    }

    @Test
    void encoderAndDecoderServeOneMessageAfterAnother() {
        DataDecoder decoder = new DataDecoder(BareNewlines.REFUSE);
        byte[] two = Wire.octets("a\nb\r\n.\r\n.c\r\n.\r\n");
        ByteBuffer in = ByteBuffer.wrap(two);
        assertThat(decoder.decode(in, slice -> {})).isTrue();
        assertThat(decoder.isRefused()).isTrue();
        decoder.reset();
        assertThat(decoder.decode(in, slice -> {})).isTrue();
        assertThat(decoder.isRefused()).isFalse();
        assertThat(decoder.octets()).isEqualTo(3);
        assertThat(Arrays.equals(two, in.array()) && !in.hasRemaining()).isTrue();
    }

    @Test
    void staysInStepWhereverAConsumerLeavesTheSlice() {
        byte[] content = Wire.octets("a\nb\rc\r\n.\rd\r\n");
        StringBuilder seen = new StringBuilder();
        ContentConsumer careless = slice -> {
            seen.append(Wire.latin1(octets(slice)));
            slice.position(0).limit(0);
        };

        DataDecoder decoder = new DataDecoder(BareNewlines.REPAIR);
        ByteBuffer wire = ByteBuffer.wrap(Wire.octets(Wire.latin1(content) + ".\r\nQUIT\r\n"));
        assertThat(decoder.decode(wire, careless)).isTrue();
        assertThat(wire.remaining()).isEqualTo(6);
        assertThat(seen).hasToString("a\r\nb\r\nc\r\n\r\nd\r\n");

        seen.setLength(0);
        ChunkDecoder chunk = new ChunkDecoder(BareNewlines.REPAIR);
        chunk.begin(content.length, true);
        assertThat(chunk.decode(ByteBuffer.wrap(content), careless)).isTrue();
        assertThat(seen).hasToString("a\r\nb\r\nc\r\n.\r\nd\r\n");
    }

    private static byte[] octets(ByteBuffer slice) {
        byte[] octets = new byte[slice.remaining()];
        slice.get(octets);
        return octets;
    }
}
