package dev.ehlo.smtp.client.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

/** Mail servers from packages. One that is not there is passed over, unless EHLO_PEERS=required, as in CI. */
final class Peers {
    private Peers() {}

    /** The path of that program; the test ends here if it is not there. */
    static String installed(String program) {
        return present(Path.of(program)).toString();
    }

    /**
     * Where a package is unpacked that cannot be installed beside Postfix: in the directory of that environment variable,
     * or where .ci/run unpacks it. The test ends here if that program of it is not there.
     */
    static Path unpacked(String variable, String name, String program) {
        String given = System.getenv(variable);
        Path root = given != null ? Path.of(given) : Path.of(System.getProperty("user.home"), ".cache/ehlo", name);
        present(root.resolve(program.substring(1)));
        return root;
    }

    /** Daemons that change to users of their own are started by root alone. */
    static void needRoot(String name) {
        assumeTrue(System.getProperty("user.name").equals("root"), name + " needs root");
    }

    private static Path present(Path file) {
        if (!Files.exists(file)) {
            boolean required = "required".equals(System.getenv("EHLO_PEERS"));
            assertThat(required).as("%s must be installed here", file).isFalse();
            assumeTrue(false, file + " is not installed");
        }
        return file;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
