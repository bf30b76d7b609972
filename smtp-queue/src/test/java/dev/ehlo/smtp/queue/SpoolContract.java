package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.ReversePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every spool does, whatever it is made of. */
abstract class SpoolContract {
    private Spool spool;

    /** The spool of this test, each time one that is not started, with what the one before left. */
    abstract Spool reopen() throws IOException;

    @BeforeEach
    void start() throws IOException {
        spool = reopen();
        assertThat(Mail.start(spool)).isEmpty();
    }

    @AfterEach
    void close() throws IOException {
        spool.close();
    }

    private List<SpooledMessage> restart() throws IOException {
        spool.close();
        spool = reopen();
        return Mail.start(spool);
    }

    @Test
    void givesBackWhatWasPutIn() throws Exception {
        byte[] content = Mail.octets(10_000, 1);

        SpooledMessage message = Mail.put(spool, Mail.THREE, content);

        assertThat(message.envelope()).isEqualTo(Mail.THREE);
        assertThat(message.arrival()).isEqualTo(Mail.NOON);
        assertThat(message.content().octets()).isEqualTo(content.length);
        assertThat(Mail.read(message.content())).isEqualTo(content);
        assertThat(message.pending()).extracting(PendingRecipient::index).containsExactly(0, 1, 2);
    }

    @Test
    void keepsMessagesOverARestartInTheirOrder() throws Exception {
        SpooledMessage first = Mail.put(spool, Mail.ONE, Mail.octets("first"));
        SpooledMessage second = Mail.put(spool, Mail.THREE, Mail.octets("second"));

        List<SpooledMessage> found = restart();

        assertThat(found).extracting(SpooledMessage::id).containsExactly(first.id(), second.id());
        assertThat(found.get(1).envelope()).isEqualTo(Mail.THREE);
        assertThat(found.get(1).arrival()).isEqualTo(Mail.NOON);
        assertThat(found.get(1).pending()).isEqualTo(second.pending());
        assertThat(Mail.read(found.get(0).content())).asString().isEqualTo("first");
        assertThat(Mail.read(found.get(1).content())).asString().isEqualTo("second");
    }

    @Test
    void keepsTheWholeEnvelope() throws Exception {
        Envelope envelope = new Envelope(
                ReversePath.NULL,
                EsmtpParameters.NONE.with(new EsmtpParameter("SIZE", "3")).with(new EsmtpParameter("SMTPUTF8", null)),
                List.of(
                        Recipient.of("\"odd \\\" one\"@[192.0.2.1]"),
                        Recipient.of("jürgen@example.org"),
                        Recipient.of("jürgen@example.org"),
                        new Recipient(
                                Mailbox.POSTMASTER, EsmtpParameters.NONE.with(new EsmtpParameter("NOTIFY", "NEVER")))));
        Mail.put(spool, envelope, Mail.octets("x"));

        assertThat(restart()).extracting(SpooledMessage::envelope).containsExactly(envelope);
    }

    @Test
    void keepsEmptyContent() throws Exception {
        Mail.put(spool, Mail.ONE, new byte[0]);

        assertThat(Mail.read(restart().get(0).content())).isEmpty();
    }

    @Test
    void keepsLargeContent() throws Exception {
        byte[] content = Mail.octets(3_000_000, 2);
        SpooledMessage message = Mail.put(spool, Mail.ONE, content);

        assertThat(Mail.read(message.content())).isEqualTo(content);
        assertThat(Mail.read(restart().get(0).content())).isEqualTo(content);
    }

    @Test
    void forgetsRecipientsThatAreSettledAndMessagesWithoutOthers() throws Exception {
        SpooledMessage one = Mail.put(spool, Mail.ONE, Mail.octets("one"));
        SpooledMessage three = Mail.put(spool, Mail.THREE, Mail.octets(500_000, 3));

        Mail.await(spool.crossOff(one.id(), List.of(0), DeliveryStatus.RELAYED));
        Mail.await(spool.crossOff(three.id(), List.of(0, 2), DeliveryStatus.FAILED));
        Mail.await(spool.crossOff(three.id(), List.of(0), DeliveryStatus.RELAYED));
        List<SpooledMessage> found = restart();

        assertThat(found).extracting(SpooledMessage::id).containsExactly(three.id());
        assertThat(found.get(0).pending()).extracting(PendingRecipient::index).containsExactly(1);

        Mail.await(spool.crossOff(three.id(), List.of(1), DeliveryStatus.RELAYED));
        Mail.await(spool.crossOff(three.id(), List.of(1), DeliveryStatus.RELAYED));
        assertThat(restart()).isEmpty();
    }

