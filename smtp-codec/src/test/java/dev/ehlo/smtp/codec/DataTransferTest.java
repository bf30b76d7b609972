package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ehlo.smtp.MessageSource;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataTransferTest {
    private static final byte[] CONTENT = Wire.octets(
            ("Subject: x\r\n\r\n.dot\r\n..two\r\nbare\nLF\rand CR\r\n" + "text ".repeat(200) + "\r\n").repeat(500)
                    + "no newline at the end");

    @ParameterizedTest
    @CsvSource({"1, 3, false", "7, 3, true", "4096, 64, true", "65536, 1024, false"})
    void sendsWhatTheEncoderWouldHoweverTheChannelTakesIt(int octets, int capacity, boolean direct) throws IOException {
        ByteBuffer block = direct ? ByteBuffer.allocateDirect(octets) : ByteBuffer.allocate(octets);
        DataSlices slices = new DataSlices(capacity);
        slices.encode(ByteBuffer.wrap(Wire.octets("left over")));

        assertThat(transferred(MessageSource.of(CONTENT), block, slices)).isEqualTo(encoded(CONTENT));
        assertThat(transferred(MessageSource.of(new byte[0]), block, slices)).isEqualTo(encoded(new byte[0]));
    }

    @Test
    void sendsAFile(@TempDir Path directory) throws IOException {
        Path file = Files.write(directory.resolve("message.eml"), CONTENT);

        assertThat(transferred(MessageSource.of(file), ByteBuffer.allocateDirect(8192), new DataSlices(16)))
                .isEqualTo(encoded(CONTENT));
    }

    @Test
    void sendsNoEndOfDataBehindContentThatIsRefusedOrCutShort() throws IOException {
        ByteBuffer block = ByteBuffer.allocate(64);
        DataSlices strict = new DataSlices(8, BareNewlines.REFUSE);
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> transferred(MessageSource.of(Wire.octets("a\nb\r\n")), block, strict))
                .withMessageContaining("bare");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> transferred(MessageSource.of(Wire.octets("a\r\nb\r")), block, strict))
                .withMessageContaining("bare");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> transferred(shorterThanTold(), block, new DataSlices(8)))
                .withMessageContaining("5 octets early");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new DataTransfer(MessageSource.of(CONTENT), ByteBuffer.allocate(0), new DataSlices(8)));
    }

    private static MessageSource shorterThanTold() {
        return new MessageSource() {
            @Override
            public long octets() {
                return 10;
            }

            @Override
            public ReadableByteChannel open() {
                return Channels.newChannel(new ByteArrayInputStream(Wire.octets("Sub\r\n")));
            }
        };
    }

    /** Through a pipe that is full again and again, as a socket is. */
    private static byte[] transferred(MessageSource source, ByteBuffer block, DataSlices slices) throws IOException {
        Pipe pipe = Pipe.open();
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        try (Pipe.SinkChannel sink = pipe.sink();
                Pipe.SourceChannel out = pipe.source();
                DataTransfer transfer = new DataTransfer(source, block, slices)) {
            sink.configureBlocking(false);
            out.configureBlocking(false);
            boolean whole;
            do {
                whole = transfer.writeTo(sink);
                drain(out, received);
            } while (!whole);
        }
        return received.toByteArray();
    }

    private static void drain(Pipe.SourceChannel out, ByteArrayOutputStream received) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        while (out.read(buffer.clear()) > 0) {
            received.write(buffer.array(), 0, buffer.position());
        }
    }

    private static byte[] encoded(byte[] content) {
        ByteBuffer out = ByteBuffer.allocate(2 * content.length + DataEncoder.FINISH_ROOM);
        DataEncoder encoder = new DataEncoder();
        encoder.encode(ByteBuffer.wrap(content), out);
        encoder.finish(out);
        return java.util.Arrays.copyOf(out.array(), out.position());
    }
}
