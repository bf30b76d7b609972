package dev.ehlo.smtp.mta.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Latencies;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.queue.QueueCounts;
import dev.ehlo.smtp.queue.QueueDepth;
import dev.ehlo.smtp.queue.QueueHealth;
import dev.ehlo.smtp.queue.SpoolCounts;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.ServerMetrics;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.TransactionSummary;
import dev.ehlo.smtp.tls.LoopHealth;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetricsPortTest {
    private final Latencies none = new Latencies();
    private final Latencies taken = new Latencies();
    private final ServerMetrics server = new ServerMetrics();
    private final QueueDepth depth = new QueueDepth(
            Instant.EPOCH,
            Map.of(),
            List.of(new QueueDepth.Age(Duration.ofMinutes(5), 4), new QueueDepth.Age(null, 2)),
            List.of());
    private MetricsPort port;

    @BeforeEach
    void listen() throws IOException {
        port = MetricsPort.listen(
                0,
                new MailMetrics(
                        server,
                        () -> new QueueHealth("the disk is full", true, 7, 3, 2, 1),
                        () -> new QueueCounts.Snapshot(
                                9, 8, 7, 6, 5, 4, 3, none.snapshot(), none.snapshot(), taken.snapshot()),
                        new QueueAges(() -> CompletableFuture.completedFuture(depth), 10_000),
                        () -> new SpoolCounts(11, 5),
                        () -> List.of(new LoopHealth("smtp-server-0", 9, 1_250_000_000L, 3_000_000, 4, 2))));
    }

    @AfterEach
    void close() {
        port.close();
    }

    /** By a socket, as the JDK's client lets nobody say another host. */
    private String answer(String method, String path, String host) throws IOException {
        try (Socket socket =
                new Socket(port.address().getAddress(), port.address().getPort())) {
            socket.setSoTimeout(20_000);
            String request = method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void tellsWhatAStrictReaderUnderstands() throws IOException {
        SessionInfo session = SessionInfo.of(
                "id1",
                new InetSocketAddress("192.0.2.7", 4007),
                new InetSocketAddress("192.0.2.1", 25),
                "mx",
                client -> CompletableFuture.completedFuture(Optional.empty()));
        Reply reply = Reply.of(250, "2.0.0", "queued as 1");
        server.connected(session);
        server.replied(session, reply);
        server.limited(session, Refusal.RELAYING);
        server.transaction(new TransactionSummary(
                session, 1, ReversePath.NULL, 2, 1, 1234, 3_000_000, TransactionSummary.Outcome.ACCEPTED, reply));
        String answer = answer("GET", "/metrics", "127.0.0.1:9464");
        assertThat(answer)
                .startsWith("HTTP/1.1 200 ")
                .containsIgnoringCase(
                        "\r\nContent-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n");
        Map<String, Double> samples = OpenMetricsReader.read(answer.substring(answer.indexOf("\r\n\r\n") + 4));
        assertThat(samples)
                .containsEntry("ehlo_sessions_total", 1.0)
                .containsEntry("ehlo_sessions_open", 1.0)
                .containsEntry("ehlo_replies_total{code=\"250\"}", 1.0)
                .containsEntry("ehlo_limits_met_total{reason=\"relaying\"}", 1.0)
                .containsEntry("ehlo_limits_met_total{reason=\"timeout\"}", 0.0)
                .containsEntry("ehlo_transactions_total{outcome=\"accepted\"}", 1.0)
                .containsEntry("ehlo_recipients_total{answer=\"taken\"}", 2.0)
                .containsEntry("ehlo_content_bytes_total", 1234.0)
                .containsEntry("ehlo_transaction_seconds_bucket{le=\"0.002\"}", 0.0)
                .containsEntry("ehlo_transaction_seconds_bucket{le=\"0.005\"}", 1.0)
                .containsEntry("ehlo_transaction_seconds_sum", 0.003)
                .containsEntry("ehlo_queue_sound", 0.0)
                .containsEntry("ehlo_queue_held", 1.0)
                .containsEntry("ehlo_queue_deliveries{state=\"deferred\"}", 3.0)
                .containsEntry("ehlo_queue_deliveries_by_age{below=\"300\"}", 4.0)
                .containsEntry("ehlo_queue_deliveries_by_age{below=\"+Inf\"}", 2.0)
                .containsEntry("ehlo_spool_syncs_total", 5.0)
                .containsEntry("ehlo_loop_busy_seconds_total{loop=\"smtp-server-0\"}", 1.25);
    }

    @Test
    void doesWithoutTheAgesOfAQueueThatDoesNotAnswerAndAsksItOnceOnly() {
        AtomicInteger asked = new AtomicInteger();
        CompletableFuture<QueueDepth> slow = new CompletableFuture<>();
        QueueAges ages = new QueueAges(
                () -> {
                    asked.incrementAndGet();
                    return slow;
                },
                1);

        assertThat(ages.get()).isEmpty();
        assertThat(ages.get()).isEmpty();
        assertThat(asked).hasValue(1);
        slow.complete(depth);
        assertThat(ages.get()).isEqualTo(depth.ages());
        assertThat(new QueueAges(() -> CompletableFuture.failedFuture(new IOException("closed")), 10_000).get())
                .isEmpty();
    }

    @Test
    void answersNothingElseAndNobodyWhoAsksForAnotherHost() throws IOException {
        assertThat(answer("GET", "/", "localhost")).startsWith("HTTP/1.1 404 ");
        assertThat(answer("POST", "/metrics", "localhost")).startsWith("HTTP/1.1 405 ");
        assertThat(answer("HEAD", "/metrics", "[::1]:1"))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("\r\n\r\n");
        assertThat(answer("GET", "/metrics", "rebound.example:9464"))
                .startsWith("HTTP/1.1 421 ")
                .doesNotContain("ehlo_");
    }

    @Test
    void listensOnTheLoopbackInterfaceAlone() {
        assertThat(port.address().getAddress().isLoopbackAddress()).isTrue();
    }
}
