package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;

/** What the framing of content makes of octets that come in pieces. */
final class ContentEvents {
    private ContentEvents() {}

    static ReferenceContent.Decoded decode(List<byte[]> pieces, BareNewlines policy, boolean direct) {
        DataDecoder decoder = new DataDecoder(policy);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        boolean[] ended = new boolean[1];
        Wire.receive(pieces, direct, in -> {
            int limit = in.limit();
            if (!ended[0]) {
                ended[0] = decoder.decode(in, slice -> {
                    assertThat(slice.hasRemaining()).isTrue();
                    content.writeBytes(rest(slice));
                });
                assertThat(in.limit()).isEqualTo(limit);
                assertThat(ended[0] || !in.hasRemaining()).isTrue();
            }
            rest.writeBytes(rest(in));
        });
        assertThat(decoder.octets()).isEqualTo(content.size());
        return new ReferenceContent.Decoded(
                Wire.latin1(content.toByteArray()), ended[0], decoder.isRefused(), Wire.latin1(rest.toByteArray()));
    }

    /** Through an output buffer of that room, emptied whenever it is full. */
    static String encode(List<byte[]> pieces, int room, boolean direct) {
        DataEncoder encoder = new DataEncoder();
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        ByteBuffer out = direct ? ByteBuffer.allocateDirect(room) : ByteBuffer.allocate(room);
        Wire.receive(pieces, direct, in -> {
            while (in.hasRemaining()) {
                int before = in.remaining() - out.position();
                encoder.encode(in, out);
                assertThat(in.remaining() - out.position()).isLessThan(before);
                wire.writeBytes(rest(out.flip()));
                out.clear();
            }
        });
        encoder.finish(out);
        wire.writeBytes(rest(out.flip()));
        return Wire.latin1(wire.toByteArray());
    }

    private static byte[] rest(ByteBuffer buffer) {
        byte[] octets = new byte[buffer.remaining()];
        buffer.get(octets);
        return octets;
    }
}
