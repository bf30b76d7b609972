package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.mta.metrics.OpenMetricsReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line of {@code ./ehlo serve}, as a user meets it. */
class ServeIT {
    @TempDir
    private Path scratch;

    @Test
    void saysOnTheFirstStartAllThatOneNeedsToSendAMessage() throws Exception {
        Path data = Files.createDirectory(scratch.resolve("data"));
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (EhloProcess server = EhloProcess.serve(data)) {
            assertThat(server.lines()).last().asString().isEqualTo("ready: mx submission submissions alternate");
            for (String part : List.of("mail", "spool", "tls")) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve(part))))
                        .as("%s is for its owner alone", part)
                        .isEqualTo("rwx------");
            }
            assertThat(server.lines()).anyMatch(l -> l.startsWith("data ") && l.endsWith(data.toString()));
            assertThat(server.lines()).anyMatch(l -> l.startsWith("certificate ") && l.contains("SHA-256"));
            assertThat(server.lines()).anyMatch(l -> l.contains(" | curl ") && l.contains(server.password()));
            assertThat(server.lines()).anyMatch(l -> l.contains(" | ./ehlo send ") && l.contains(server.password()));
            assertThat(Files.readString(data.resolve("users")))
                    .startsWith("user:{SCRAM-SHA-256}")
                    .doesNotContain(server.password());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("users"))))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("tls/key.pem"))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void showsThePasswordOnceAndKeepsTheCertificate() throws Exception {
        Path data = scratch.resolve("data");
        String certificate;
        try (EhloProcess first = EhloProcess.serve(data)) {
            certificate = lineOf(first, "certificate");
            assertThat(first.stop()).isZero();
        }
        try (EhloProcess second = EhloProcess.serve(data)) {
            assertThat(second.lines()).noneMatch(l -> l.startsWith("login "));
            assertThat(lineOf(second, "certificate")).isEqualTo(certificate);
        }
    }

    private static String lineOf(EhloProcess server, String name) {
        return server.lines().stream()
                .filter(l -> l.startsWith(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void endsWithZeroOnSigtermAndTheScriptIsTheJvm() throws Exception {
        try (EhloProcess server = EhloProcess.serve(scratch.resolve("data"))) {
            String command = ProcessHandle.of(server.pid())
                    .orElseThrow()
                    .info()
                    .command()
                    .orElseThrow();
            assertThat(command).endsWith("java");
            assertThat(server.stop()).isZero();
        }
    }

    @Test
    void tellsFiguresWhereItSays() throws Exception {
        try (EhloProcess server = EhloProcess.serve(scratch.resolve("data"), "--metrics", "0")) {
            String url = lineOf(server, "metrics").replaceFirst("^metrics +", "");
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(OpenMetricsReader.read(answer.body()))
                    .containsEntry("ehlo_queue_sound", 1.0)
                    .containsEntry("ehlo_sessions_total", 0.0);
        }
    }

    @Test
    void leavesOutAProfileThatIsOff() throws Exception {
        try (EhloProcess server =
                EhloProcess.serve(scratch.resolve("data"), "--port", "alternate=off", "--port", "mx=off")) {
            assertThat(server.lines()).last().asString().isEqualTo("ready: submission submissions");
        }
    }

    @Test
    void saysInOneLineThatAPortIsInUse() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String data = scratch.resolve("data").toString();
            assertUnusable("" + taken.getLocalPort(), "serve", "--data", data, "--port", "mx=" + taken.getLocalPort());
        }
    }

    @Test
    void refusesASecondServerOnTheSameData() throws Exception {
        Path data = scratch.resolve("data");
        try (EhloProcess first = EhloProcess.serve(data)) {
            assertThat(first.pid()).isPositive();
            assertUnusable(
                    "in use",
                    "serve",
                    "--data",
                    data.toString(),
                    "--port",
                    "mx=0",
                    "--port",
                    "submission=0",
                    "--port",
                    "submissions=0",
                    "--port",
                    "alternate=0");
        }
    }

    private void assertUnusable(String reason, String... arguments) throws Exception {
        EhloProcess.Result result = EhloProcess.run(scratch, "", arguments);
        assertThat(result.exitCode()).as(result.all()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().lines().toList()).as("one line").hasSize(1);
        assertThat(result.err()).startsWith("ehlo: ").contains(reason);
    }
}
