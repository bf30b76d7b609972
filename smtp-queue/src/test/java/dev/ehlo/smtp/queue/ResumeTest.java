package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** After a fault an operator goes on, without a restart, and the promise holds. */
class ResumeTest extends JournalRig {
    private static final JournalLimits LIMITS = new JournalLimits(5000, 1 << 20, 0);

    ResumeTest() {
        super(LIMITS);
    }

    /** As in {@link JournalCrashTest}, and an operator who looks in after each step. */
    private static void script(SpoolModel model) throws Exception {
        for (int i = 0; i < 20; i++) {
            model.put(i % 7 == 4 ? 5000 + i : 300 + i);
            attend(model);
            if (i % 3 == 1) {
                model.defer(i * 7);
                attend(model);
            }
            if (i % 2 == 1) {
                model.settleAll(i * 3 + 2);
                attend(model);
            }
            if (i % 5 == 3) {
                model.settle(i);
                attend(model);
            }
        }
    }

    private static void attend(SpoolModel model) {
        if (model.isAtFault()) {
            model.resume();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 7})
    void keepsThePromiseWhicheverCallsFailAndWhateverComesThen(long failures) throws Exception {
        SpoolModel clean = new SpoolModel();
        clean.start();
        long before = clean.disk().calls();
        script(clean);
        long calls = clean.disk().calls() - before;
        clean.close();
        int faults = IntStream.rangeClosed(1, Math.toIntExact(calls))
                .parallel()
                .map(n -> overcome(n, failures, false) + overcome(n, failures, true))
                .sum();
        assertThat(faults).as("faults that were overcome").isGreaterThan(50);
    }

    /** How many faults there were when that many calls fail from the n-th on, and all is over. */
    private static int overcome(long n, long failures, boolean power) {
        try {
            SpoolModel model = new SpoolModel(true);
            model.start();
            model.disk().fail(n, failures);
            script(model);
            int faults = model.resumed();
            for (int i = 0; model.isAtFault() && i < failures; i++) {
                model.resume();
            }
            assertThat(model.isAtFault())
                    .as("calls %d to %d", n, n + failures - 1)
                    .isFalse();
            if (power) {
                model.losePower(new Random(n));
            } else {
                model.kill();
            }
            model.put(700);
            model.restart();
            model.close();
            return faults;
        } catch (Exception e) {
            throw new AssertionError("calls " + n + " to " + (n + failures - 1), e);
        }
    }

    @Test
    void refusesThoseWhoWaitedAndTakesTheNextOnANewSegment() throws Exception {
        SpooledMessage safe = Mail.put(spool, Mail.ONE, Mail.octets("safe"));
        long segments = segments();
        disk.fail(2, 1);
        assertThatThrownBy(() -> Mail.put(spool, Mail.ONE, Mail.octets("x"))).hasCauseInstanceOf(IOException.class);
        CompletableFuture<Void> settled =
                spool.crossOff(safe.id(), List.of(0), DeliveryStatus.RELAYED).toCompletableFuture();
        assertThatThrownBy(() -> Mail.await(settled)).hasCauseInstanceOf(IOException.class);

        spool.resume();

        assertThat(spool.fault()).isEmpty();
        assertThat(segments()).isEqualTo(segments + 1);
        SpooledMessage next = Mail.put(spool, Mail.ONE, Mail.octets("next"));
        assertThat(Mail.read(Mail.await(spool.load(safe.id())).content()))
                .asString()
                .isEqualTo("safe");
        Mail.await(spool.crossOff(safe.id(), List.of(0), DeliveryStatus.RELAYED));
        spool.close();
        spool = another();
        assertThat(Mail.start(spool)).extracting(SpooledMessage::id).containsExactly(next.id());
    }

    private long segments() {
        return disk.names().stream().filter(name -> name.endsWith(".log")).count();
    }

    @Test
    void staysAtFaultWhereTheOldSegmentCantBeCut() throws Exception {
        disk.fail(2, 1_000);
        assertThatThrownBy(() -> Mail.put(spool, Mail.ONE, Mail.octets("x"))).hasCauseInstanceOf(IOException.class);

        assertThatThrownBy(spool::resume).isInstanceOf(IOException.class).hasMessageContaining("(test)");
        assertThat(spool.fault()).isPresent();
        assertThatThrownBy(() -> spool.open(Mail.ONE, Mail.NOON)).isInstanceOf(IOException.class);

        disk.fail(1_000, 1);
        spool.resume();
        Mail.put(spool, Mail.ONE, Mail.octets("x"));
    }

    @Test
    void aSegmentThatCantBeReadStaysAndIsNoFault() throws Exception {
        spool.close();
        spool = new JournalSpool(disk::open, SpoolModel.LIMITS);
        Mail.start(spool);
        SpooledMessage survivor = Mail.put(spool, Mail.ONE, Mail.octets(900, 1));
        String first = disk.names().stream().sorted().findFirst().orElseThrow();
        disk.unreadable = true;

        passThrough(20);

        assertThat(spool.fault()).isEmpty();
        assertThat(disk.names()).contains(first);
        disk.unreadable = false;
        assertThat(Mail.read(survivor.content())).isEqualTo(Mail.octets(900, 1));
    }

