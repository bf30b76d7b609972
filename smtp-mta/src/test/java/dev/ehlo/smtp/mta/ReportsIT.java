package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.mta.AngusClient.Tls;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
            assertThat(readByPython(arrived.stream()
                            .filter(m -> m.startsWith("Return-Path: <>"))
                            .findFirst()
                            .orElseThrow()))
                    .contains("multipart/report delivery-status 3\n")
                    .contains("Reporting-MTA: dns; ")
                    .contains("Final-Recipient: rfc822; user@localhost\n", "Action: delivered\n", "Status: 2.0.0\n")
                    .endsWith("text/rfc822-headers\n[]\n");
        }
    }

    /** What the library of Python makes of a report: its fields, and what it finds wrong with it. */
    private String readByPython(String report) throws Exception {
        String script = """
                import email, sys
                m = email.message_from_string(sys.stdin.read())
                words, status, returned = m.get_payload()
                print(m.get_content_type(), m.get_param('report-type'), len(m.get_payload()))
                assert status.get_content_type() == 'message/delivery-status'
                for group in status.get_payload():
                    for name, value in group.items():
                        print(name + ': ' + value)
                print(returned.get_content_type())
                print([d for part in m.walk() for d in part.defects])
                """;
        EhloProcess.Result result = EhloProcess.exec(
                scratch,
                report.replace("\r\n", "\n"),
                Map.of(),
                List.of(Peers.installed("/usr/bin/python3", "/usr/local/bin/python3"), "-c", script));
        assertThat(result.exitCode()).as(result.all()).isZero();
        return result.out();
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