    @Test
    void keepsAttemptsAndWhenTheNextIsDue() throws Exception {
        Instant due = Mail.NOON.plus(Duration.ofHours(3));
        SpooledMessage three = Mail.put(spool, Mail.THREE, Mail.octets("x"));
        Mail.await(spool.defer(three.id(), List.of(0, 1), new Deferral(1, Mail.NOON.plusSeconds(5), false)));
        Mail.await(spool.defer(three.id(), List.of(1), new Deferral(2, due, true)));
        Mail.await(spool.crossOff(three.id(), List.of(0), DeliveryStatus.RELAYED));

        assertThat(restart().get(0).pending())
                .containsExactly(
                        new PendingRecipient(1, new Deferral(2, due, true)),
                        new PendingRecipient(2, new Deferral(0, Mail.NOON, false)));
    }

    @Test
    void knowsNothingOfAbortedContent() throws Exception {
        SpoolWriter small = spool.open(Mail.ONE, Mail.NOON);
        small.write(ByteBuffer.wrap(Mail.octets("x")));
        small.abort();
        SpoolWriter large = spool.open(Mail.ONE, Mail.NOON);
        large.write(ByteBuffer.wrap(Mail.octets(1_000_000, 4)));
        large.abort();

        assertThat(restart()).isEmpty();
    }

    @Test
    void knowsNothingOfContentThatWasNotComplete() throws Exception {
        SpoolWriter large = spool.open(Mail.ONE, Mail.NOON);
        large.write(ByteBuffer.wrap(Mail.octets(1_000_000, 4)));

        assertThat(restart()).isEmpty();
    }

    @Test
    void abortAfterCompletionChangesNothing() throws Exception {
        SpoolWriter writer = spool.open(Mail.ONE, Mail.NOON);
        writer.write(ByteBuffer.wrap(Mail.octets("kept")));
        CompletionStage<SpooledMessage> stage = writer.complete();
        writer.abort();

        assertThat(Mail.read(Mail.await(stage).content())).asString().isEqualTo("kept");
        assertThatThrownBy(writer::complete).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void readsOneMessageBySeveralReadersAtOnce() throws Exception {
        byte[] content = Mail.octets(20_000, 5);
        SpooledMessage message = Mail.put(spool, Mail.ONE, content);
        try (ReadableByteChannel first = message.content().open();
                ReadableByteChannel second = message.content().open()) {
            ByteBuffer a = ByteBuffer.allocate(10);
            ByteBuffer b = ByteBuffer.allocate(20_000);
            first.read(a);
            while (b.hasRemaining()) {
                second.read(b);
            }
            first.read(a.clear());
            assertThat(b.array()).isEqualTo(content);
            assertThat(a.array()).isEqualTo(java.util.Arrays.copyOfRange(content, 10, 20));
        }
    }

    @Test
    void takesContentOfManyAtOnce() throws Exception {
        List<CompletableFuture<SpooledMessage>> all = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            int number = i;
            Thread thread = new Thread(() -> {
                for (int j = 0; j < 50; j++) {
                    try {
                        CompletionStage<SpooledMessage> stage =
                                Mail.write(spool, Mail.ONE, Mail.octets(number * 50 + j, number));
                        synchronized (all) {
                            all.add(stage.toCompletableFuture());
                        }
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        for (CompletableFuture<SpooledMessage> stage : all) {
            Mail.await(stage);
        }

        assertThat(restart()).hasSize(400).extracting(SpooledMessage::id).doesNotHaveDuplicates();
    }

    @Test
    void givesNoIdTwiceEvenWhenTheClockGoesBack() throws Exception {
        SpoolWriter before = spool.open(Mail.ONE, Mail.NOON);
        before.write(ByteBuffer.wrap(Mail.octets("x")));
        QueueId first = Mail.await(before.complete()).id();
        Mail.await(spool.crossOff(first, List.of(0), DeliveryStatus.RELAYED));
        restart();
        restart();
        QueueId second =
                spool.open(Mail.ONE, Mail.NOON.minus(Duration.ofDays(2))).id();

        assertThat(second).isGreaterThan(first);
    }

    @Test
    void takesNothingWhenClosed() throws Exception {
        SpoolWriter writer = spool.open(Mail.ONE, Mail.NOON);
        writer.write(ByteBuffer.wrap(Mail.octets("x")));
        spool.close();
        spool.close();

        assertThatThrownBy(() -> spool.open(Mail.ONE, Mail.NOON)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Mail.await(writer.complete())).hasCauseInstanceOf(IOException.class);
        assertThat(spool.crossOff(new QueueId(1), List.of(0), DeliveryStatus.RELAYED))
                .isCompletedExceptionally();
    }

    @Test
    void settlesOnlyWhatIsSettled() {
        assertThatThrownBy(() -> spool.crossOff(new QueueId(1), List.of(0), DeliveryStatus.DEFERRED))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> spool.open(Envelope.from("a@example.org"), Mail.NOON))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
