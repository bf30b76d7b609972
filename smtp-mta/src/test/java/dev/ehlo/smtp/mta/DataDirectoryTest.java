package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir
    private Path scratch;

    @Test
    void drawsTheSecretOfLoginsOnceForItsOwnerAlone() throws Exception {
        byte[] first = DataDirectory.at(scratch.resolve("a")).loginSecret();
        assertThat(first).hasSize(32);
        assertThat(DataDirectory.at(scratch.resolve("a")).loginSecret()).isEqualTo(first);
        assertThat(DataDirectory.at(scratch.resolve("b")).loginSecret()).isNotEqualTo(first);
        assertThat(Files.getPosixFilePermissions(scratch.resolve("a").resolve("login-secret")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
}
