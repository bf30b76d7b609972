package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/** The queue as a whole, with its threads. */
@ExtendWith(Quiet.class)
class MailQueueTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final BlockingQueue<Envelope> delivered = new LinkedBlockingQueue<>();
    private final BlockingQueue<CompletableFuture<DeliveryReport>> inFlight = new LinkedBlockingQueue<>();

    private MailQueueBuilder onDisk() {
        return MailQueue.builder().spool(Spool.directory(directory));
    }

    private MailQueue delivering(int code) throws IOException {
        return onDisk().agent((envelope, content) -> {
                    delivered.add(envelope);
                    return CompletableFuture.completedFuture(DeliveryReport.forEach(
                            envelope, r -> RecipientOutcome.replied(r, Reply.of(code, "said"), "mx.test")));
                })
                .start();
    }

    private MailQueue waiting() throws IOException {
        return onDisk().agent((envelope, content) -> {
                    CompletableFuture<DeliveryReport> attempt = new CompletableFuture<>();
                    delivered.add(envelope);
                    inFlight.add(attempt);
                    return attempt;
                })
                .start();
    }

    private Envelope next() throws InterruptedException {
        Envelope envelope = delivered.poll(20, TimeUnit.SECONDS);
        assertThat(envelope).isNotNull();
        return envelope;
    }

    @Test
    void answersWithTheIdAndDelivers() throws Exception {
        try (MailQueue queue = delivering(250)) {
            Reply reply = Mail.put(queue, Mail.ONE, Mail.octets("x"));

            assertThat(reply.toString()).matches("250 2\\.0\\.0 queued as [0-9a-z]{13}");
            assertThat(next()).isEqualTo(Mail.ONE);
        }
    }

    @Test
    void deliversAfterARestartWhatWasInFlight() throws Exception {
        try (MailQueue queue = waiting()) {
            Mail.put(queue, Mail.ONE, Mail.octets("x"));
            next();
        }
        assertThat(inFlight.take()).isCancelled();
        try (MailQueue queue = delivering(250)) {
            assertThat(next()).isEqualTo(Mail.ONE);
            assertThat(queue.drain(LONG)).isTrue();
        }
        try (MailQueue queue = delivering(250)) {
            assertThat(queue.drain(LONG)).isTrue();
            assertThat(queue.health()).isEqualTo(new QueueHealth(null, false, 0, 0, 0, 0));
        }
        assertThat(delivered).isEmpty();
    }

    @Test
    void drainingWaitsForAttemptsAndRecordsThem() throws Exception {
        try (MailQueue queue = waiting()) {
            Mail.put(queue, Mail.ONE, Mail.octets("x"));
            next();
            assertThat(queue.drain(Duration.ofMillis(1))).isFalse();
            inFlight.take()
                    .complete(DeliveryReport.forEach(
                            Mail.ONE, r -> RecipientOutcome.replied(r, Reply.of(250, "ok"), "mx.test")));
            assertThat(queue.drain(LONG)).isTrue();
        }
        try (Spool spool = Spool.directory(directory)) {
            assertThat(Mail.start(spool)).isEmpty();
        }
    }

    @Test
    void notifiesTheSenderThroughTheSpool() throws Exception {
        try (MailQueue queue = delivering(550)) {
            Mail.put(queue, Mail.ONE, Mail.octets("x"));
            assertThat(next()).isEqualTo(Mail.ONE);
            assertThat(next()).isEqualTo(Envelope.from("").to("a@example.org"));
            assertThat(queue.drain(LONG)).isTrue();
        }
        try (Spool spool = Spool.directory(directory)) {
            assertThat(Mail.start(spool)).isEmpty();
        }
    }

    @Test
    void refusesBeforeTheContentWhenThereIsNoRoom() throws Exception {
        TestDisk disk = new TestDisk();
        try (MailQueue queue = MailQueue.builder()
                .spool(new JournalSpool(disk::open, new JournalLimits(1000, 10_000, 100)))
                .agent((envelope, content) -> new CompletableFuture<>())
                .start()) {
            disk.usable = 10;
            assertThat(queue.open(Mail.ONE).refusal())
                    .hasValueSatisfying(reply -> assertThat(reply.toString()).startsWith("452 4.3.1 "));
            disk.usable = 1100;
            assertThat(queue.open(Mail.ONE).refusal()).isEmpty();
        }
    }

    @Test
    void refusesWhatIsNotSafeAndEverythingAfterIt() throws Exception {
        TestDisk disk = new TestDisk();
        try (MailQueue queue = MailQueue.builder()
                .spool(new JournalSpool(disk::open, new JournalLimits(1000, 10_000, 100)))
                .agent((envelope, content) -> new CompletableFuture<>())
                .start()) {
            MessageSink opened = queue.open(Mail.ONE);
            opened.write(ByteBuffer.wrap(Mail.octets("x")));
            disk.fail(2, 1);

            assertThat(Mail.put(queue, Mail.ONE, Mail.octets("x")).toString()).startsWith("452 4.3.1 ");
            assertThat(Mail.await(opened.complete()).toString()).startsWith("452 4.3.1 ");
            assertThat(queue.open(Mail.ONE).refusal()).isPresent();
            assertThat(queue.health().isSound()).isFalse();
            assertThat(queue.health().fault()).contains("spool at fault");
        }
    }

    @Test
    void goesOnAfterAnErrorOfTheAgentOrOfTheNameOfALane() throws Exception {
        try (MailQueue queue = onDisk().lanes(recipient -> {
                    if (recipient.mailbox().toString().startsWith("b@")) {
                        throw new StackOverflowError("(test)");
                    }
                    return "one lane";
                })
                .agent((envelope, content) -> {
                    delivered.add(envelope);
                    throw new OutOfMemoryError("(test)");
                })
                .start()) {
            Mail.put(queue, Mail.ONE, Mail.octets("x"));
            assertThat(next()).as("by its domain").isEqualTo(Mail.ONE);
            Envelope sound = Envelope.from("a@example.org").to("c@example.net");
            for (int i = 0; i < 2; i++) {
                Mail.put(queue, sound, Mail.octets("x"));
                assertThat(next()).isEqualTo(sound);
            }
            assertThat(queue.drain(LONG)).isTrue();
            assertThat(queue.health()).isEqualTo(new QueueHealth(null, false, 3, 3, 0, 0));
        }
    }

    @Test
    void saysThatItsSchedulerHasEnded() throws Exception {
        Logger log = (Logger) LoggerFactory.getLogger(MailQueue.class);
        TurboFilter noMemoryToLog = new TurboFilter() {
            @Override
            public FilterReply decide(
                    Marker marker, Logger logger, Level level, String format, Object[] parameters, Throwable cause) {
                if (cause instanceof OutOfMemoryError error) {
                    throw error;
                }
                return FilterReply.NEUTRAL;
            }
        };
        log.getLoggerContext().addTurboFilter(noMemoryToLog);
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        CompletableFuture<Throwable> uncaught = new CompletableFuture<>();
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> uncaught.complete(error));
        AtomicBoolean broken = new AtomicBoolean();
        Clock clock = new Clock() {
            @Override
            public Instant instant() {
                return Mail.NOON;
            }

            @Override
            public long millis() {
                if (broken.get()) {
                    throw new OutOfMemoryError("(test)");
                }
                return super.millis();
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        };
        try (MailQueue queue = onDisk().clock(clock)
                .agent((envelope, content) -> new CompletableFuture<>())
                .start()) {
            broken.set(true);
            Mail.put(queue, Mail.ONE, Mail.octets("x"));
            for (long end = System.nanoTime() + LONG.toNanos(); queue.health().isSound() && System.nanoTime() < end; ) {
                Thread.onSpinWait();
            }

            assertThat(queue.health().fault()).isEqualTo("the scheduler has ended");
            assertThat(queue.open(Mail.ONE).refusal()).isPresent();
            assertThat(uncaught.get(LONG.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(OutOfMemoryError.class);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
            log.getLoggerContext().getTurboFilterList().remove(noMemoryToLog);
        }
    }

    @Test
    void refusesWhenClosed() throws Exception {
        MailQueue queue = delivering(250);
        MessageSink opened = queue.open(Mail.ONE);
        queue.close();
        queue.close();

        assertThat(Mail.await(opened.complete()).code()).isEqualTo(452);
        assertThat(queue.open(Mail.ONE).refusal()).isPresent();
    }

    @Test
    void saysWhatItNeeds() {
        assertThatThrownBy(() -> onDisk().start()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> MailQueue.builder().start()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> MailQueue.builder().attempts(0, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void carriesManyMessages() throws Exception {
        try (MailQueue queue = delivering(250)) {
            List<Thread> threads = java.util.stream.IntStream.range(0, 8)
                    .mapToObj(i -> new Thread(() -> {
                        try {
                            for (int j = 0; j < 100; j++) {
                                Mail.put(queue, Mail.ONE, Mail.octets(200, i));
                            }
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    }))
                    .toList();
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            for (int i = 0; i < 800; i++) {
                next();
            }
        }
    }
}
