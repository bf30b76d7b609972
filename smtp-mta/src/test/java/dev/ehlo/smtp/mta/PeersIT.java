package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Peers from packages: curl and swaks submit, Postfix's smtp-source sends, its smtp-sink receives what the queue relays.
 * A peer that is not installed is passed over, unless EHLO_PEERS=required, as in CI.
 */
class PeersIT {
    /** smtp-source ends what it reads from a file with an empty line, and smtp-sink what it writes to one with another. */
    private static final String END_OF_DUMP = "\n\n";

    @TempDir
    private Path scratch;

    @Test
    void theLinesToPasteSendAMessageEach() throws Exception {
        Peers.installed("/usr/bin/curl");
        Path data = scratch.resolve("data");
        try (EhloProcess server = EhloProcess.serve(data)) {
            List<String> lines = server.lines().stream()
                    .filter(l -> l.startsWith("  printf"))
                    .toList();
            assertThat(lines).hasSize(2);
            for (String line : lines) {
                String command = line.replace("./ehlo", EhloProcess.SCRIPT.toString());
                EhloProcess.Result result = EhloProcess.exec(scratch, "", Map.of(), List.of("sh", "-c", command));
                assertThat(result.exitCode()).as(line + "\n" + result.all()).isZero();
            }
            assertThat(Mail.arrived(data, "user", 2))
                    .allMatch(m -> m.contains("Subject: hello\r\n"))
                    .allMatch(m -> m.endsWith("It works.\r\n"));
        }
    }

    @Test
    void swaksSubmitsInEveryRole() throws Exception {
        String swaks = Peers.installed("/usr/bin/swaks");
        Path data = scratch.resolve("data");
        try (EhloProcess server = EhloProcess.serve(data)) {
            for (String profile : List.of("submission", "submissions", "alternate")) {
                List<String> command = new ArrayList<>(List.of(
                        swaks,
                        "--server",
                        "127.0.0.1",
                        "--port",
                        String.valueOf(server.port(profile)),
                        "--auth",
                        "LOGIN",
                        "--auth-user",
                        "user",
                        "--auth-password",
                        server.password(),
                        "--from",
                        "user@localhost",
                        "--to",
                        "user@localhost",
                        profile.equals("submissions") ? "--tls-on-connect" : "--tls"));
                EhloProcess.Result result = EhloProcess.exec(scratch, "", Map.of(), command);
                assertThat(result.exitCode()).as(result.all()).isZero();
            }
            assertThat(Mail.arrived(data, "user", 3)).allMatch(m -> m.contains("This is a test mailing"));
        }
    }

    @Test
    void relaysFromSmtpSourceToSmtpSinkOctetForOctet() throws Exception {
        String source = Peers.installed("/usr/sbin/smtp-source");
        String sink = Peers.installed("/usr/sbin/smtp-sink");
        int sinkPort = EhloProcess.freePort();
        Path dumps = Files.createDirectory(scratch.resolve("dumps"));
        List<String> command = new ArrayList<>(List.of(sink, "-d", dumps + "/", "127.0.0.1:" + sinkPort, "100"));
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(1, List.of("-u", "root"));
        }
        // smtp-source reads lines and smtp-sink writes lines, so the ends of lines are theirs; all else is ours to
        // keep.
        String message = Mail.awkward("through-postfix").replace("\r\n", "\n");
        Path file = scratch.resolve("message");
        Files.writeString(file, message, StandardCharsets.ISO_8859_1);
        Process receiving = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("sink.log").toFile())
                .start();
        try (EhloProcess server = EhloProcess.serve(
                scratch.resolve("data"),
                "--smarthost",
                "127.0.0.1:" + sinkPort,
                "--relay-from",
                "127.0.0.0/8",
                "--retry",
                "1s")) {
            Peers.awaitListening(sinkPort);
            EhloProcess.Result result = EhloProcess.exec(
                    scratch,
                    "",
                    Map.of(),
                    List.of(
                            source,
                            "-s",
                            "5",
                            "-m",
                            "50",
                            "-F",
                            file.toString(),
                            "-f",
                            "a@example.org",
                            "-t",
                            "b@example.net",
                            "127.0.0.1:" + server.port("mx")));
            assertThat(result.exitCode()).as(result.all()).isZero();
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(dumped(dumps))
                            .hasSize(50)
                            .allMatch(dump ->
                                    dump.contains("X-Mail-Args: <a@example.org>") && dump.contains("<b@example.net>"))
                            .allMatch(dump -> dump.endsWith("\n" + message + END_OF_DUMP)));
            assertThat(server.stop()).isZero();
        } finally {
            receiving.destroy();
            receiving.waitFor();
        }
    }

    /** smtp-sink writes each message, with lines of its own in front, to a file. */
    private static List<String> dumped(Path dumps) throws Exception {
        List<String> messages = new ArrayList<>();
        try (Stream<Path> files = Files.list(dumps)) {
            for (Path file : files.toList()) {
                messages.add(Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        return messages;
    }
}
