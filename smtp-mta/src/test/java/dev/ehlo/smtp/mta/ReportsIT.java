package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.mta.AngusClient.Tls;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reports that a user asks for with NOTIFY, by Angus Mail, and finds in the Maildir. */
class ReportsIT {
    @TempDir
    private Path scratch;

    private Path data;

    @BeforeEach
    void addUser() throws Exception {
        data = scratch.resolve("data");
        EhloProcess.run(scratch, "secret\n", "user", "add", "user", "--password-stdin", "--data", data.toString());
    }

    private static void submit(EhloProcess server, String recipient) throws Exception {
        new AngusClient(server.port("submission"), Tls.STARTTLS)
                .notifying("SUCCESS,FAILURE")
                .send("user", "secret", "user@localhost", Mail.awkward("reported"), recipient);
    }

    @Test
    void tellsThatAMessageIsInTheMailbox() throws Exception {
        try (EhloProcess server = EhloProcess.serve(data)) {
            submit(server, "user@localhost");
            List<String> arrived = Mail.arrived(data, "user", 2);
            assertThat(arrived)
                    .anySatisfy(
                            m -> assertThat(Mail.withoutTrace(m, "Return-Path")).isEqualTo(Mail.awkward("reported")));
            assertThat(arrived)
                    .anySatisfy(report -> assertThat(report)
                            .startsWith("Return-Path: <>\r\n")
                            .contains(
                                    "Final-Recipient: rfc822; user@localhost\r\nAction: delivered\r\nStatus: 2.0.0\r\n")
                            .contains("Subject: reported\r\n")
                            .doesNotContain("trailing blanks"));
        }
    }

    @Test
    void passesTheRequestOnOrTellsThatNobodyWillAnswerIt() throws Exception {
        try (ScriptedPeer old = ScriptedPeer.builder()
                        .extensions("PIPELINING", "8BITMIME")
                        .start();
                EhloProcess server = EhloProcess.serve(data, "--smarthost", "127.0.0.1:" + old.port())) {
            submit(server, "b@y.example");
            assertThat(Mail.arrived(data, "user", 1).get(0))
                    .contains("Final-Recipient: rfc822; b@y.example\r\nAction: relayed\r\n");
            assertThat(old.commands()).contains("RCPT TO:<b@y.example>");
            assertThat(server.stop()).isZero();
        }
        try (ScriptedPeer next = ScriptedPeer.accepting();
                EhloProcess server = EhloProcess.serve(data, "--smarthost", "127.0.0.1:" + next.port())) {
            submit(server, "c@y.example");
            next.awaitMessage(Duration.ofSeconds(60));
            assertThat(next.commands()).contains("RCPT TO:<c@y.example> NOTIFY=SUCCESS,FAILURE");
            assertThat(server.stop())
                    .as("and so whatever it had to say is said")
                    .isZero();
            Mail.arrived(data, "user", 1);
        }
    }
}
