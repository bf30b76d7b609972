package dev.ehlo.smtp.mta.tlsrpt;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.client.TlsFailure;
import dev.ehlo.smtp.client.TlsReportAddresses;
import dev.ehlo.smtp.testkit.ManualClock;
import dev.ehlo.smtp.testkit.TestCertificate;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When reports are sent, and to whom. */
@Timeout(60)
class TlsReporterTest {
    private static final TestCertificate CERTIFICATE = TestCertificate.selfSigned("localhost");
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    private Path directory;

    private final ManualClock clock = new ManualClock();
    private final List<Envelope> mailed = new ArrayList<>();
    private final List<String> messages = new ArrayList<>();
    private final Queue<String> posted = new ConcurrentLinkedQueue<>();
    private Reply reply = Reply.of(250, "2.0.0", "queued");
    private int status = 201;
    private boolean isDnsDown;
    private String defectOf = "";
    private int lookUps;
    private Map<String, List<URI>> wanted = Map.of();
    private HttpsServer web;
    private TlsCounts counts;
    private TlsReporter reporter;

    @BeforeEach
    void start() throws Exception {
        web = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.setHttpsConfigurator(new HttpsConfigurator(CERTIFICATE.serverContext()));
        web.createContext("/", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            posted.add(exchange.getRequestMethod() + " "
                    + exchange.getRequestHeaders().getFirst("Content-Type") + " " + unzipped(body));
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        web.start();
        counts = TlsCounts.in(directory.resolve("counts"), clock);
        reporter = new TlsReporter(
                counts,
                "mx.example.org",
                Mailbox.parse("tls@example.org"),
                addresses(),
                this::open,
                HttpClient.newBuilder().sslContext(CERTIFICATE.clientContext()),
                clock,
                new Random(1));
    }

    @AfterEach
    void stop() throws Exception {
        reporter.close();
        web.stop(0);
    }

    private TlsReportAddresses addresses() {
        return domain -> {
            lookUps++;
            if (domain.equals(defectOf)) {
                throw new IllegalStateException("a defect");
            }
            return isDnsDown
                    ? CompletableFuture.failedFuture(new IOException("no answer"))
                    : CompletableFuture.completedFuture(wanted.getOrDefault(domain, List.of()));
        };
    }

    private static String unzipped(byte[] octets) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(octets))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private MessageSink open(Envelope envelope) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        return new MessageSink() {
            @Override
            public void write(ByteBuffer slice) {
                while (slice.hasRemaining()) {
                    content.write(slice.get());
                }
            }

            @Override
            public CompletionStage<Reply> complete() {
                if (reply.isPositive()) {
                    mailed.add(envelope);
                    messages.add(content.toString(StandardCharsets.US_ASCII));
                }
                return CompletableFuture.completedFuture(reply);
            }

            @Override
            public void abort() {
                throw new IllegalStateException("nobody gives up");
            }
        };
    }

    private void pass(Duration time) {
        clock.advance(time);
        reporter.lookOnce();
    }

    private String url() {
        return "https://localhost:" + web.getAddress().getPort() + "/tls";
    }

    @Test
    void eachDomainThatWantsOneGetsTheReportOfTheDayOnce() {
        wanted = Map.of("a.example", List.of(URI.create("mailto:rpt@r.example?subject=x"), URI.create(url())));
        counts.ended(TlsCountsTest.result("a.example", TlsFailure.CERTIFICATE_EXPIRED));
        counts.ended(TlsCountsTest.result("b.example", null));
        for (int hour = 0; hour < 23; hour++) {
            pass(Duration.ofHours(1));
        }
        assertThat(mailed).as("the day goes on").isEmpty();
        pass(Duration.ofHours(1).plus(TlsReporter.SPREAD));
        for (int hour = 0; hour < 40; hour++) {
            pass(Duration.ofHours(1));
        }

        assertThat(mailed).hasSize(1);
        assertThat(mailed.get(0).toString()).contains("tls@example.org", "rpt@r.example");
        assertThat(mailed.get(0).recipients().get(0).parameters().toString()).contains("NOTIFY=NEVER");
        assertThat(messages.get(0))
                .startsWith("From: <tls@example.org>\r\nTo: <rpt@r.example>\r\nDate: Fri, ")
                .contains("\r\nTLS-Required: No\r\n", "\r\nTLS-Report-Domain: a.example\r\n")
                .contains(
                        "\r\nSubject: Report Domain: a.example\r\n Submitter: mx.example.org\r\n Report-ID: <2026-01-01.a.example@mx.example.org>\r\n")
                .contains("filename=\"mx.example.org!a.example!1767225600!1767311999.json.gz\"");
        assertThat(posted)
                .singleElement()
                .asString()
                .startsWith("POST application/tlsrpt+gzip {\"organization-name\":");
        assertThat(lookUps).as("of two domains").isEqualTo(2);
    }

    @Test
    void whatCantBeSentIsTriedAgainAndWhatWasIsNot() {
        wanted = Map.of("a.example", List.of(URI.create("mailto:rpt@r.example"), URI.create(url())));
        counts.ended(TlsCountsTest.result("a.example", null));
        isDnsDown = true;
        pass(DAY.plus(TlsReporter.SPREAD));
        isDnsDown = false;
        status = 500;
        pass(TlsReporter.AGAIN);
        assertThat(mailed).hasSize(1);
        status = 200;
        pass(TlsReporter.AGAIN);
        pass(TlsReporter.AGAIN);
        assertThat(mailed).hasSize(1);
        assertThat(posted).hasSize(2);
        assertThat(counts.over()).isEmpty();
    }

    @Test
    void whatTheQueueHasNoRoomForWaits() {
        wanted = Map.of("a.example", List.of(URI.create("mailto:rpt@r.example")));
        counts.ended(TlsCountsTest.result("a.example", null));
        reply = Reply.of(452, "4.3.1", "full");
        pass(DAY.plus(TlsReporter.SPREAD));
        reply = Reply.of(250, "2.0.0", "queued");
        pass(TlsReporter.AGAIN);
        assertThat(mailed).hasSize(1);
    }

    @Test
    void givesUpAfterADay() {
        counts.ended(TlsCountsTest.result("a.example", null));
        isDnsDown = true;
        pass(DAY.plus(TlsReporter.SPREAD));
        pass(TlsReporter.AGAIN);
        assertThat(counts.over()).hasSize(1);
        pass(TlsReporter.PATIENCE);
        assertThat(counts.over()).isEmpty();
    }

    @Test
    void oneDomainThatCantBeReportedToHoldsUpNoOther() {
        wanted = Map.of(
                "a.example", List.of(URI.create("https://localhost:99999/"), URI.create(url())),
                "c.example", List.of(URI.create("mailto:rpt@c.example")));
        for (String domain : List.of("a.example", "b.example", "c.example")) {
            counts.ended(TlsCountsTest.result(domain, null));
        }
        defectOf = "b.example";
        pass(DAY.plus(TlsReporter.SPREAD));
        assertThat(mailed).hasSize(1);
        assertThat(posted).hasSize(1);
        pass(TlsReporter.PATIENCE);
        pass(TlsReporter.AGAIN);
        assertThat(mailed).hasSize(1);
        assertThat(posted).hasSize(1);
        assertThat(counts.over()).as("given up").isEmpty();
    }

    @Test
    void takesTheMailboxAsItIsWritten() {
        wanted = Map.of("a.example", List.of(URI.create("mailto:tls%3Frpt@r.example?subject=x%3Fy")));
        counts.ended(TlsCountsTest.result("a.example", null));
        pass(DAY.plus(TlsReporter.SPREAD));
        assertThat(mailed).singleElement().asString().contains("tls?rpt@r.example");
    }

    @Test
    void goesNowhereElseAndPassesOverWhatIsNoMailbox() {
        wanted = Map.of(
                "a.example",
                List.of(
                        URI.create("mailto:a%0D%0Ab@r.example"),
                        URI.create("mailto:@"),
                        URI.create("mailto:postmaster"),
                        URI.create("mailto:j%C3%B6rg@r.example")));
        counts.ended(TlsCountsTest.result("a.example", null));
        pass(DAY.plus(TlsReporter.SPREAD));
        assertThat(mailed).isEmpty();
        assertThat(counts.over()).isEmpty();
    }
}
