package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The server as GnuTLS sees it, which verifies its certificate. Where gnutls-cli is not installed it is passed over,
 * unless EHLO_PEERS=required, as in CI.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a pipe heeds no interrupt
class GnutlsIT {
    private static final Path GNUTLS = Path.of("/usr/bin/gnutls-cli");

    @TempDir
    private Path scratch;

    private EhloProcess server;

    @BeforeEach
    void start() throws Exception {
        if (!Files.isExecutable(GNUTLS)) {
            boolean required = "required".equals(System.getenv("EHLO_PEERS"));
            assertThat(required).as("%s must be installed here", GNUTLS).isFalse();
            assumeTrue(false, GNUTLS + " is not installed");
        }
        server = EhloProcess.serve(scratch.resolve("data"));
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"mx, 1.2", "mx, 1.3", "submission, 1.2", "submission, 1.3"})
    void takesTheServerByStarttls(String profile, String version) throws Exception {
        String said = talk(profile, "--starttls-proto=smtp", "--priority=NORMAL:-VERS-ALL:+VERS-TLS" + version);
        assertThat(said)
                .contains("The certificate is trusted.", "(TLS" + version + "-X.509)", "250-SIZE", "221 2.0.0 ")
                .doesNotContain("STARTTLS");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.2", "1.3"})
    void takesTheServerByImplicitTlsAndResumesItsSession(String version) throws Exception {
        String said = talk("submissions", "--alpn=smtp", "--resume", "--priority=NORMAL:-VERS-ALL:+VERS-TLS" + version);
        assertThat(said)
                .contains("The certificate is trusted.", "(TLS" + version + "-X.509)", "Application protocol: smtp")
                .contains("This is a resumed session", "220 localhost", "250 AUTH SCRAM", " PLAIN LOGIN", "221 2.0.0 ");
    }

    @Test
    void isRefusedWithAnOlderVersionAndWithAnotherProtocol() throws Exception {
        assertThat(talk("submissions", "--priority=NORMAL:-VERS-ALL:+VERS-TLS1.1"))
                .containsIgnoringCase("protocol version")
                .doesNotContain("220 localhost");
        assertThat(talk("submissions", "--alpn=h2"))
                .contains("No supported application protocol")
                .doesNotContain("220 localhost");
    }

    private String talk(String profile, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                GNUTLS.toString(),
                "--x509cafile=" + scratch.resolve("data/tls/cert.pem"),
                "--sni-hostname=localhost",
                "--verify-hostname=localhost",
                "--port=" + server.port(profile)));
        command.addAll(List.of(options));
        command.add("127.0.0.1");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            // Its input stays open until the server has closed: under TLS 1.2 close_notify cuts replies off.
            process.getOutputStream().write("EHLO x.example\r\nQUIT\r\n".getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
