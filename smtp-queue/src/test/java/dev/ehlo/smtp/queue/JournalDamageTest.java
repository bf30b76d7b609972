package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.queue.journal.Frame;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** What a start makes of segments that are not as they were written. */
class JournalDamageTest extends JournalRig {
    private static final JournalLimits LIMITS = new JournalLimits(5000, 1 << 20, 100);

    JournalDamageTest() {
        super(LIMITS);
    }

    private String segment() {
        return disk.names().stream()
                .filter(name -> name.endsWith(".log"))
                .sorted()
                .findFirst()
                .orElseThrow();
    }

    @Test
    void setsADamagedRecordAsideAndGoesOn() throws Exception {
        SpooledMessage first = Mail.put(spool, Mail.ONE, Mail.octets("first"));
        int end = disk.octetsOf(segment()).length;
        Mail.put(spool, Mail.ONE, Mail.octets("second"));
        int damaged = disk.octetsOf(segment()).length;
        SpooledMessage third = Mail.put(spool, Mail.ONE, Mail.octets("third"));
        String name = segment();
        for (int at = end; at < damaged; at++) {
            spool.close();
            disk.flip(name, at);

            assertThat(restart())
                    .as("octet %d", at)
                    .extracting(SpooledMessage::id)
                    .containsExactly(first.id(), third.id());
            assertThat(disk.names()).anyMatch(file -> file.startsWith("corrupt/") && file.endsWith("-" + end));

            disk.flip(name, at);
        }
    }

    @Test
    void cutsATornTailWhereverItIsTorn() throws Exception {
        SpooledMessage first = Mail.put(spool, Mail.ONE, Mail.octets("first"));
        String name = segment();
        int end = disk.octetsOf(name).length;
        Mail.put(spool, Mail.ONE, Mail.octets("second"));
        int whole = disk.octetsOf(name).length;
        for (int octets = whole - 1; octets > end; octets--) {
            spool.close();
            disk.cut(name, octets);

            assertThat(restart()).extracting(SpooledMessage::id).containsExactly(first.id());
            assertThat(disk.octetsOf(name)).hasSize(end);
            assertThat(disk.octetsOf(aside(name, end))).hasSize(octets - end);
            disk.cut(name, octets);
        }
    }

    @Test
    void cutsATailOfZeros() throws Exception {
        SpooledMessage first = Mail.put(spool, Mail.ONE, Mail.octets("first"));
        spool.close();
        int end = disk.octetsOf(segment()).length;
        disk.cut(segment(), end + 5000);

        assertThat(restart()).extracting(SpooledMessage::id).containsExactly(first.id());
        assertThat(disk.octetsOf(segment())).hasSize(end);
    }

    @Test
    void setsALastRecordAsideWhoseLengthIsDamaged() throws Exception {
        String name = segment();
        int start = disk.octetsOf(name).length;
        SpooledMessage large = Mail.put(spool, Mail.ONE, Mail.octets(6000, 1));
        byte[] record = disk.octetsOf(name);
        spool.close();
        disk.flip(name, start + 10);

        assertThat(restart()).isEmpty();
        byte[] kept = disk.octetsOf(aside(name, start));
        kept[10] ^= 0x55;
        assertThat(kept).isEqualTo(Arrays.copyOfRange(record, start, record.length));
        assertThat(disk.octetsOf("corrupt/" + large.id())).isEqualTo(Mail.octets(6000, 1));
    }

    @Test
    void setsATornTailAsideAgainWhereAStartWasEndedBeforeItWasCut() throws Exception {
        Mail.put(spool, Mail.ONE, Mail.octets("first"));
        String name = segment();
        int end = disk.octetsOf(name).length;
        Mail.put(spool, Mail.ONE, Mail.octets("second"));
        int octets = disk.octetsOf(name).length - 3;
        for (int i = 0; i < 2; i++) {
            spool.close();
            disk.cut(name, octets);
            if (i == 1) {
                disk.cut(aside(name, end), 1);
            }
            restart();
        }

        assertThat(disk.octetsOf(aside(name, end))).hasSize(octets - end);
    }

