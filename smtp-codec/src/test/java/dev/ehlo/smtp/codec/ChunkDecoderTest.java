package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChunkDecoderTest {
    private final List<String> slices = new ArrayList<>();

    private boolean decode(ChunkDecoder decoder, String octets) {
        return decoder.decode(ByteBuffer.wrap(Wire.octets(octets)), slice -> {
            byte[] taken = new byte[slice.remaining()];
            slice.get(taken);
            slices.add(Wire.latin1(taken));
        });
    }

    @Test
    void aChunkOfNoOctetsIsWholeAtOnceAndTakesNothing() {
        ChunkDecoder decoder = new ChunkDecoder(BareNewlines.REFUSE);
        ByteBuffer next = ByteBuffer.wrap(Wire.octets("BDAT 0 LAST\r\n"));
        decoder.begin(0, false);
        assertThat(decoder.decode(next, slice -> slices.add("any"))).isTrue();
        decoder.begin(0, true);
        assertThat(decoder.decode(next, slice -> slices.add("any"))).isTrue();
        assertThat(decoder.isLast()).isTrue();
        assertThat(next.position()).isZero();
        assertThat(slices).isEmpty();
        assertThat(decoder.isRefused()).isFalse();
    }

    @Test
    void aChunkMayBeAsLongAsANumberGoes() {
        ChunkDecoder decoder = new ChunkDecoder(BareNewlines.KEEP);
        decoder.begin(Long.MAX_VALUE, false);
        assertThat(decode(decoder, "\r\n.\r\n")).isFalse();
        assertThat(decoder.octetsLeft()).isEqualTo(Long.MAX_VALUE - 5);
        assertThat(decoder.discard(ByteBuffer.allocate(100))).isFalse();
        assertThat(decoder.octetsLeft()).isEqualTo(Long.MAX_VALUE - 105);
        assertThat(slices).containsExactly("\r\n.\r\n");
    }

    @Test
    void aDiscardedChunkIsConsumedToItsEndAndNoFurther() {
        byte[] wire = Wire.octets("0123456789NOOP\r\n");
        Wire.everyCut(wire, pieces -> {
            ChunkDecoder decoder = new ChunkDecoder(BareNewlines.REFUSE);
            decoder.begin(10, true);
            boolean[] whole = new boolean[1];
            StringBuilder rest = new StringBuilder();
            Wire.receive(pieces, false, in -> {
                whole[0] = whole[0] || decoder.discard(in);
                while (whole[0] && in.hasRemaining()) {
                    rest.append((char) in.get());
                }
            });
            assertThat(rest).hasToString("NOOP\r\n");
            assertThat(decoder.octets()).isZero();
        });
    }

    @Test
    void aLineEndMayBeCutByTheEndOfAChunk() {
        for (BareNewlines policy : BareNewlines.values()) {
            slices.clear();
            ChunkDecoder decoder = new ChunkDecoder(policy);
            decoder.begin(2, false);
            assertThat(decode(decoder, "a\r")).isTrue();
            decoder.begin(0, false);
            assertThat(decode(decoder, "")).isTrue();
            decoder.begin(1, true);
            assertThat(decode(decoder, "\n")).isTrue();
            assertThat(String.join("", slices)).isEqualTo("a\r\n");
            assertThat(decoder.isRefused()).isFalse();
        }
    }

    @Test
    void aCrAtTheVeryEndIsBare() {
        ChunkDecoder refusing = new ChunkDecoder(BareNewlines.REFUSE);
        refusing.begin(2, false);
        assertThat(decode(refusing, "a\r")).isTrue();
        assertThat(refusing.isRefused()).isFalse();
        refusing.begin(0, true);
        assertThat(decode(refusing, "")).isTrue();
        assertThat(refusing.isRefused()).isTrue();

        refusing.reset();
        refusing.begin(1, true);
        assertThat(decode(refusing, "b")).isTrue();
        assertThat(refusing.isRefused()).isFalse();
        assertThat(refusing.octets()).isEqualTo(1);
    }

    @Test
    void contentGoesOutInPlace() {
        ChunkDecoder decoder = new ChunkDecoder(BareNewlines.REFUSE);
        ByteBuffer in = ByteBuffer.wrap(Wire.octets("..a\r\n.\r\nb\nQUIT"));
        decoder.begin(10, true);
        assertThat(decoder.decode(in, slice -> {
                    assertThat(slice).isSameAs(in);
                    slices.add(slice.position() + "-" + slice.limit());
                }))
                .isTrue();
        assertThat(slices).containsExactly("0-10");
        assertThat(in.remaining()).isEqualTo(4);
    }

    @Test
    void saysWhatACallerDoesWrong() {
        ChunkDecoder decoder = new ChunkDecoder(BareNewlines.KEEP);
        assertThatThrownBy(() -> decoder.begin(-1, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
        decoder.begin(3, false);
        assertThatThrownBy(() -> decoder.begin(3, false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("3 octets left");
        decoder.reset();
        decoder.begin(3, false);
        assertThat(decoder.octetsLeft()).isEqualTo(3);
    }
}
