package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ehlo.smtp.FileRegion;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.codec.DataEncoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the way of content, the octets that leave are the same. */
class ContentOutTest {
    private static final String PLAIN = "a line of text that begins with no dot\r\n";

    @TempDir
    Path directory;

    private final ContentBlocks blocks = new ContentBlocks();

    /** A source that is in a file, or not, and knows of its lines, or does not. */
    private record Source(MessageSource content, boolean inFile, boolean needsStuffing, long octets)
            implements MessageSource {
        @Override
        public ReadableByteChannel open() throws IOException {
            ReadableByteChannel channel = content.open();
            return inFile ? channel : new OctetsOnly(channel);
        }
    }

    private record OctetsOnly(ReadableByteChannel channel) implements ReadableByteChannel {
        @Override
        public int read(ByteBuffer into) throws IOException {
            return channel.read(into);
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private Source source(String content, boolean inFile, boolean needsStuffing) throws IOException {
        Path file = Files.writeString(directory.resolve("message.eml"), content, StandardCharsets.ISO_8859_1);
        return new Source(MessageSource.of(file), inFile, needsStuffing, content.length());
    }

    private String sent(MessageSource content, boolean binary, long atOnce) throws IOException {
        SilentConnection connection = new SilentConnection(atOnce);
        try (ContentOut out = ContentOut.open(new Content(content), binary, blocks)) {
            for (int i = 0; !out.sendTo(connection); i++) {
                assertThat(i).isLessThan(1_000_000);
                connection.drain();
            }
            while (connection.unsent() > 0) {
                connection.drain();
            }
        }
        return new String(connection.sent(), StandardCharsets.ISO_8859_1);
    }

    private static String stuffed(String content) {
        ByteBuffer wire = ByteBuffer.allocate(2 * content.length() + DataEncoder.FINISH_ROOM + 1);
        DataEncoder encoder = new DataEncoder();
        encoder.encode(ByteBuffer.wrap(content.getBytes(StandardCharsets.ISO_8859_1)), wire);
        encoder.finish(wire);
        return new String(wire.array(), 0, wire.position(), StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 7",
        "1, 7",
        "100, 1",
        "100, 4096",
        "399, 100000",
        "400, 100000",
        "3000, 1000",
        "10000, 1000000",
        "20000, 65537"
    })
    void contentThatNeedsNoStuffingIsTheSameByEveryWay(int lines, int atOnce) throws IOException {
        String content = PLAIN.repeat(lines);
        for (boolean inFile : new boolean[] {true, false}) {
            assertThat(sent(source(content, inFile, false), false, atOnce)).isEqualTo(content + ".\r\n");
            assertThat(sent(source(content, inFile, true), false, atOnce)).isEqualTo(content + ".\r\n");
            assertThat(sent(source(content, inFile, true), true, atOnce)).isEqualTo(content);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 10_000})
    void contentOfWhichNothingIsKnownIsStuffed(int times) throws IOException {
        String content = ".dot\r\n..\r\nbare\nLF\r\n.\r\n".repeat(times) + "open";
        assertThat(sent(source(content, true, true), false, 4099)).isEqualTo(stuffed(content));
        assertThat(sent(source(content, false, true), false, 1 << 20)).isEqualTo(stuffed(content));
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void contentThatIsShorterThanSaidGetsNoEndOfData(boolean inFile, boolean needsStuffing) throws IOException {
        for (int lines : new int[] {1, 1000}) {
            Source whole = source(PLAIN.repeat(lines), inFile, needsStuffing);
            Source said = new Source(whole.content(), inFile, needsStuffing, whole.octets() + 5);
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> sent(said, false, 1 << 20))
                    .withMessageContaining("5 octets early");
        }
    }

    @Test
    void aFileStaysOpenAsLongAsTheConnectionSendsOfIt() throws IOException {
        String content = PLAIN.repeat(20_000);
        Source source = source(content, true, false);
        SilentConnection connection = new SilentConnection(1000);
        FileRegion[] opened = new FileRegion[1];
        MessageSource watched = new MessageSource() {
            @Override
            public long octets() {
                return source.octets();
            }

            @Override
            public boolean needsStuffing() {
                return false;
            }

            @Override
            public ReadableByteChannel open() throws IOException {
                opened[0] = (FileRegion) source.open();
                return opened[0];
            }
        };
        try (ContentOut out = ContentOut.open(new Content(watched), false, blocks)) {
            while (!out.sendTo(connection)) {
                assertThat(opened[0].isOpen()).isTrue();
                assertThat(connection.unsent()).isBetween(0L, (long) ContentOut.PIECE_OCTETS);
                connection.drain();
            }
            assertThat(connection.unsent())
                    .as("what is out needs its file no more")
                    .isLessThanOrEqualTo(3);
        }
        assertThat(opened[0].isOpen()).isFalse();
    }

    @Test
    void putsNoEndOfDataIntoAConnectionThatIsGone() throws IOException {
        SilentConnection connection = new SilentConnection(1000);
        try (ContentOut out = ContentOut.open(new Content(source(PLAIN.repeat(1000), true, false)), false, blocks)) {
            assertThat(out.sendTo(connection)).isFalse();
            connection.abort();
            assertThat(out.sendTo(connection)).isFalse();
        }
    }

    @Test
    void blocksAreUsedAgain() throws IOException {
        ContentBlocks.Block first = blocks.take();
        blocks.give(first);
        sent(source(PLAIN, true, true), false, 1 << 20);
        assertThat(blocks.take()).isSameAs(first);
    }
}