    private static String aside(String segment, int offset) {
        return "corrupt/" + segment.replace(".log", "") + '-' + offset;
    }

    @Test
    void believesNoRecordHiddenInContent() throws Exception {
        SpooledMessage victim = Mail.put(spool, Mail.ONE, Mail.octets("victim"));
        byte[] forged = MessageRecord.settled(victim.id(), List.of(0), DeliveryStatus.RELAYED);
        CRC32C sum = new CRC32C();
        sum.update(forged);
        ByteBuffer content = ByteBuffer.allocate(500);
        content.position(100);
        Frame.putHead(content, 0, MessageRecord.SETTLED, forged.length, sum);
        Frame.putTail(content.put(forged));
        int start = disk.octetsOf(segment()).length;
        Mail.put(spool, Mail.ONE, content.array());
        spool.close();
        disk.flip(segment(), start + 20);

        assertThat(restart()).extracting(SpooledMessage::id).containsExactly(victim.id());
    }

    @Test
    void keepsContentThatADamagedRecordMayName() throws Exception {
        int start = disk.octetsOf(segment()).length;
        SpooledMessage large = Mail.put(spool, Mail.ONE, Mail.octets(6000, 1));
        spool.close();
        disk.flip(segment(), start + 30);

        assertThat(restart()).isEmpty();
        assertThat(disk.octetsOf("corrupt/" + large.id())).isEqualTo(Mail.octets(6000, 1));
    }

    @Test
    void setsContentOfTheWrongSizeAside() throws Exception {
        String name = segment();
        int start = disk.octetsOf(name).length;
        SpooledMessage large = Mail.put(spool, Mail.ONE, Mail.octets(6000, 1));
        byte[] record = disk.octetsOf(name);
        spool.close();
        disk.cut("content/" + large.id(), 5999);
        disk.fail(2, 1, TestDisk.Fault.NO_SPACE);

        assertThat(restart()).isEmpty();
        assertThat(disk.names()).contains(name, "corrupt/" + large.id());
        assertThat(restart()).isEmpty();
        assertThat(disk.names()).contains("corrupt/" + large.id());
        assertThat(disk.octetsOf(aside(name, start))).isEqualTo(Arrays.copyOfRange(record, start, record.length));
    }

    @Test
    void refusesWhenTheReserveWouldBeTouched() throws Exception {
        disk.usable = 5100;

        Mail.put(spool, Mail.ONE, Mail.octets("x"));
        spool.open(ofSize(5000), Mail.NOON).abort();
        assertThatThrownBy(() -> spool.open(ofSize(5001), Mail.NOON)).isInstanceOf(IOException.class);
        disk.usable = 5099;
        assertThatThrownBy(() -> spool.open(Mail.ONE, Mail.NOON)).isInstanceOf(IOException.class);
    }

    private static Envelope ofSize(long octets) {
        return Mail.ONE.with(new EsmtpParameter("SIZE", Long.toString(octets)));
    }

    @Test
    void promisesTheSameRoomOnce() throws Exception {
        disk.usable = 20_100;

        SpoolWriter declared = spool.open(ofSize(10_000), Mail.NOON);
        SpoolWriter undeclared = spool.open(Mail.ONE, Mail.NOON);
        assertThatThrownBy(() -> spool.open(ofSize(5001), Mail.NOON)).isInstanceOf(IOException.class);
        SpoolWriter last = spool.open(ofSize(5000), Mail.NOON);
        assertThatThrownBy(() -> undeclared.write(ByteBuffer.wrap(Mail.octets(5001, 1))))
                .isInstanceOf(IOException.class);
        undeclared.abort();
        last.write(ByteBuffer.wrap(Mail.octets(5000, 1)));
        Mail.await(last.complete());

        Mail.put(spool, ofSize(10_000), Mail.octets(10_000, 1));
        declared.write(ByteBuffer.wrap(Mail.octets(10_000, 1)));
        Mail.await(declared.complete());
        spool.open(ofSize(20_000), Mail.NOON).abort();
        spool.open(ofSize(20_000), Mail.NOON).abort();
        assertThat(spool.fault()).isEmpty();
    }

