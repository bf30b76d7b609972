package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.queue.journal.Storage;
import dev.ehlo.smtp.testkit.ManualClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A file system that has no inodes left costs those who come then, and nobody who was let in before. */
@ExtendWith(Quiet.class)
class SpareFilesTest {
    private static final int SPARES = 3;
    private static final JournalLimits LIMITS = new JournalLimits(1000, 1 << 20, 0, 4, SPARES);

    private TestDisk disk = new TestDisk();
    private final ManualClock clock = new ManualClock();

    private List<String> spares() {
        return disk.names().stream().filter(name -> name.startsWith("spare/")).toList();
    }

    @Test
    void takesWhatWasLetInAndRefusesTheNextBeforeItsContent() throws Exception {
        try (JournalSpool spool = new JournalSpool(disk::open, LIMITS)) {
            Mail.start(spool);
            assertThat(spares()).hasSize(SPARES);
            List<SpoolWriter> letIn = new ArrayList<>();
            for (int i = 0; i < SPARES; i++) {
                letIn.add(spool.open(Mail.ONE, Mail.NOON));
            }
            disk.mostNames = disk.names().size();
            List<QueueId> safe = new ArrayList<>();
            for (SpoolWriter writer : letIn.subList(0, SPARES - 1)) {
                writer.write(ByteBuffer.wrap(Mail.octets(5000, safe.size())));
                assertThatThrownBy(() -> spool.open(Mail.ONE, Mail.NOON))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("no more files");
                safe.add(Mail.await(writer.complete()).id());
            }
            SpoolWriter last = letIn.get(SPARES - 1);
            assertThatThrownBy(() -> last.write(ByteBuffer.wrap(Mail.octets(5000, 1))))
                    .hasMessageContaining("no inodes");
            last.abort();
            assertThat(spool.fault()).isEmpty();

            int most = disk.mostNames;
            disk = disk.crash(new Random(1));
            disk.mostNames = most;
            try (JournalSpool next = new JournalSpool(disk::open, LIMITS)) {
                List<SpooledMessage> found = Mail.start(next);
                assertThat(found).extracting(SpooledMessage::id).isEqualTo(safe);
                for (int i = 0; i < safe.size(); i++) {
                    assertThat(Mail.read(found.get(i).content())).isEqualTo(Mail.octets(5000, i));
                }
            }
        }
    }

    @Test
    void deliversWhatIsThereWhereNoFileCanBeMadeAtTheStart() throws Exception {
        SpooledMessage message;
        try (JournalSpool spool = new JournalSpool(disk::open, LIMITS)) {
            Mail.start(spool);
            message = Mail.put(spool, Mail.ONE, Mail.octets("x"));
        }
        disk.mostNames = disk.names().size();
        try (JournalSpool spool = new JournalSpool(disk::open, LIMITS)) {
            assertThat(Mail.start(spool)).extracting(SpooledMessage::id).containsExactly(message.id());
            assertThat(spares()).hasSize(SPARES - 1);
            assertThatThrownBy(() -> spool.open(Mail.ONE, Mail.NOON)).isInstanceOf(IOException.class);
            Mail.await(spool.crossOff(message.id(), List.of(0), DeliveryStatus.RELAYED));
        }
        disk.mostNames = Integer.MAX_VALUE;
        try (JournalSpool spool = new JournalSpool(disk::open, LIMITS)) {
            assertThat(Mail.start(spool)).isEmpty();
            assertThat(spares()).hasSize(SPARES);
            Mail.put(spool, Mail.ONE, Mail.octets("x"));
        }
    }

    @Test
    void triesToMakeThemAgainNowAndThen() throws Exception {
        try (Storage storage = disk.open()) {
            SpareFiles spares = new SpareFiles(storage, SPARES, clock::nanoTime);
            disk.mostNames = 1;
            spares.fill();
            long calls = disk.calls();
            for (int i = 0; i < 100; i++) {
                assertThatThrownBy(spares::check).isInstanceOf(IOException.class);
            }
            assertThat(disk.calls()).isEqualTo(calls);
            clock.advance(Duration.ofSeconds(1));
            assertThatThrownBy(spares::check).isInstanceOf(IOException.class);
            assertThat(disk.calls()).isEqualTo(calls + 1);
            disk.mostNames = 100;
            assertThatThrownBy(spares::check).isInstanceOf(IOException.class);
            clock.advance(Duration.ofSeconds(1));

            spares.check();
            assertThat(spares()).hasSize(SPARES);
        }
    }

    @Test
    void leavesNothingBehindWhereTheSpareOneCantBeUsedEither() throws Exception {
        try (Storage storage = disk.open()) {
            SpareFiles spares = new SpareFiles(storage, SPARES, clock::nanoTime);
            spares.fill();
            disk.fail(1, 2);
            assertThatThrownBy(() -> spares.create("content/x")).isInstanceOf(IOException.class);
            assertThat(disk.names()).doesNotContain("content/x");

            SpareFiles next = new SpareFiles(storage, 1, clock::nanoTime);
            next.recover();
            next.fill();
            next.check();
            assertThat(spares()).as("no more than are wanted").hasSize(1);
        }
    }
}
