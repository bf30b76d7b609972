package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.FileRegion;
import dev.ehlo.smtp.queue.journal.SegmentName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Content of the journal in a directory, as the system can send it. */
class JournalSourceTest {
    @TempDir
    Path directory;

    private static byte[] transferred(FileRegion region) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long at = region.position();
        for (long left = region.remaining(); left > 0; ) {
            long count = region.file().transferTo(at, left, Channels.newChannel(out));
            assertThat(count).isPositive();
            at += count;
            left -= count;
        }
        return out.toByteArray();
    }

    @Test
    void whoIsCountedInCanReadASegmentThatIsDroppedMeanwhile() throws Exception {
        TestDisk disk = new TestDisk();
        SegmentName name = new SegmentName(1, 2);
        disk.put(name.toString(), Mail.octets("content"));
        Segment segment = new Segment(name, disk.open(), 7);
        assertThat(segment.acquire()).isTrue();
        segment.drop();

        ByteBuffer content = ByteBuffer.allocate(7);
        segment.read(content, 0);
        segment.release();

        assertThat(content.array()).asString().isEqualTo("content");
        assertThat(segment.acquire()).isFalse();
    }

    @Test
    void contentIsARegionOfAFile() throws Exception {
        try (Spool spool = Spool.directory(directory)) {
            Mail.start(spool);
            for (int octets : new int[] {1, 10_000, 300_000}) {
                byte[] content = Mail.octets(octets, octets);
                Mail.put(spool, Mail.ONE, Mail.octets(700, 1));
                SpooledMessage message = Mail.put(spool, Mail.ONE, content);

                FileRegion region = (FileRegion) message.content().open();

                try (region) {
                    assertThat(region.remaining()).isEqualTo(octets);
                    assertThat(transferred(region)).isEqualTo(content);
                    ByteBuffer first = ByteBuffer.allocate(Math.min(octets, 100));
                    assertThat(region.read(first)).isEqualTo(first.capacity());
                    assertThat(region.remaining()).isEqualTo(octets - first.capacity());
                    assertThat(transferred(region))
                            .isEqualTo(java.util.Arrays.copyOfRange(content, first.capacity(), octets));
                }
                assertThat(region.isOpen()).isFalse();
                assertThatThrownBy(() -> region.read(ByteBuffer.allocate(1))).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void aRegionStaysReadableWhenItsMessageIsGone() throws Exception {
        byte[] small = Mail.octets(10_000, 1);
        byte[] large = Mail.octets(300_000, 2);
        try (Spool spool = new JournalSpool(
                () -> new dev.ehlo.smtp.queue.journal.DirectoryStorage(directory, true, JournalSource.CONTENT),
                new JournalLimits(256 << 10, 10_000, 0))) {
            Mail.start(spool);
            SpooledMessage first = Mail.put(spool, Mail.ONE, small);
            SpooledMessage second = Mail.put(spool, Mail.ONE, large);
            try (FileRegion ofSegment = (FileRegion) first.content().open();
                    FileRegion ofFile = (FileRegion) second.content().open()) {
                Mail.await(spool.crossOff(first.id(), List.of(0), DeliveryStatus.RELAYED));
                Mail.await(spool.crossOff(second.id(), List.of(0), DeliveryStatus.RELAYED));
                Mail.put(spool, Mail.ONE, small);
                try (Stream<Path> files = Files.walk(directory)) {
                    assertThat(files.filter(Files::isRegularFile)
                                    .mapToLong(file -> file.toFile().length()))
                            .as("octets of each file")
                            .allMatch(octets -> octets < 12_000)
                            .filteredOn(octets -> octets > 0)
                            .hasSize(1);
                }

                assertThat(transferred(ofSegment)).isEqualTo(small);
                assertThat(transferred(ofFile)).isEqualTo(large);
            }
            assertThatThrownBy(() -> first.content().open()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void smallSlicesOfLargeContentComeThroughInOrder() throws Exception {
        byte[] content = Mail.octets(700_000, 1);
        try (Spool spool = Spool.directory(directory)) {
            Mail.start(spool);
            SpoolWriter writer = spool.open(Mail.ONE, Mail.NOON);
            int at = 0;
            for (int i = 0; at < content.length; i++) {
                int count = Math.min(i % 50 == 49 ? 20_000 + i : 1 + i * 37 % 3000, content.length - at);
                writer.write(ByteBuffer.wrap(content, at, count));
                at += count;
            }
            SpooledMessage message = Mail.await(writer.complete());

            assertThat(message.content().octets()).isEqualTo(content.length);
            assertThat(Mail.read(message.content())).isEqualTo(content);
        }
    }
}