    @Test
    void refusesALargeMessageWhileItIsReceivedWhenOthersHaveFilledTheDisk() throws Exception {
        SpoolWriter writer = spool.open(ofSize(20_000), Mail.NOON);
        writer.write(ByteBuffer.wrap(Mail.octets(9000, 1)));
        disk.usable = 9000;

        assertThatThrownBy(() -> writer.write(ByteBuffer.wrap(Mail.octets(9000, 1))))
                .isInstanceOf(IOException.class);
        writer.abort();
        Mail.put(spool, Mail.ONE, Mail.octets("x"));
    }

    @Test
    void refusesWhatIsNotWrittenAndGoesOn() throws Exception {
        SpooledMessage safe = Mail.put(spool, Mail.ONE, Mail.octets("safe"));
        disk.fail(1, 1);

        assertThatThrownBy(() -> Mail.put(spool, Mail.ONE, Mail.octets("x"))).hasCauseInstanceOf(IOException.class);
        assertThat(spool.fault()).isEmpty();
        SpooledMessage next = Mail.put(spool, Mail.ONE, Mail.octets("next"));
        assertThat(restart()).extracting(SpooledMessage::id).containsExactly(safe.id(), next.id());
        assertThat(disk.names()).noneMatch(name -> name.startsWith("corrupt/"));
    }

    @Test
    void leavesNoContentOfARefusedLargeMessageOnTheDisk() throws Exception {
        byte[] large = Mail.octets(LIMITS.inline() + 1, 1);
        int refused = 0;
        int call = 0;
        for (boolean failed = true; failed; ) {
            call++;
            disk.fail(call, 1);
            failed = !isTaken(large);
            disk.fail(1000, 1);
            if (spool.fault().isPresent()) {
                // A failed sync: nobody knows what the disk has, and the start clears up.
                restart();
            } else if (failed) {
                refused++;
                assertThat(disk.names()).as("call %d", call).noneMatch(name -> name.startsWith("content/"));
            }
        }
        assertThat(refused).as("failed without a fault").isPositive();
    }

    private boolean isTaken(byte[] content) {
        try {
            Mail.put(spool, Mail.ONE, content);
            return true;
        } catch (Exception e) {
            return false;
        }
    }

    @Test
    void goesOnInTheLastSegmentWhereThereIsNoRoomForANewOne() throws Exception {
        spool.close();
        spool = new JournalSpool(disk::open, new JournalLimits(5000, 100, 100));
        Mail.start(spool);
        List<QueueId> ids = new ArrayList<>();
        ids.add(Mail.put(spool, Mail.ONE, Mail.octets(100, 1)).id());
        Set<String> before = disk.names();
        for (int call = 1; call <= 2; call++) {
            disk.fail(call, 1);
            ids.add(Mail.put(spool, Mail.ONE, Mail.octets("x")).id());
            assertThat(disk.names()).isEqualTo(before);
        }
        ids.add(Mail.put(spool, Mail.ONE, Mail.octets("next")).id());
        assertThat(disk.names()).hasSize(before.size() + 1);

        assertThat(restart()).extracting(SpooledMessage::id).isEqualTo(ids);
        assertThat(disk.names()).noneMatch(name -> name.startsWith("corrupt/"));
    }

    @Test
    void keepsWhatBecameOfRecipientsUntilThereIsRoom() throws Exception {
        SpooledMessage message = Mail.put(spool, Mail.ONE, Mail.octets("x"));
        disk.full = true;
        CompletableFuture<Void> settled =
                spool.crossOff(message.id(), List.of(0), DeliveryStatus.RELAYED).toCompletableFuture();
        for (long end = System.nanoTime() + 20_000_000_000L; spool.fault().isEmpty() && System.nanoTime() < end; ) {
            Thread.onSpinWait();
        }
        assertThat(spool.fault()).hasValue("no room on the disk of the spool");
        assertThatThrownBy(() -> spool.open(Mail.ONE, Mail.NOON)).isInstanceOf(IOException.class);
        assertThat(settled).isNotDone();
        disk.full = false;

        Mail.await(settled);
        assertThat(restart()).isEmpty();
    }

