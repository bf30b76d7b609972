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
                ended[0] = decoder.decode(in, slice -> take(slice, content));
                assertThat(in.limit()).isEqualTo(limit);
                assertThat(ended[0] || !in.hasRemaining()).isTrue();
            }
            rest.writeBytes(rest(in));
        });
        assertThat(decoder.octets()).isEqualTo(content.size());
        return new ReferenceContent.Decoded(
                Wire.latin1(content.toByteArray()), ended[0], decoder.isRefused(), Wire.latin1(rest.toByteArray()));
    }

    /** The pieces as they come, which hold chunks of these sizes, the last one LAST, and then something else. */
    static ReferenceContent.Decoded chunks(
            List<byte[]> pieces, List<Integer> sizes, BareNewlines policy, boolean direct) {
        ChunkDecoder decoder = new ChunkDecoder(policy);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        int[] next = {0};
        boolean[] ended = new boolean[1];
        decoder.begin(sizes.get(next[0]), sizes.size() == ++next[0]);
        Wire.receive(pieces, direct, in -> {
            int limit = in.limit();
            while (!ended[0] && decoder.decode(in, slice -> take(slice, content))) {
                assertThat(in.limit()).isEqualTo(limit);
                assertThat(decoder.octetsLeft()).isZero();
                ended[0] = decoder.isLast();
                if (!ended[0]) {
                    decoder.begin(sizes.get(next[0]), sizes.size() == ++next[0]);
                }
            }
            assertThat(ended[0] || !in.hasRemaining()).isTrue();
            rest.writeBytes(rest(in));
        });
        assertThat(decoder.octets()).isEqualTo(content.size());
        return new ReferenceContent.Decoded(
                Wire.latin1(content.toByteArray()), ended[0], decoder.isRefused(), Wire.latin1(rest.toByteArray()));
    }

    /** Through an output buffer of that room, emptied whenever it is full. */
    static String encode(List<byte[]> pieces, int room, boolean direct) {
        return encode(pieces, room, direct, BareNewlines.REPAIR).wire();
    }

    static ReferenceContent.Encoded encode(List<byte[]> pieces, int room, boolean direct, BareNewlines policy) {
        DataEncoder encoder = new DataEncoder(policy);
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        ByteBuffer out = direct ? ByteBuffer.allocateDirect(room) : ByteBuffer.allocate(room);
        Wire.receive(pieces, direct, in -> {
            int limit = in.limit();
            while (in.hasRemaining()) {
                int before = in.remaining() - out.position();
                encoder.encode(in, out);
                assertThat(in.limit()).isEqualTo(limit);
                assertThat(in.remaining() - out.position()).isLessThan(before);
                wire.writeBytes(rest(out.flip()));
                out.clear();
            }
        });
        if (!encoder.isRefused()) {
            encoder.finish(out);
        }
        if (encoder.isRefused()) {
            assertThat(out.position()).isZero();
            return new ReferenceContent.Encoded("", true);
        }
        wire.writeBytes(rest(out.flip()));
        return new ReferenceContent.Encoded(Wire.latin1(wire.toByteArray()), false);
    }

    /** By slices, so many at a time, written by a channel that takes few octets at once. */
    static ReferenceContent.Encoded slice(List<byte[]> pieces, int capacity, boolean direct, BareNewlines policy) {
        DataSlices slices = new DataSlices(capacity, policy);
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        Wire.receive(pieces, direct, in -> {
            int limit = in.limit();
            while (in.hasRemaining()) {
                int before = in.remaining();
                slices.encode(in);
                assertThat(in.limit()).isEqualTo(limit);
                assertThat(slices.length()).isPositive();
                assertThat(in.remaining() < before || slices.length() >= capacity - 2)
                        .isTrue();
                write(slices, wire);
            }
        });
        if (!slices.isRefused()) {
            slices.finish();
        }
        if (slices.isRefused()) {
            assertThat(slices.length()).isZero();
            return new ReferenceContent.Encoded("", true);
        }
        write(slices, wire);
        return new ReferenceContent.Encoded(Wire.latin1(wire.toByteArray()), false);
    }

    private static void write(DataSlices slices, ByteArrayOutputStream wire) {
        while (slices.length() > 0) {
            int room = 7;
            int end = slices.offset() + slices.length();
            for (int i = slices.offset(); i < end && room > 0; i++) {
                ByteBuffer slice = slices.buffers()[i];
                for (; slice.hasRemaining() && room > 0; room--) {
                    wire.write(slice.get());
                }
            }
        }
    }

    private static void take(ByteBuffer slice, ByteArrayOutputStream content) {
        assertThat(slice.hasRemaining()).isTrue();
        content.writeBytes(rest(slice));
    }

    private static byte[] rest(ByteBuffer buffer) {
        byte[] octets = new byte[buffer.remaining()];
        buffer.get(octets);
        return octets;
    }
}
