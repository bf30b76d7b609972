package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSlicesTest {
    @TempDir
    Path directory;

    @Test
    void textIsOneSliceAndADotOneMore() {
        DataSlices slices = new DataSlices(8);
        slices.encode(ByteBuffer.wrap(Wire.octets("a\r\nlong enough for a word\r\nb\r\n")));
        assertThat(slices.length()).isEqualTo(1);
        slices.reset();
        assertThat(slices.length()).isZero();
        slices.encode(ByteBuffer.wrap(Wire.octets("a\r\n.long enough for a word\r\n.b\r\n")));
        assertThat(slices.length()).isEqualTo(3);
    }

    @Test
    void whatIsWrittenMakesRoomWhetherItIsAskedForOrNot() {
        DataSlices slices = new DataSlices(3);
        slices.encode(ByteBuffer.wrap(Wire.octets("a\r\n")));
        ByteBuffer more = ByteBuffer.wrap(Wire.octets("b\r\n"));
        slices.encode(more);
        assertThat(more.hasRemaining()).isTrue();
        slices.buffers()[0].position(slices.buffers()[0].limit());
        slices.encode(more);
        assertThat(more.hasRemaining()).isFalse();
        slices.finish();
        slices.buffers()[0].position(slices.buffers()[0].limit());
        assertThat(slices.offset()).isEqualTo(1);
    }

    @Test
    void anotherMessageBeginsWithALine() {
        DataSlices slices = new DataSlices(8);
        slices.encode(ByteBuffer.wrap(Wire.octets("open")));
        slices.reset();
        slices.encode(ByteBuffer.wrap(Wire.octets(".a")));
        assertThat(slices.length()).isEqualTo(2);

        DataEncoder encoder = new DataEncoder();
        ByteBuffer out = ByteBuffer.allocate(16);
        encoder.encode(ByteBuffer.wrap(Wire.octets("open")), out);
        encoder.reset();
        encoder.encode(ByteBuffer.wrap(Wire.octets(".a")), out.clear());
        assertThat(out.position()).isEqualTo(3);
    }

    @Test
    void aFileGoesToAChannelFromWhereItIsMapped() throws IOException {
        Path file = directory.resolve("message");
        Path sent = directory.resolve("sent");
        byte[] content = Wire.octets(".a line with a dot\r\na bare\nlf, a bare\rcr\r\n".repeat(500) + "open");
        Files.write(file, content);
        DataSlices slices = new DataSlices(64);
        try (FileChannel in = FileChannel.open(file);
                FileChannel out = FileChannel.open(sent, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            ByteBuffer block = in.map(FileChannel.MapMode.READ_ONLY, 0, in.size());
            while (block.hasRemaining()) {
                slices.encode(block);
                write(slices, out);
            }
            slices.finish();
            write(slices, out);
        }
        assertThat(Wire.latin1(Files.readAllBytes(sent)))
                .isEqualTo(ReferenceContent.encode(Wire.latin1(content), BareNewlines.REPAIR)
                        .wire());
    }

    private static void write(DataSlices slices, FileChannel out) throws IOException {
        while (slices.length() > 0) {
            out.write(slices.buffers(), slices.offset(), slices.length());
        }
    }

    @Test
    void slicesOfMoreBlocksThanOneMayWaitTogether() {
        DataSlices slices = new DataSlices(8);
        slices.encode(ByteBuffer.wrap(Wire.octets("a\r\n")));
        slices.encode(ByteBuffer.wrap(Wire.octets(".b")));
        slices.finish();
        StringBuilder wire = new StringBuilder();
        while (slices.length() > 0) {
            wire.append((char) slices.buffers()[slices.offset()].get());
        }
        assertThat(wire).hasToString("a\r\n..b\r\n.\r\n");
    }

    @Test
    void saysWhatACallerDoesWrong() {
        assertThatThrownBy(() -> new DataSlices(2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2");
        DataSlices slices = new DataSlices(3);
        slices.encode(ByteBuffer.wrap(Wire.octets("a\nb")));
        slices.finish();
        assertThatThrownBy(slices::finish).isInstanceOf(IllegalStateException.class);
    }
}