    private void passThrough(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            SpooledMessage passes = Mail.put(spool, Mail.ONE, Mail.octets(900, i));
            Mail.await(spool.crossOff(passes.id(), List.of(0), DeliveryStatus.RELAYED));
        }
    }

    @Test
    void leavesNoContentThatWasRefusedOnTheDisk() throws Exception {
        SpoolWriter large = spool.open(Mail.ONE, Mail.NOON);
        large.write(ByteBuffer.wrap(Mail.octets(6000, 1)));
        disk.fail(2, 1);
        assertThatThrownBy(() -> Mail.await(large.complete())).hasCauseInstanceOf(IOException.class);

        assertThat(spool.fault()).isPresent();
        assertThat(disk.names()).noneMatch(name -> name.startsWith("content/"));
    }

    @Test
    void aSoundSpoolIsLeftAsItIs() throws Exception {
        long calls = disk.calls();
        spool.resume();
        assertThat(disk.calls()).isEqualTo(calls);
        spool.close();
        assertThatThrownBy(spool::resume).isInstanceOf(IOException.class);
    }

    @Test
    void contentFromBeforeTheFaultIsNotTrustedAfterIt() throws Exception {
        SpoolWriter large = spool.open(Mail.ONE, Mail.NOON);
        large.write(ByteBuffer.wrap(Mail.octets(6000, 1)));
        disk.fail(2, 1);
        assertThatThrownBy(() -> Mail.put(spool, Mail.ONE, Mail.octets("x"))).hasCauseInstanceOf(IOException.class);
        spool.resume();

        assertThatThrownBy(() -> Mail.await(large.complete())).hasCauseInstanceOf(IOException.class);
        assertThat(spool.fault()).isEmpty();
        assertThat(disk.names()).noneMatch(name -> name.startsWith("content/"));
    }

    /** The sync that fails is one that is under way while the spool resumes. */
    @Test
    void aFaultInTheMiddleOfResumingLeavesItAtFault() throws Exception {
        CountDownLatch contentIsSynced = new CountDownLatch(1);
        CountDownLatch mayFail = new CountDownLatch(1);
        disk.beforeSync = () -> {
            if (Thread.currentThread().getName().equals("spool-sync")) {
                contentIsSynced.countDown();
                awaitOrFail(mayFail);
                throw new IllegalStateException("(test)");
            }
        };
        CompletableFuture<SpooledMessage> large =
                Mail.write(spool, Mail.ONE, Mail.octets(6000, 1)).toCompletableFuture();
        contentIsSynced.await();
        disk.fail(2, 1);
        assertThatThrownBy(() -> Mail.put(spool, Mail.ONE, Mail.octets("x"))).hasCauseInstanceOf(IOException.class);
        List<Boolean> once = new ArrayList<>();
        Runnable before = disk.beforeSync;
        disk.beforeSync = () -> {
            before.run();
            if (once.isEmpty() && Thread.currentThread().getName().equals("spool-commit")) {
                once.add(true);
                mayFail.countDown();
                assertThat(large).failsWithin(java.time.Duration.ofSeconds(20));
            }
        };

        assertThatThrownBy(spool::resume).isInstanceOf(IOException.class);
        assertThat(spool.fault()).isPresent();
        assertThat(once).isNotEmpty();
        spool.resume();
        disk.beforeSync = () -> {};
        Mail.put(spool, Mail.ONE, Mail.octets("x"));
    }

    @Test
    void aQueueTakesAndDeliversAgainAndTellsWhatItIs() throws Exception {
        spool.close();
        BlockingQueue<Long> delivered = new LinkedBlockingQueue<>();
        JournalSpool its = another();
        try (MailQueue queue = MailQueue.builder()
                .spool(its)
                .held()
                .agent((envelope, content) -> {
                    delivered.add(content.octets());
                    return CompletableFuture.completedFuture(DeliveryReport.forEach(
                            envelope, r -> RecipientOutcome.replied(r, Reply.of(250, "ok"), "mx.test")));
                })
                .start()) {
            assertThat(Mail.put(queue, Mail.ONE, Mail.octets("before")).code()).isEqualTo(250);
            disk.fail(2, 3);
            assertThat(Mail.put(queue, Mail.ONE, Mail.octets("refused")).code()).isEqualTo(452);
            assertThat(queue.health().fault()).contains("(test)");
            assertThat(Mail.put(queue, Mail.ONE, Mail.octets("refused")).code()).isEqualTo(452);
            queue.release();
            assertThatThrownBy(queue::resume).isInstanceOf(IOException.class);
            assertThat(queue.health().isSound()).isFalse();
            assertThat(delivered).isEmpty();

            queue.resume();

            assertThat(queue.health().isSound()).isTrue();
            assertThat(delivered.poll(20, TimeUnit.SECONDS)).isEqualTo(6);
            assertThat(Mail.put(queue, Mail.ONE, Mail.octets("after")).code()).isEqualTo(250);
            assertThat(delivered.poll(20, TimeUnit.SECONDS)).isEqualTo(5);
            assertThat(queue.drain(java.time.Duration.ofSeconds(20))).isTrue();
            assertThat(its.counts().messages()).isEqualTo(2);
            assertThat(its.counts().syncs()).isPositive();
        }
        spool = another();
        assertThat(Mail.start(spool)).isEmpty();
    }

    private static void awaitOrFail(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
