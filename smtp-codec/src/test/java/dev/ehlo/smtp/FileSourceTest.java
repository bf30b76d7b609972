package dev.ehlo.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSourceTest {
    @TempDir
    Path directory;

    private MessageSource source(String content) throws IOException {
        return MessageSource.of(Files.writeString(directory.resolve("message.eml"), content));
    }

    @Test
    void givesRegionsThatAreReadIndependently() throws IOException {
        MessageSource source = source("0123456789");
        try (ReadableByteChannel one = source.open();
                ReadableByteChannel other = source.open()) {
            FileRegion region = (FileRegion) one;
            assertThat(read(one, 4)).isEqualTo("0123");
            assertThat(read(other, 20)).isEqualTo("0123456789");
            assertThat(region.position()).isEqualTo(4);
            assertThat(region.remaining()).isEqualTo(6);
            ByteBuffer rest = ByteBuffer.allocate(10);
            assertThat(region.file().read(rest, region.position())).isEqualTo(6);
            assertThat(read(one, 20)).isEqualTo("456789");
            assertThat(one.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            assertThat(source.needsStuffing()).isTrue();
        }
    }

    @Test
    void yieldsNoMoreThanItHasSaid() throws IOException {
        MessageSource source = source("0123456789");
        Files.writeString(directory.resolve("message.eml"), "0123456789 and more");
        try (ReadableByteChannel channel = source.open()) {
            assertThat(read(channel, 20)).isEqualTo("0123456789");
            assertThat(((FileRegion) channel).remaining()).isZero();
        }
    }

    @Test
    void isNotReadOnceClosedNorOpenedWithoutAFile() throws IOException {
        MessageSource source = source("x");
        ReadableByteChannel channel = source.open();
        channel.close();
        assertThat(channel.isOpen()).isFalse();
        assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(() -> read(channel, 1));
        Files.delete(directory.resolve("message.eml"));
        assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(source::open);
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> MessageSource.of(directory.resolve("message.eml")));
    }

    private static String read(ReadableByteChannel channel, int atMost) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(atMost);
        int octets = 1;
        while (into.hasRemaining() && octets > 0) {
            octets = channel.read(into);
        }
        return new String(into.array(), 0, into.position(), StandardCharsets.US_ASCII);
    }
}