    @Test
    void failsWhatFindsNoRoomUntilTheEnd() throws Exception {
        SpooledMessage message = Mail.put(spool, Mail.ONE, Mail.octets("x"));
        disk.full = true;
        CompletableFuture<Void> settled =
                spool.crossOff(message.id(), List.of(0), DeliveryStatus.RELAYED).toCompletableFuture();
        spool.close();

        assertThat(settled).isCompletedExceptionally();
        disk.full = false;
        assertThat(restart()).extracting(SpooledMessage::id).containsExactly(message.id());
    }

    @Test
    void acknowledgesNothingAfterAFailedSync() throws Exception {
        SpooledMessage safe = Mail.put(spool, Mail.ONE, Mail.octets("safe"));
        SpoolWriter opened = spool.open(Mail.ONE, Mail.NOON);
        disk.fail(2, 1);

        assertThatThrownBy(() -> Mail.put(spool, Mail.ONE, Mail.octets("x"))).hasCauseInstanceOf(IOException.class);
        assertThat(spool.fault()).isPresent();
        assertThatThrownBy(() -> Mail.await(opened.complete())).hasCauseInstanceOf(IOException.class);
        assertThatThrownBy(() -> spool.open(Mail.ONE, Mail.NOON)).isInstanceOf(IOException.class);
        assertThat(spool.crossOff(safe.id(), List.of(0), DeliveryStatus.RELAYED))
                .failsWithin(java.time.Duration.ofSeconds(10));
        assertThat(restart()).extracting(SpooledMessage::id).containsExactly(safe.id());
        assertThat(spool.fault()).isEmpty();
    }

    @Test
    void anErrorOfTheCommitThreadIsAFaultLikeAnyOther() throws Exception {
        SpooledMessage safe = Mail.put(spool, Mail.ONE, Mail.octets("safe"));
        disk.beforeSync = () -> {
            throw new StackOverflowError("(test)");
        };

        assertThatThrownBy(() -> Mail.put(spool, Mail.ONE, Mail.octets("x"))).hasCauseInstanceOf(IOException.class);
        assertThat(spool.fault()).hasValueSatisfying(fault -> assertThat(fault).contains("(test)"));
        assertThatThrownBy(() -> spool.open(Mail.ONE, Mail.NOON)).isInstanceOf(IOException.class);
        disk.beforeSync = () -> {};
        assertThat(restart()).extracting(SpooledMessage::id).contains(safe.id());
    }

    @Test
    void anErrorWhileLargeContentIsSyncedIsAnswered() throws Exception {
        disk.beforeSync = () -> {
            throw new OutOfMemoryError("(test)");
        };

        assertThatThrownBy(() -> Mail.put(spool, Mail.ONE, Mail.octets(6000, 1)))
                .hasCauseInstanceOf(IOException.class);
        assertThat(spool.fault()).isPresent();
        disk.beforeSync = () -> {};
    }

    @Test
    void leavesNoChunkOut() throws Exception {
        Mail.put(spool, Mail.ONE, Mail.octets(4000, 1));
        Mail.put(spool, Mail.ONE, Mail.octets(6000, 1));
        SpoolWriter writer = spool.open(Mail.ONE, Mail.NOON);
        writer.write(ByteBuffer.wrap(Mail.octets("x")));
        assertThat(spool.chunks.out()).isEqualTo(1);
        writer.abort();
        assertThat(spool.chunks.out()).isZero();
        disk.fail(1, 1);
        assertThatThrownBy(() -> Mail.put(spool, Mail.ONE, Mail.octets("x"))).isInstanceOf(Exception.class);
        assertThat(spool.chunks.out()).isZero();
    }
}
