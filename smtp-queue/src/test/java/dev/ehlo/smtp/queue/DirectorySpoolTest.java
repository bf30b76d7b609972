package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectorySpoolTest extends SpoolContract {
    @TempDir
    Path directory;

    @Override
    Spool reopen() {
        return Spool.directory(directory.resolve("queue/spool"));
    }

    @Test
    void refusesADirectoryInUse() {
        Spool second = reopen();

        assertThatThrownBy(() -> Mail.start(second))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("in use")
                .hasMessageContaining(directory.toString());
    }

    @Test
    void refusesAPathThatIsNoDirectory() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        assertThatThrownBy(() -> Mail.start(Spool.directory(file))).isInstanceOf(IOException.class);
    }

    @Test
    void hasTheFolderOfContentBeforeSeveralThreadsNeedIt() {
        assertThat(directory.resolve("queue/spool/content")).isEmptyDirectory();
    }

    @Test
    void isForItsOwnerAlone() throws Exception {
        assumeTrue(directory.getFileSystem().supportedFileAttributeViews().contains("posix"));
        Path elsewhere = directory.resolve("other/spool");
        try (Spool spool = Spool.directory(elsewhere)) {
            Mail.start(spool);
            Mail.put(spool, Mail.ONE, Mail.octets(500_000, 1));
            try (Stream<Path> all = Files.walk(elsewhere)) {
                for (Path path : all.toList()) {
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                            .as("permissions of %s", path)
                            .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
                }
            }
        }
    }

    @Test
    void anInterruptedReaderHurtsNobodyElse() throws Exception {
        Path elsewhere = directory.resolve("other");
        try (Spool spool = Spool.directory(elsewhere)) {
            Mail.start(spool);
            SpooledMessage message = Mail.put(spool, Mail.ONE, Mail.octets("content"));
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> Mail.read(message.content())).isInstanceOf(IOException.class);
            assertThat(Thread.interrupted()).isTrue();

            assertThat(Mail.read(message.content())).asString().isEqualTo("content");
            Mail.put(spool, Mail.ONE, Mail.octets("more"));
        }
    }

    @Test
    void leavesNoContentFileBehindASettledMessage() throws Exception {
        Path elsewhere = directory.resolve("other");
        try (Spool spool = Spool.directory(elsewhere)) {
            Mail.start(spool);
            SpooledMessage message = Mail.put(spool, Mail.ONE, Mail.octets(500_000, 1));
            assertThat(elsewhere.resolve("content/" + message.id())).hasSize(500_000);
            Mail.await(spool.crossOff(message.id(), java.util.List.of(0), dev.ehlo.smtp.DeliveryStatus.RELAYED));
        }
        try (Stream<Path> files = Files.list(elsewhere.resolve("content"))) {
            assertThat(files).isEmpty();
        }
    }
}
