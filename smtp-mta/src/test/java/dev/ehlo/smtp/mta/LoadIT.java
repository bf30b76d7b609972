package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.SmtpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./ehlo load} against servers of ours and Postfix's smtp-sink. */
class LoadIT {
    @TempDir
    private Path scratch;

    private EhloProcess sink() throws Exception {
        return EhloProcess.start(
                List.of(EhloProcess.SCRIPT.toString(), "sink", "--port", "0"), scratch.resolve("sink.log"));
    }

    private static String address(EhloProcess sink) {
        return sink.lines().get(0).replace("ready: sink on ", "");
    }

    private EhloProcess.Result load(String server, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of("load", server));
        words.addAll(List.of(options));
        return EhloProcess.run(scratch, "", words.toArray(String[]::new));
    }

    @Test
    void tellsHowLongItTook() throws Exception {
        try (EhloProcess sink = sink()) {
            EhloProcess.Result result = load(
                    address(sink), "--messages", "500", "--connections", "5", "--in-flight", "20", "--recipients", "3");
            assertThat(result.exitCode()).as(result.all()).isZero();
            assertThat(result.out())
                    .contains("messages     500, 500 relayed, in ")
                    .contains("relayed      1500 recipients\n             250 2.0.0 Taken and discarded\n")
                    .contains("time         p50 ");
            assertThat(result.err()).isEmpty();
        }
    }

    @Test
    void findsASinkThatTakesMoreConnectionsAMinuteThanAServerWould() throws Exception {
        try (EhloProcess sink = sink()) {
            EhloProcess.Result result =
                    load(address(sink), "--messages", "1300", "--per-connection", "1", "--size", "1k");
            assertThat(result.exitCode()).as(result.all()).isZero();
        }
    }

    @Test
    void keepsToARateAndTellsItAsJson() throws Exception {
        try (EhloProcess sink = sink()) {
            EhloProcess.Result result = load(
                    address(sink),
                    "--messages",
                    "100",
                    "--rate",
                    "200",
                    "--per-connection",
                    "1",
                    "--size",
                    "1k",
                    "--json");
            assertThat(result.exitCode()).as(result.all()).isZero();
            assertThat(result.out())
                    .matches("\\{\"messages\":100,\"relayed\":100,\"octets\":1024,\"seconds\":[0-9.]+,.*"
                            + "\"recipients\":\\{\"relayed\":100},\"replies\":\\{\"relayed\":\\[\"250 .*\"]},"
                            + "\"behind\":0,\"interrupted\":false}\n");
            double seconds = Double.parseDouble(result.out().replaceAll(".*\"seconds\":([0-9.]+).*\n", "$1"));
            assertThat(seconds).as("the last is due after 99 intervals").isGreaterThanOrEqualTo(0.495);
        }
    }

    @Test
    void logsInUnderTlsAndTellsWhatWasRefused() throws Exception {
        Path data = scratch.resolve("data");
        try (EhloProcess server = EhloProcess.serve(data)) {
            Path password = scratch.resolve("password");
            Files.writeString(password, server.password() + "\n");
            String[] login = {
                "--messages",
                "20",
                "--tls",
                "starttls",
                "--ca",
                data.resolve("tls/cert.pem").toString(),
                "--user",
                "user",
                "--password-file",
                password.toString(),
                "--from",
                "user@localhost",
                "--to",
                "user@localhost"
            };
            EhloProcess.Result taken = load("localhost:" + server.port("submission"), login);
            assertThat(taken.exitCode()).as(taken.all()).isZero();
            Mail.arrived(data, "user", 20);

            EhloProcess.Result refused =
                    load("localhost:" + server.port("mx"), "--messages", "20", "--to", "nobody@localhost");
            assertThat(refused.exitCode()).as(refused.all()).isEqualTo(Ehlo.NOT_ALL_ACCEPTED);
            assertThat(refused.out())
                    .contains("messages     20, 0 relayed")
                    .containsPattern("failed       20 recipients\n             550 5.1.1 ");
        }
    }

    @Test
    void endsByASignalWithAReport() throws Exception {
        CountDownLatch ten = new CountDownLatch(10);
        Path out = scratch.resolve("out");
        try (SmtpServer server = counting(ten)) {
            Process load = new ProcessBuilder(
                            EhloProcess.SCRIPT.toString(),
                            "load",
                            "127.0.0.1:" + server.address("mx").getPort(),
                            "--duration",
                            "10m")
                    .redirectOutput(out.toFile())
                    .redirectErrorStream(true)
                    .start();
            try {
                assertThat(ten.await(60, TimeUnit.SECONDS)).isTrue();
                EhloProcess.exec(scratch, "", Map.of(), List.of("kill", "-TERM", String.valueOf(load.pid())));
                assertThat(load.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(load.exitValue()).as("128 and SIGTERM").isEqualTo(143);
                assertThat(Files.readString(out))
                        .containsPattern("^messages     [1-9][0-9]*, 0 relayed, in ")
                        .containsPattern("\ninterrupted .*\n$");
            } finally {
                load.destroyForcibly();
            }
        }
    }

    private static SmtpServer counting(CountDownLatch messages) throws Exception {
        return SmtpServer.builder()
                .hostname("localhost")
                .handler((session, envelope) -> {
                    messages.countDown();
                    return MessageSink.refusing(Reply.of(554, "5.7.1", "Not wanted"));
                })
                .listen(Profile.mx()
                        .at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .anyRecipient())
                .start();
    }

    @Test
    void sendsToSmtpSink() throws Exception {
        String sink = Peers.installed("/usr/sbin/smtp-sink");
        int port = EhloProcess.freePort();
        List<String> command = new ArrayList<>(List.of(sink, "127.0.0.1:" + port, "100"));
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(1, List.of("-u", "root"));
        }
        Process receiving = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("sink.log").toFile())
                .start();
        try {
            Peers.awaitListening(port);
            EhloProcess.Result result =
                    load("127.0.0.1:" + port, "--messages", "200", "--size", "100k", "--per-connection", "3");
            assertThat(result.exitCode()).as(result.all()).isZero();
            assertThat(result.out()).contains("messages     200, 200 relayed").contains("relayed      200 recipients");
        } finally {
            receiving.destroy();
            receiving.waitFor();
        }
    }
}
