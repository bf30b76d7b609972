package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.TestServers.local;
import static dev.ehlo.smtp.server.TestServers.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ehlo.smtp.server.session.MailRoom;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Postfix's smtp-source speaks LMTP to us, where it is installed; {@code EHLO_PEERS=required} where it has to be. */
class LmtpPeerTest {
    private static final Path SOURCE = Path.of("/usr/sbin/smtp-source");

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void takesWhatPostfixBringsByLmtp(boolean inline) throws Exception {
        boolean required = "required".equals(System.getenv("EHLO_PEERS"));
        assumeTrue(required || Files.isExecutable(SOURCE), "smtp-source is not installed");
        MailRoom room = new MailRoom();
        try (SmtpServer server =
                with(room, inline).listen(local(Profile.lmtp())).start()) {
            run(server, "b@anywhere.example");
            assertThat(room.messages).hasSize(10).allSatisfy(message -> {
                assertThat(message.envelope().recipients()).hasSize(3);
                assertThat(message.content())
                        .startsWith("Return-Path: <a@remote.example>\r\nReceived: from ")
                        .contains(" with LMTP id ");
            });
        }
    }

    private static void run(SmtpServer server, String recipient) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        SOURCE.toString(),
                        "-L",
                        "-s2",
                        "-m10",
                        "-r3",
                        "-l3000",
                        "-fa@remote.example",
                        "-t" + recipient,
                        "127.0.0.1:" + server.address("lmtp").getPort())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
    }
}
