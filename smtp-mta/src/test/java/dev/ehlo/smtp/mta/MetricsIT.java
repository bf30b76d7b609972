package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The figures of a running server, read by Prometheus's own library for Python, which is strict about the format. */
@Timeout(120)
class MetricsIT {
    /** A line for each sample. */
    private static final String READER = """
            import sys
            from prometheus_client.openmetrics.parser import text_string_to_metric_families
            for family in text_string_to_metric_families(sys.stdin.read()):
                for sample in family.samples:
                    labels = ",".join(name + "=" + value for name, value in sample.labels.items())
                    print(family.type, sample.name, labels or "-", sample.value)
            """;

    @TempDir
    private Path scratch;

    @Test
    void areUnderstoodByAReaderThatIsStrict() throws Exception {
        String python = Peers.installed("/usr/bin/python3");
        Peers.present(Path.of("/usr/lib/python3/dist-packages/prometheus_client/openmetrics/parser.py"));
        ServerOptions options = CommandLine.populateCommand(
                new ServerOptions(),
                "--data",
                scratch.resolve("data").toString(),
                "--hold",
                "--port",
                "mx=0",
                "--port",
                "submission=off",
                "--port",
                "submissions=off",
                "--port",
                "alternate=off");
        Settings settings = options.settings();
        String text;
        try (MailServer server = MailServer.start(settings, Clock.systemUTC())) {
            server.users().add("user", "a password of his");
            server.tellMetrics(0);
            new AngusClient(server.addresses(settings).get("mx").getPort(), AngusClient.Tls.NONE)
                    .send(null, null, "a@example.org", Mail.empty("counted"), "user@localhost");
            int port = server.metricsAddress().orElseThrow().getPort();
            text = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
        EhloProcess.Result read = EhloProcess.exec(scratch, text, Map.of(), List.of(python, "-c", READER));

        assertThat(read.exitCode()).as(read.all()).isZero();
        assertThat(read.out().lines())
                .contains(
                        "counter ehlo_transactions_total outcome=accepted 1",
                        "gauge ehlo_queue_messages - 1",
                        "gauge ehlo_queue_held - 1",
                        "gauge ehlo_queue_deliveries_by_age below=60 1",
                        "gauge ehlo_queue_deliveries_by_age below=+Inf 0",
                        "histogram ehlo_transaction_seconds_count - 1");
        assertThat(read.out().lines().filter(line -> line.contains("_by_age "))).hasSize(8);
        // Nothing is lost on the way: a line that is no comment is a sample.
        assertThat(read.out().lines().count())
                .isEqualTo(text.lines().filter(line -> !line.startsWith("#")).count());
    }
}
