package dev.ehlo.smtp.tls.reactor;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An implementation of TLS that is not ours, as a peer. */
public final class Openssl {
    private Openssl() {}

    /** Passes the test over where it is not installed, unless EHLO_PEERS=required, as in CI. */
    public static void assumeInstalled() throws InterruptedException {
        boolean installed = isInstalled();
        assertThat(installed || !"required".equals(System.getenv("EHLO_PEERS")))
                .as("openssl must be installed here")
                .isTrue();
        assumeTrue(installed, "openssl is not installed");
    }

    private static boolean isInstalled() throws InterruptedException {
        try {
            return new ProcessBuilder("openssl", "version")
                            .redirectErrorStream(true)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** All that the command says, with EHLO typed to it. */
    static String said(Path directory, List<String> command) throws IOException, InterruptedException {
        Path typed = Files.writeString(directory.resolve("typed"), "EHLO client\r\n");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(typed.toFile())
                .start();
        try {
            return new String(process.getInputStream().readAllBytes(), US_ASCII);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
