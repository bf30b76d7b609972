package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
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

    /** Another process, which exits with 1 if it is refused. */
    static final class Another {
        private Another() {}

        public static void main(String[] arguments) throws Exception {
            try (Spool spool = Spool.directory(Path.of(arguments[0]))) {
                Mail.start(spool);
            } catch (IOException e) {
                System.exit(e.getMessage().contains("in use by another process") ? 1 : 2);
            }
        }
    }

    @Test
    void isKeptFromOtherProcessesThoughASecondSpoolOfThisOneWasRefused() throws Exception {
        assertThatThrownBy(() -> Mail.start(reopen())).isInstanceOf(IOException.class);

        Process another = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Another.class.getName(),
                        directory.resolve("queue/spool").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(another.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(another.exitValue()).isEqualTo(1);
        } finally {
            another.destroyForcibly();
        }
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
