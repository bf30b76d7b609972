package dev.ehlo.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ehlo.smtp.server.session.MailRoom;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that carries what it agreed on one port to another one, whose policy is another. */
@Timeout(60)
class TlsResumptionTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void isOfNoUseOnAnotherPort(String protocol) throws Exception {
        boolean installed = Files.isExecutable(Path.of("/usr/bin/openssl"));
        assertThat(installed || !"required".equals(System.getenv("EHLO_PEERS")))
                .as("openssl must be installed here")
                .isTrue();
        assumeTrue(installed, "openssl is not installed");
        List<Profile> profiles = List.of(Profile.mx(), Profile.submission(), Profile.submissions());
        SmtpServerBuilder builder = TestServers.with(new MailRoom(), true);
        profiles.forEach(profile -> builder.listen(TestServers.local(profile)));
        try (SmtpServer server = builder.start()) {
            for (Profile first : profiles) {
                for (Profile second : profiles) {
                    Path kept = directory.resolve(protocol + first.name() + second.name());
                    assertThat(client(server, first, protocol, "-sess_out", kept.toString()))
                            .contains("\nNew, TLSv1.");
                    assertThat(client(server, second, protocol, "-sess_in", kept.toString()))
                            .contains(first.equals(second) ? "\nReused, TLSv1." : "\nNew, TLSv1.");
                }
            }
        }
    }

    private String client(SmtpServer server, Profile profile, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "openssl",
                "s_client",
                "-ign_eof",
                "-connect",
                "127.0.0.1:" + server.address(profile.name()).getPort()));
        if (!profile.name().equals("submissions")) {
            command.addAll(List.of("-starttls", "smtp"));
        }
        command.addAll(List.of(options));
        Path typed = Files.writeString(directory.resolve("typed"), "QUIT\r\n");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(typed.toFile())
                .start();
        try {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
