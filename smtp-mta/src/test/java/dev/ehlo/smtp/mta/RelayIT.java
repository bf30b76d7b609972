package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.mta.AngusClient.Tls;
import dev.ehlo.smtp.testkit.Fault;
import dev.ehlo.smtp.testkit.ReceivedMessage;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages that go through the queue to another server: at once, after a deferral, after a kill, or back to the sender. */
class RelayIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path scratch;

    private Path data;

    @BeforeEach
    void addUser() throws Exception {
        data = scratch.resolve("data");
        EhloProcess.run(scratch, "secret\n", "user", "add", "user", "--password-stdin", "--data", data.toString());
    }

    private EhloProcess serve(String smarthost) throws Exception {
        return EhloProcess.serve(data, "--smarthost", smarthost, "--retry", "1s");
    }

    private static void submit(EhloProcess server, String message, String... recipients) throws Exception {
        new AngusClient(server.port("submission"), Tls.STARTTLS)
                .send("user", "secret", "user@localhost", message, recipients);
    }

    @Test
    void relaysOctetForOctetInOneTransactionToTheSmarthost() throws Exception {
        String message = Mail.awkward("relayed");
        try (ScriptedPeer next = ScriptedPeer.accepting();
                EhloProcess server = serve("127.0.0.1:" + next.port())) {
            submit(server, message, "a@x.example", "b@y.example");
            ReceivedMessage received = next.awaitMessage(PATIENCE);
            assertThat(received.reversePath()).isEqualTo("user@localhost");
            assertThat(received.recipients()).containsExactly("a@x.example", "b@y.example");
            assertThat(Mail.withoutTrace(received.text(), "Received")).isEqualTo(message);
            assertThat(received.text())
                    .as("the client is hidden")
                    .doesNotContain("127.0.0.1")
                    .doesNotContain("angus.example");
        }
    }

    @Test
    void relaysALargeMessageAndDeliversTheSameOneHere() throws Exception {
        String message = Mail.large("both-ways", 10 << 20);
        try (ScriptedPeer next = ScriptedPeer.accepting();
                EhloProcess server = serve("127.0.0.1:" + next.port())) {
            submit(server, message, "user@localhost", "a@x.example");
            assertThat(Mail.withoutTrace(next.awaitMessage(PATIENCE).text(), "Received")
                            .equals(message))
                    .isTrue();
            String arrived = Mail.arrived(data, "user", 1).get(0);
            assertThat(Mail.withoutTrace(arrived, "Return-Path").equals(message))
                    .isTrue();
        }
    }

    @Test
    void triesADeferredRecipientAgainAndOnlyThatOne() throws Exception {
        Reply later = Reply.of(450, "4.2.1", "later");
        try (ScriptedPeer next = ScriptedPeer.builder()
                        .fault("RCPT TO:<busy@x.example>*", Fault.reply(later).once())
                        .start();
                EhloProcess server = serve("127.0.0.1:" + next.port())) {
            submit(server, Mail.awkward("deferred"), "idle@x.example", "busy@x.example");
            List<ReceivedMessage> messages = next.awaitMessages(2, PATIENCE);
            assertThat(messages.get(0).recipients()).containsExactly("idle@x.example");
            assertThat(messages.get(1).recipients()).containsExactly("busy@x.example");
        }
    }

    @Test
    void tellsTheSenderOfARecipientThatFailed() throws Exception {
        Reply never = Reply.of(550, "5.1.1", "no such mailbox");
        try (ScriptedPeer next = ScriptedPeer.builder().refuse("gone@*", never).start();
                EhloProcess server = serve("127.0.0.1:" + next.port())) {
            submit(server, Mail.awkward("bounced"), "gone@x.example", "there@x.example");
            String report = Mail.arrived(data, "user", 1).get(0);
            assertThat(report)
                    .startsWith("Return-Path: <>\r\n")
                    .contains("multipart/report")
                    .contains("Final-Recipient: rfc822; gone@x.example")
                    .contains("Status: 5.1.1")
                    .contains("no such mailbox")
                    .contains("Subject: bounced")
                    .doesNotContain("there@x.example");
            assertThat(next.awaitMessage(PATIENCE).recipients()).containsExactly("there@x.example");
        }
    }

    @Test
    void deliversAfterTheRestartWhatWasAcceptedJustBeforeAKill() throws Exception {
        String message = Mail.awkward("survivor");
        int nobodyListens = EhloProcess.freePort();
        try (EhloProcess server = serve("127.0.0.1:" + nobodyListens)) {
            submit(server, message, "a@x.example");
            server.kill();
        }
        try (ScriptedPeer next = ScriptedPeer.accepting();
                EhloProcess server = serve("127.0.0.1:" + next.port())) {
            assertThat(server.lines()).last().asString().startsWith("ready");
            ReceivedMessage received = next.awaitMessage(PATIENCE);
            assertThat(received.recipients()).containsExactly("a@x.example");
            assertThat(Mail.withoutTrace(received.text(), "Received")).isEqualTo(message);
        }
    }

    @Test
    void sendTellsWhatTheServerAnsweredForEachRecipient() throws Exception {
        try (EhloProcess server = serve("127.0.0.1:" + EhloProcess.freePort())) {
            String[] command = {
                "send",
                "-v",
                "--server",
                "localhost:" + server.port("submissions"),
                "--tls",
                "implicit",
                "--ca",
                data.resolve("tls/cert.pem").toString(),
                "--user",
                "user:secret",
                "--from",
                "user@localhost",
                "--to",
                "user@localhost",
                "--to",
                "nobody@localhost"
            };
            EhloProcess.Result result = EhloProcess.run(scratch, Mail.awkward("sent"), command);
            assertThat(result.exitCode()).as(result.all()).isEqualTo(1);
            assertThat(result.out().lines().toList())
                    .satisfiesExactly(
                            good -> assertThat(good).startsWith("user@localhost: relayed: 250 2.0.0 "),
                            bad -> assertThat(bad).startsWith("nobody@localhost: failed: 550 5.1.1 "));
            assertThat(result.err())
                    .contains("C: AUTH SCRAM-SHA-256")
                    .doesNotContain("AHVzZXIAc2VjcmV0")
                    .doesNotContain("secret");
            assertThat(Mail.arrived(data, "user", 1)).hasSize(1);

            String[] good = java.util.Arrays.copyOf(command, command.length - 2);
            assertThat(EhloProcess.run(scratch, Mail.awkward("sent"), good).exitCode())
                    .isZero();
        }
    }
}
