package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

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
}
