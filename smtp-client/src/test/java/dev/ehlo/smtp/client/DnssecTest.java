package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DnssecTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {"", "; nothing\n", "no records at all\n", ". IN NS a.root-servers.net.\n", ". IN DS 1 2 3\n"})
    void anchorsAreKeysAndNothingElse(String text) throws Exception {
        Path file = Files.writeString(directory.resolve("anchors"), text);
        assertThatThrownBy(() -> Dnssec.validated(file)).isInstanceOf(IOException.class);
    }

    @Test
    void aFileOfAnchorsHasToBeThere() {
        assertThatThrownBy(() -> Dnssec.validated(directory.resolve("none"))).isInstanceOf(IOException.class);
    }

    @Test
    void theKeysOfTheRootAreRead() {
        InetSocketAddress nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
        Assertions.assertThat(MxResolver.at(nobody, Dnssec.validated())).isNotNull();
    }
}
