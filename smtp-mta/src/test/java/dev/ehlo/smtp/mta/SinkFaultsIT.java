package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.client.SmtpClient;
import dev.ehlo.smtp.queue.LanePolicy;
import dev.ehlo.smtp.queue.MailQueue;
import dev.ehlo.smtp.queue.QueueEvents;
import dev.ehlo.smtp.queue.QueueHealth;
import dev.ehlo.smtp.queue.QueueId;
import dev.ehlo.smtp.queue.QueueSelection;
import dev.ehlo.smtp.queue.RetrySchedule;
import dev.ehlo.smtp.queue.Spool;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Queue and client before Postfix's smtp-sink, which has one fault after the other, and none in the end. Nothing goes by
 * time: mail that was deferred, and a destination that is suspended, wait until the next fault has come.
 */
@Timeout(120)
class SinkFaultsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration LONG = Duration.ofHours(1);
    private static final int MESSAGES = 60;
    private static final int FAILURES = 10;
    /** What one fault of the host costs at most, whatever waits: a window that halves, then one after the other. */
    private static final int ATTEMPTS = FAILURES + 2 * LanePolicy.STANDARD.first();

    private static final Pattern RECIPIENT = Pattern.compile("X-Rcpt-Args: <(.*)@example\\.net>");

    @TempDir
    private Path scratch;

    private final Counts counts = new Counts();
    private final SmtpClient client =
            SmtpClient.builder().localName("client.example").build();

    private static final class Counts implements QueueEvents {
        final AtomicInteger attempts = new AtomicInteger();
        final AtomicInteger unknown = new AtomicInteger();
        volatile boolean suspended;

        @Override
        public void attempted(QueueId id, String lane, int attempt, Duration took, List<RecipientOutcome> outcomes) {
            attempts.incrementAndGet();
            if (outcomes.stream().anyMatch(o -> o.status() == DeliveryStatus.UNKNOWN)) {
                unknown.incrementAndGet();
            }
        }

        @Override
        public void laneSuspended(String lane, Instant until, Reply reply) {
            suspended = true;
        }

        @Override
        public void laneRestarted(String lane) {
            suspended = false;
        }
    }

    private Process sink(int port, Path dumps, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(Peers.installed("/usr/sbin/smtp-sink")));
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("-u", "root"));
        }
        command.addAll(List.of(options));
        command.addAll(List.of("-d", Files.createDirectory(dumps) + "/", "127.0.0.1:" + port, "100"));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("sink.out").toFile())
                .start();
        Peers.awaitListening(port);
        return process;
    }

    private static void end(Process sink) {
        sink.destroy();
        await().atMost(PATIENCE).until(() -> !sink.isAlive());
    }

    /** The recipients whose mail is there, once for each time it came. */
    private static List<String> arrived(Path dumps) throws IOException {
        List<String> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(dumps)) {
            for (Path each : files.toList()) {
                RECIPIENT
                        .matcher(Files.readString(each, StandardCharsets.ISO_8859_1))
                        .results()
                        .forEach(r -> all.add(r.group(1)));
            }
        }
        return all;
    }

    private void fill(MailQueue queue) throws IOException {
        for (int i = 0; i < MESSAGES; i++) {
            MessageSink sink =
                    queue.open(Envelope.from("a@example.org").to("b" + i + "@example.net", "c" + i + "@example.net"));
            sink.write(ByteBuffer.wrap("Subject: one of many\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            assertThat(sink.complete().toCompletableFuture().join().code()).isEqualTo(250);
        }
    }

    /** Has all that waits tried; answers how many attempts that was, once nothing is left to be tried. */
    private int tryAll(MailQueue queue) {
        int before = counts.attempts.get();
        queue.retry(QueueSelection.EVERYTHING).toCompletableFuture().join();
        await().atMost(PATIENCE).until(() -> {
            QueueHealth health = queue.health();
            return counts.attempts.get() > before
                    && health.attempts() == 0
                    && (health.ready() == 0 || counts.suspended);
        });
        return counts.attempts.get() - before;
    }

    @Test
    void losesNothingAndTriesLittleWhateverTheHostDoes() throws Exception {
        int port = EhloProcess.freePort();
        try (client;
                MailQueue queue = MailQueue.builder()
                        .spool(Spool.memory())
                        .agent(client.to(Smarthost.relay("127.0.0.1", port).tls(TlsMode.NONE)))
                        .policies(lane -> LanePolicy.STANDARD
                                .suspension(FAILURES, LONG, LONG)
                                .ramp(Duration.ofMillis(100)))
                        .retry(RetrySchedule.parse("1h"))
                        .events(counts)
                        .held()
                        .start()) {
            fill(queue);
            queue.release();
            int number = 0;
            for (String fault : List.of(
                    "-Q CONNECT",
                    "-q CONNECT",
                    "-r RCPT",
                    "-Q MAIL",
                    "-r .",
                    "-q DATA",
                    "-r MAIL",
                    "-q .",
                    "-Q RCPT")) {
                Path dumps = scratch.resolve("dumps" + number++);
                int unknown = counts.unknown.get();
                Process sink = sink(port, dumps, fault.split(" "));
                int attempts = tryAll(queue);
                end(sink);
                assertThat(attempts).as(fault).isLessThanOrEqualTo(fault.startsWith("-r") ? MESSAGES : ATTEMPTS);
                if (!fault.equals("-r .")) { // of which it keeps what it refused
                    assertThat(arrived(dumps))
                            .as("%s: only what ended without a reply may arrive again", fault)
                            .hasSizeLessThanOrEqualTo(2 * (counts.unknown.get() - unknown));
                }
                assertThat(queue.health().messages()).isEqualTo(MESSAGES);
            }
            Path dumps = scratch.resolve("dumps");
            Process sink = sink(port, dumps, "-m", "3");
            int attempts = tryAll(queue);
            await().atMost(PATIENCE).until(() -> queue.health().messages() == 0);
            end(sink);
            assertThat(arrived(dumps))
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, MESSAGES)
                            .boxed()
                            .flatMap(i -> Stream.of("b" + i, "c" + i))
                            .toList());
            assertThat(attempts).isEqualTo(MESSAGES);
        }
    }
}
