package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Peers from packages. One that is not there is passed over, unless EHLO_PEERS=required, as in CI. */
final class Peers {
    private Peers() {}

    /** The first of these programs that is there; else the test ends here. */
    static String installed(String... candidates) {
        for (String candidate : candidates) {
            if (Files.isExecutable(Path.of(candidate))) {
                return candidate;
            }
        }
        missing(candidates[0]);
        return candidates[0];
    }

    /** The test ends here if the file is not there. */
    static void present(Path file) {
        if (!Files.exists(file)) {
            missing(file.toString());
        }
    }

    private static void missing(String name) {
        boolean required = "required".equals(System.getenv("EHLO_PEERS"));
        assertThat(required).as("%s must be installed here", name).isFalse();
        assumeTrue(false, name + " is not installed");
    }

    /** Where npm has put packages: EHLO_NODE_MODULES, or where .ci/run puts them. */
    static String nodeModules() {
        String given = System.getenv("EHLO_NODE_MODULES");
        return given != null ? given : System.getProperty("user.home") + "/.cache/ehlo/node_modules";
    }

    /** Waits until somebody accepts connections there. */
    static void awaitListening(int port) {
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return true;
            }
        });
    }
}
