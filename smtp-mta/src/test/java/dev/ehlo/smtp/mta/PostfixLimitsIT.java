package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.client.SmtpClient;
import dev.ehlo.smtp.queue.LanePolicy;
import dev.ehlo.smtp.queue.MailQueue;
import dev.ehlo.smtp.queue.ReplyRule;
import dev.ehlo.smtp.queue.RetrySchedule;
import dev.ehlo.smtp.queue.Spool;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queue and client before a Postfix that limits its clients: all mail arrives, once, and few are turned away for it. */
@Timeout(120)
class PostfixLimitsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** After which no more come, if they have not. */
    private static final long STILL_NANOS = 1_000_000_000;

    private static final int CONNECTIONS = 6;
    private static final Pattern SENT = Pattern.compile("to=<(b[0-9]+)@example\\.net>, .*status=sent");

    @TempDir
    private Path scratch;

    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private List<Integer> state = List.of();
    private long since;

    private PostfixProcess postfix(int port, String limits) throws Exception {
        String main = """
                smtpd_client_event_limit_exceptions =
                default_transport = discard
                """ + limits + "\n";
        String services = """
                discard unix - - n - - discard
                127.0.0.1:%d inet n - n - - smtpd
                """.formatted(port);
        return new PostfixProcess(scratch, main, services, List.of(port));
    }

    private DeliveryAgent counted(DeliveryAgent agent) {
        return (envelope, content) -> {
            begun.incrementAndGet();
            CompletableFuture<DeliveryReport> report = agent.deliver(envelope, content);
            CompletionStage<DeliveryReport> stage = report;
            stage.whenComplete((done, failure) -> {
                ended.incrementAndGet();
            });
            return report;
        };
    }

    private MailQueue queue(SmtpClient client, int port, LanePolicy policy) throws IOException {
        Smarthost next = Smarthost.relay("127.0.0.1", port).tls(TlsMode.NONE);
        return MailQueue.builder()
                .spool(Spool.memory())
                .agent(counted(client.to(next)))
                .policies(lane -> policy)
                .retry(RetrySchedule.parse("1s"))
                .held()
                .start();
    }

    private static void fill(MailQueue queue, int messages) throws IOException {
        for (int i = 0; i < messages; i++) {
            MessageSink sink = queue.open(Envelope.from("a@example.org").to("b" + i + "@example.net"));
            sink.write(ByteBuffer.wrap("Subject: one of many\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            assertThat(sink.complete().toCompletableFuture().join().code()).isEqualTo(250);
        }
    }

    /** Each has gone on from the Postfix, once. */
    private static void assertArrived(PostfixProcess postfix, int messages) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(sent(postfix)).hasSizeGreaterThanOrEqualTo(messages));
        try {
            assertThat(sent(postfix))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, messages).mapToObj(i -> "b" + i).toList());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> sent(PostfixProcess postfix) throws IOException {
        return SENT.matcher(postfix.log()).results().map(r -> r.group(1)).toList();
    }

    private static int count(PostfixProcess postfix, String words) throws IOException {
        Matcher matcher = Pattern.compile(Pattern.quote(words)).matcher(postfix.log());
        return (int) matcher.results().count();
    }

    @Test
    void makesUseOfAllTheConnectionsThatItAllows() throws Exception {
        int messages = 200;
        int settled = 50;
        int port = EhloProcess.freePort();
        try (EndOfMessage end = new EndOfMessage();
                PostfixProcess postfix = postfix(port, """
                        smtpd_client_connection_count_limit = %d
                        smtpd_end_of_data_restrictions = check_policy_service inet:127.0.0.1:%d
                        """.formatted(CONNECTIONS, end.port()));
                SmtpClient client =
                        SmtpClient.builder().localName("client.example").build();
                MailQueue queue = queue(client, port, LanePolicy.STANDARD)) {
            fill(queue, messages);
            queue.release();
            int rounds = 0;
            int taken = 0;
            while (end.taken() < messages) {
                await().pollInSameThread()
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(1))
                        .atMost(PATIENCE)
                        .until(() -> isFull(end, messages));
                boolean counts = end.taken() >= settled && messages - end.taken() > 2 * CONNECTIONS;
                int now = end.take();
                rounds += counts ? 1 : 0;
                taken += counts ? now : 0;
            }
            assertThat((double) taken / rounds).as("at a time").isGreaterThanOrEqualTo(0.9 * CONNECTIONS);
            await().atMost(PATIENCE).until(() -> queue.health().messages() == 0);
            assertArrived(postfix, messages);
            int turnedAway = count(postfix, "Connection concurrency limit exceeded");
            assertThat(turnedAway).as("connections turned away").isLessThan(messages / 20);
            assertThat(begun.get()).as("attempts").isLessThan(messages + messages / 20);
        }
    }

    /** As many are held as may come; or the last ones, or for a long time no more. */
    private boolean isFull(EndOfMessage end, int messages) {
        int held = end.held();
        if (held == CONNECTIONS || end.taken() + held == messages) {
            return true;
        }
        List<Integer> now = List.of(held, begun.get(), ended.get());
        if (!now.equals(state)) {
            state = now;
            since = System.nanoTime();
        }
        return held > 0 && System.nanoTime() - since > STILL_NANOS;
    }

    /**
     * Who hears that it is too much goes slower, and then probes by one attempt at a time, however many wait. To MAIL that
     * is understood; to RCPT it could be greylisting, and a rule has to say so.
     */
    @ParameterizedTest
    @ValueSource(strings = {"message", "recipient"})
    void staysWithinARate(String what) throws Exception {
        int messages = 60;
        int port = EhloProcess.freePort();
        LanePolicy policy = LanePolicy.STANDARD
                .suspension(3, Duration.ofMillis(500), Duration.ofMillis(500))
                .rules(what.equals("message") ? List.of() : List.of(ReplyRule.slowDown("450 4.7.1 Error: too *")));
        try (PostfixProcess postfix = postfix(port, """
                        anvil_rate_time_unit = 2s
                        smtpd_client_%s_rate_limit = 20
                        """.formatted(what));
                SmtpClient client =
                        SmtpClient.builder().localName("client.example").build();
                MailQueue queue = queue(client, port, policy)) {
            fill(queue, messages);
            queue.release();
            await().atMost(PATIENCE).until(() -> queue.health().messages() == 0);
            assertArrived(postfix, messages);
            assertThat(begun.get()).as("attempts").isLessThanOrEqualTo(2 * messages);
        }
    }
}
