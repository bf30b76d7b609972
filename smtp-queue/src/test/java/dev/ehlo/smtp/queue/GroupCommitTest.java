package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GroupCommitTest {
    private final TestDisk disk = new TestDisk();

    @Test
    void whoComesAloneIsSyncedAtOnceAndWhoComesMeanwhileTogether() throws Exception {
        try (Spool spool = new JournalSpool(disk::open, new JournalLimits(5000, 1 << 20, 0))) {
            Mail.start(spool);
            CountDownLatch syncing = new CountDownLatch(1);
            CountDownLatch release = new CountDownLatch(1);
            disk.beforeSync = () -> {
                syncing.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            };
            long before = disk.syncs;
            List<CompletionStage<SpooledMessage>> all = new ArrayList<>();
            all.add(Mail.write(spool, Mail.ONE, Mail.octets("alone")));
            syncing.await();
            for (int i = 0; i < 200; i++) {
                all.add(Mail.write(spool, Mail.ONE, Mail.octets(1000, i)));
            }
            assertThat(all).noneMatch(stage -> stage.toCompletableFuture().isDone());
            release.countDown();
            for (CompletionStage<SpooledMessage> stage : all) {
                Mail.await(stage);
            }

            assertThat(disk.syncs - before).isEqualTo(2);
        }
    }

    @Test
    void usesBoundedDiskUnderASteadyFlowWithAFewThatStay() throws Exception {
        JournalLimits limits = new JournalLimits(5000, 10_000, 0);
        byte[] content = Mail.octets(1000, 1);
        List<QueueId> stay = new ArrayList<>();
        try (Spool spool = new JournalSpool(disk::open, limits)) {
            Mail.start(spool);
            for (int i = 0; i < 1000; i++) {
                SpooledMessage message = Mail.put(spool, Mail.THREE, content);
                if (i % 100 == 50) {
                    stay.add(message.id());
                    Mail.await(spool.crossOff(message.id(), List.of(1), DeliveryStatus.RELAYED));
                    Mail.await(spool.defer(message.id(), List.of(2), new Deferral(7, Mail.NOON.plusSeconds(i), false)));
                } else {
                    Mail.await(spool.crossOff(message.id(), List.of(0, 1, 2), DeliveryStatus.RELAYED));
                }
                assertThat(disk.octets("")).isLessThan(3000L * stay.size() + limits.slack() + 20_000);
            }
            assertThat(disk.names().stream().filter(name -> name.endsWith(".log")))
                    .hasSizeLessThan(9);
        }

        try (Spool spool = new JournalSpool(disk::open, limits)) {
            List<SpooledMessage> found = Mail.start(spool);
            assertThat(found).extracting(SpooledMessage::id).isEqualTo(stay);
            for (SpooledMessage message : found) {
                assertThat(Mail.read(message.content())).isEqualTo(content);
                assertThat(message.pending())
                        .extracting(PendingRecipient::index)
                        .containsExactly(0, 2);
                assertThat(message.pending().get(1).deferral().attempts()).isEqualTo(7);
            }
        }
    }

    @Test
    void whatIsSettledWhileItsMessageMovesStaysSettled() throws Exception {
        JournalLimits limits = new JournalLimits(5000, 5_000, 0);
        String[] mailboxes =
                IntStream.range(0, 40).mapToObj(i -> "u" + i + "@example.net").toArray(String[]::new);
        try (Spool spool = new JournalSpool(disk::open, limits)) {
            Mail.start(spool);
            List<SpooledMessage> stay = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                stay.add(Mail.put(spool, Envelope.from("a@example.org").to(mailboxes), Mail.octets("x")));
            }
            for (int i = 0; i < 5 * 39; i++) {
                Mail.await(spool.crossOff(stay.get(i % 5).id(), List.of(i / 5), DeliveryStatus.RELAYED));
                assertOpen(disk.kill(), limits, 5 * 40 - i - 1);
                for (int j = 0; j < 1 + i % 3; j++) {
                    SpooledMessage passes = Mail.put(spool, Mail.ONE, Mail.octets(700, i));
                    Mail.await(spool.crossOff(passes.id(), List.of(0), DeliveryStatus.RELAYED));
                }
            }
        }
    }

    private static void assertOpen(TestDisk disk, JournalLimits limits, int recipients) throws IOException {
        try (Spool spool = new JournalSpool(disk::open, limits)) {
            assertThat(Mail.start(spool).stream()
                            .mapToInt(message -> message.pending().size())
                            .sum())
                    .isEqualTo(recipients);
        }
    }

    @Test
    void whatFindsNoRoomToMoveIsMovedLater() throws Exception {
        JournalLimits limits = new JournalLimits(5000, 10_000, 0);
        try (Spool spool = new JournalSpool(disk::open, limits)) {
            Mail.start(spool);
            SpooledMessage stays = Mail.put(spool, Mail.ONE, Mail.octets(3000, 1));
            for (int i = 0; i < 300; i++) {
                SpooledMessage passes = Mail.put(spool, Mail.ONE, Mail.octets(3000, i));
                Mail.await(spool.crossOff(passes.id(), List.of(0), DeliveryStatus.RELAYED));
                SpoolWriter refused = spool.open(Mail.ONE, Mail.NOON);
                disk.full = true;
                assertThatThrownBy(() -> Mail.await(refused.complete())).hasCauseInstanceOf(IOException.class);
                disk.full = false;
            }

            assertThat(spool.fault()).isEmpty();
            assertThat(Mail.read(stays.content())).isEqualTo(Mail.octets(3000, 1));
            assertThat(disk.octets("")).isLessThan(2 * limits.slack());
        }
    }

    @Test
    void readersGoOnWhileTheirMessageIsMoved() throws Exception {
        JournalLimits limits = new JournalLimits(5000, 10_000, 0);
        try (Spool spool = new JournalSpool(disk::open, limits)) {
            Mail.start(spool);
            byte[] content = Mail.octets(3000, 1);
            SpooledMessage stays = Mail.put(spool, Mail.ONE, content);
            String first = disk.names().stream()
                    .filter(name -> name.endsWith(".log"))
                    .findFirst()
                    .orElseThrow();
            try (java.nio.channels.ReadableByteChannel reading = stays.content().open()) {
                while (disk.names().contains(first)) {
                    SpooledMessage passes = Mail.put(spool, Mail.ONE, content);
                    Mail.await(spool.crossOff(passes.id(), List.of(0), DeliveryStatus.RELAYED));
                }
                java.nio.ByteBuffer read = java.nio.ByteBuffer.allocate(3000);
                while (read.hasRemaining()) {
                    assertThat(reading.read(read)).isPositive();
                }
                assertThat(read.array()).isEqualTo(content);
            }
            assertThat(Mail.read(stays.content())).isEqualTo(content);
        }
    }
}
