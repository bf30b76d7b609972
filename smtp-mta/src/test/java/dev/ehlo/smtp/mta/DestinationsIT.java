package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ehlo.smtp.Rate;
import dev.ehlo.smtp.queue.LanePolicy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What a postmaster tells {@code ehlo serve} of destinations, before hosts that see what comes of it. */
@Timeout(120)
class DestinationsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path scratch;

    private Settings settings(String... options) throws Failure {
        List<String> all =
                new ArrayList<>(List.of("--data", scratch.resolve("data").toString()));
        for (String profile : List.of("submission", "submissions", "alternate")) {
            all.addAll(List.of("--port", profile + "=off"));
        }
        all.addAll(List.of("--port", "mx=0", "--relay-from", "127.0.0.0/8"));
        all.addAll(List.of(options));
        return CommandLine.populateCommand(new ServerOptions(), all.toArray(String[]::new))
                .settings();
    }

    private static void send(MailServer server, Settings settings, String subject, String... to) throws Exception {
        new AngusClient(server.addresses(settings).get("mx").getPort(), AngusClient.Tls.NONE)
                .send(null, null, "user@localhost", Mail.empty(subject), to);
    }

    @Test
    void keepsToTheWindowAndTheRecipientsOfATransaction() throws Exception {
        try (ThrottlingHost host = new ThrottlingHost(100, 2)) {
            Settings settings = settings(
                    "--smarthost",
                    "127.0.0.1:" + host.port(),
                    "--destination-window",
                    "2",
                    "--destination-recipients",
                    "3");
            try (MailServer server = MailServer.start(settings, Clock.systemUTC())) {
                String[] thirteen = IntStream.range(0, 13)
                        .mapToObj(i -> "b" + i + "@example.net")
                        .toArray(String[]::new);
                send(server, settings, "windows", thirteen);
                for (int left = 5; left > 0; left -= 2) {
                    int most = Math.min(2, left);
                    await().atMost(PATIENCE).until(() -> host.held() == most);
                    assertThat(host.take()).isEqualTo(most);
                }
                assertThat(host.taken()).as("transactions").isEqualTo(5);
                assertThat(host.refused()).as("those beyond the window").isZero();
            }
        }
    }

    @Test
    void keepsToThemOutsideOfASmarthostToo() throws Exception {
        Settings settings = settings("--destination-window", "3", "--destination-rate", "60/m");

        assertThat(settings.destinations())
                .isEqualTo(LanePolicy.STANDARD.window(3, 1, 3).rates(Rate.perMinute(60), Rate.UNLIMITED));
        assertThat(settings().destinations()).isEqualTo(LanePolicy.STANDARD);
        assertThat(settings().suppressAfter()).isEmpty();
    }

    @Test
    void suppressesAMailboxThatAHostDoesNotKnow() throws Exception {
        String sink = Peers.installed("/usr/sbin/smtp-sink");
        int port = EhloProcess.freePort();
        List<String> command = new ArrayList<>(
                List.of(sink, "-f", "RCPT", "-B", "550 5.1.1 no such mailbox", "127.0.0.1:" + port, "100"));
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(1, List.of("-u", "root"));
        }
        Process receiving = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("sink.log").toFile())
                .start();
        Settings settings = settings("--smarthost", "127.0.0.1:" + port, "--suppress-after", "2/d");
        try (MailServer server = MailServer.start(settings, Clock.systemUTC())) {
            Peers.awaitListening(port);
            server.users().add("user", "a password of his");
            for (int i = 1; i <= 3; i++) {
                send(server, settings, "try" + i, "gone@example.net");
                assertThat(Mail.arrived(settings.data().path(), "user", i)).hasSize(i);
            }
            List<String> returned = Mail.arrived(settings.data().path(), "user", 3);
            assertThat(returned.stream()
                            .filter(each -> each.contains("Host 127.0.0.1 said:\r\n    550 5.1.1 no such mailbox")))
                    .hasSize(2);
            assertThat(returned.stream().filter(each -> each.contains("gone@example.net is suppressed here")))
                    .hasSize(1);
        } finally {
            receiving.destroy();
            receiving.waitFor();
        }
    }
}
