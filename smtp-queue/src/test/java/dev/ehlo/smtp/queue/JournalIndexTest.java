package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.queue.journal.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a start takes from index files, and what it does where they, or the segments they stand for, are damaged. */
class JournalIndexTest extends JournalRig {
    /** Three messages of 900 octets to a segment. */
    private static final JournalLimits LIMITS = new JournalLimits(2000, 2500, 0, 1);

    private final List<SpooledMessage> messages = new ArrayList<>();

    JournalIndexTest() {
        super(LIMITS);
    }

    /** Starts without reading a message; answers with the names of those who are there. */
    private List<QueueId> restartOnly() throws IOException {
        spool.close();
        spool = another();
        List<QueueId> owned = new ArrayList<>();
        spool.start(new SpoolOwner() {
            @Override
            public void owns(QueueId id, List<PendingRecipient> pending) {
                owned.add(id);
            }

            @Override
            public void lost(QueueId id) {
                throw new AssertionError(id + " lost");
            }
        });
        return owned;
    }

    private void fill(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            messages.add(Mail.put(spool, Mail.THREE, Mail.octets(i % 4 == 1 ? 2100 : 900, i)));
            Mail.await(spool.crossOff(messages.get(i).id(), List.of(i % 3), DeliveryStatus.RELAYED));
            Mail.await(spool.defer(
                    messages.get(i).id(), List.of((i + 1) % 3), new Deferral(i, Mail.NOON.plusSeconds(i), false)));
        }
    }

    private List<QueueId> ids() {
        return messages.stream().map(SpooledMessage::id).toList();
    }

    private List<String> named(String end) {
        return disk.names().stream().filter(name -> name.endsWith(end)).sorted().toList();
    }

    private static String indexOf(String segment) {
        return segment.replace(".log", ".idx");
    }

    private static void assertSame(List<SpooledMessage> found, List<SpooledMessage> expected) throws IOException {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i).id()).isEqualTo(expected.get(i).id());
            assertThat(found.get(i).pending()).isEqualTo(expected.get(i).pending());
            assertThat(Mail.read(found.get(i).content()))
                    .isEqualTo(Mail.read(expected.get(i).content()));
        }
    }

    @Test
    void givesBackFromIndexesWhatAScanGives() throws Exception {
        fill(20);
        spool.close();
        TestDisk bare = disk.kill();
        bare.names().stream().filter(name -> name.endsWith(".idx")).forEach(bare::delete);
        assertThat(named(".idx")).hasSizeGreaterThan(3);

        List<SpooledMessage> found = restart();

        try (JournalSpool scanned = new JournalSpool(bare.indexingAtOnce(), LIMITS)) {
            assertSame(found, Mail.start(scanned));
        }
        assertThat(found).extracting(SpooledMessage::id).isEqualTo(ids());
    }

    @Test
    void readsNoSegmentThatHasAnIndex() throws Exception {
        fill(20);
        spool.close();
        List<String> indexes = named(".idx");
        for (String index : indexes) {
            String segment = index.replace(".idx", ".log");
            disk.put(segment, new byte[disk.octetsOf(segment).length]);
        }

        assertThat(restartOnly()).isEqualTo(ids());
    }

    @Test
    void scansWhereTheIndexIsDamagedOrOfAnotherSegment() throws Exception {
        fill(20);
        spool.close();
        List<String> indexes = named(".idx");
        String first = indexes.get(0);
        byte[] sound = disk.octetsOf(first);
        List<byte[]> others = new ArrayList<>(List.of(new byte[0], disk.octetsOf(indexes.get(1))));
        for (int at = 0; at < sound.length; at += 3) {
            byte[] flipped = sound.clone();
            flipped[at] ^= 0x55;
            others.add(flipped);
            others.add(Arrays.copyOf(sound, at));
        }
        for (byte[] other : others) {
            disk.put(first, other);

            assertThat(restartOnly()).isEqualTo(ids());
            spool.close();
        }
    }

    @Test
    void clearsUpWhatNoSegmentHas() throws Exception {
        fill(20);
        spool.close();
        String segment = named(".log").get(0);
        disk.put("00000000000000ff-0123456789abcdef.idx", new byte[10]);
        disk.put(segment.replace(".log", ".tmp"), new byte[10]);

        restart();

        assertThat(named(".tmp")).isEmpty();
        assertThat(named(".idx")).allMatch(index -> disk.names().contains(index.replace(".idx", ".log")));
    }

    @Test
    void startsWhereWhatIsOfNoUseCantBeDeleted() throws Exception {
        fill(20);
        spool.close();
        disk.flip(named(".idx").get(0), 50);
        disk.put("00000000000000ff-0123456789abcdef.idx", new byte[10]);
        disk.fail(1, 2);

        assertThat(restart()).extracting(SpooledMessage::id).isEqualTo(ids());
        assertThat(disk.names()).contains("00000000000000ff-0123456789abcdef.idx");
    }

    @Test
    void dropsTheIndexWithItsSegment() throws Exception {
        fill(20);
        assertThat(named(".idx")).isNotEmpty();
        for (SpooledMessage message : messages) {
            Mail.await(spool.crossOff(message.id(), List.of(0, 1, 2), DeliveryStatus.RELAYED));
        }

        assertThat(named(".idx")).isEmpty();
        assertThat(named(".log")).hasSize(1);
        assertThat(restart()).isEmpty();
    }

    @Test
    void goesOnWhereThereIsNoThreadToWriteAnIndex() throws Exception {
        spool.close();
        spool = new JournalSpool(
                new JournalSpool.Opening() {
                    @Override
                    public Storage open() throws IOException {
                        return disk.open();
                    }

                    @Override
                    public Executor indexing(Executor background) {
                        return task -> {
                            throw new OutOfMemoryError("no thread (test)");
                        };
                    }
                },
                LIMITS);
        Mail.start(spool);

        fill(20);

        assertThat(spool.fault()).isEmpty();
        assertThat(restart()).extracting(SpooledMessage::id).isEqualTo(ids());
    }

    @Test
    void aMessageThatThereIsNoThreadToReadIsAnsweredFor() throws Exception {
        Journal journal = new Journal(disk.kill().open(), LIMITS, new QueueIds(), Runnable::run);
        journal.roll(1);
        Entry entry = new Entry(7, 0, 1, false, true, 100);
        journal.place(entry, new Entry.Place(journal.active(), 0, 200, 100));
        LoadCommit load = new LoadCommit(
                entry.id(),
                task -> {
                    throw new OutOfMemoryError("no thread (test)");
                },
                commit -> {});
        load.apply(journal, journal.active(), 0, 0);

        load.done();

        assertThatThrownBy(() -> Mail.await(load.future)).hasCauseInstanceOf(IOException.class);
        journal.close();
    }

    @Test
    void costsNothingWhereMailIsDeliveredAsItComes() throws Exception {
        for (int i = 0; i < 100; i++) {
            SpooledMessage message = Mail.put(spool, Mail.ONE, Mail.octets(900, i));
            Mail.await(spool.crossOff(message.id(), List.of(0), DeliveryStatus.RELAYED));
            assertThat(named(".idx")).isEmpty();
        }
    }

    @Test
    void writesNoIndexOfADamagedSegment() throws Exception {
        fill(20);
        spool.close();
        String segment = named(".log").get(0);
        disk.delete(indexOf(segment));
        disk.flip(segment, 300);

        assertThat(restartOnly()).hasSize(19);
        assertThat(disk.names()).doesNotContain(indexOf(segment)).contains(segment);
        disk.flip(segment, 300);
        disk.names().stream().filter(name -> name.startsWith("corrupt/")).forEach(disk::delete);

        assertThat(restartOnly()).isEqualTo(ids());
        assertThat(disk.names()).contains(indexOf(segment));
    }

    @Test
    void writesNoIndexWhereRoomIsScarce() throws Exception {
        fill(2);
        disk.usable = -1;
        for (int i = 0; i < 200; i++) {
            Mail.await(spool.defer(messages.get(0).id(), List.of(0), new Deferral(i, Mail.NOON, false)));
        }
        assertThat(named(".log")).hasSizeGreaterThan(3);
        assertThat(named(".idx")).isEmpty();
        assertThat(spool.fault()).isEmpty();
    }

    @Test
    void aMessageFoundDamagedIsLostAloneAndForGood() throws Exception {
        fill(20);
        spool.close();
        String segment = named(".log").get(0);
        byte[] before = disk.octetsOf(segment);
        int inTheFirstOne = 29 + 17 + 400;
        disk.flip(segment, inTheFirstOne);
        assertThat(restartOnly()).isEqualTo(ids());
        QueueId lost = messages.get(0).id();

        assertThatThrownBy(() -> Mail.await(spool.load(lost))).hasCauseInstanceOf(MessageLostException.class);

        assertThat(spool.fault()).isEmpty();
        assertThatThrownBy(() -> Mail.await(spool.load(lost)))
                .cause()
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(MessageLostException.class);
        byte[] kept = disk.octetsOf(segment.replace(".log", "-29").replaceFirst("^", "corrupt/"));
        assertThat(kept[inTheFirstOne - 29]).isEqualTo((byte) (before[inTheFirstOne] ^ 0x55));
        assertThat(restart()).extracting(SpooledMessage::id).isEqualTo(ids().subList(1, 20));
    }

    @Test
    void keepsTheContentOfALargeMessageFoundDamaged() throws Exception {
        fill(20);
        QueueId large = messages.get(1).id();
        spool.close();
        String segment = named(".log").get(0);
        int start = ByteBuffer.wrap(disk.octetsOf(segment)).getInt(29 + 9) + 29 + 21;
        start = afterProgress(segment, start);
        disk.flip(segment, start + 40);
        assertThat(restartOnly()).isEqualTo(ids());

        assertThatThrownBy(() -> Mail.await(spool.load(large))).hasCauseInstanceOf(MessageLostException.class);

        assertThat(disk.octetsOf("corrupt/" + large)).isEqualTo(Mail.octets(2100, 1));
        assertThat(disk.names()).doesNotContain("content/" + large);
        assertThat(restart()).extracting(SpooledMessage::id).doesNotContain(large);
        assertThat(disk.names()).contains("corrupt/" + large);
    }

    /** Where the next message begins. */
    private int afterProgress(String segment, int start) {
        ByteBuffer octets = ByteBuffer.wrap(disk.octetsOf(segment));
        while (!MessageRecord.isMessage(octets.get(start + 8))) {
            start += 21 + octets.getInt(start + 9);
        }
        return start;
    }

    @Test
    void aMessageThatCantBeReadForNowIsNotLost() throws Exception {
        fill(20);
        assertThat(restartOnly()).isEqualTo(ids());
        disk.unreadable = true;

        assertThatThrownBy(() -> Mail.await(spool.load(messages.get(0).id())))
                .cause()
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(MessageLostException.class);
        disk.unreadable = false;

        assertThat(Mail.read(Mail.await(spool.load(messages.get(0).id())).content()))
                .isEqualTo(Mail.octets(900, 0));
    }

    @Test
    void remembersThatContentNeedsNoStuffingWhereverItIs() throws Exception {
        List<QueueId> plain = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            SpoolWriter writer = spool.open(Mail.ONE, Mail.NOON);
            writer.write(ByteBuffer.wrap(Mail.octets(i % 4 < 2 ? 2100 : 900, i)));
            if (i % 2 == 0) {
                writer.needsNoStuffing();
                plain.add(writer.id());
            }
            messages.add(Mail.await(writer.complete()));
        }
        Consumer<Stream<SpooledMessage>> check =
                found -> assertThat(found.filter(message -> !message.content().needsStuffing())
                                .map(SpooledMessage::id))
                        .isEqualTo(plain);
        check.accept(messages.stream());
        check.accept(restart().stream());
        String first = named(".log").get(0);
        for (int i = 0; disk.names().contains(first) && i < 100; i++) {
            SpooledMessage passes = Mail.put(spool, Mail.ONE, Mail.octets(1900, i));
            Mail.await(spool.crossOff(passes.id(), List.of(0), DeliveryStatus.RELAYED));
        }
        assertThat(disk.names()).doesNotContain(first);
        check.accept(restart().stream());
    }

    @Test
    void startsWhereThereIsNoRoomToCopyWhatIsTorn() throws Exception {
        fill(1);
        spool.close();
        String segment = named(".log").get(0);
        byte[] before = disk.octetsOf(segment);
        disk.put(segment, Arrays.copyOf(before, before.length + 9000));
        disk.fail(2, 1, TestDisk.Fault.NO_SPACE);

        List<SpooledMessage> found = restart();

        assertThat(found).extracting(SpooledMessage::id).isEqualTo(ids());
        assertThat(Mail.read(found.get(0).content())).isEqualTo(Mail.octets(900, 0));
        assertThat(disk.names()).noneMatch(name -> name.startsWith("corrupt/"));
        assertThat(disk.octetsOf(segment)).hasSize(before.length + 9000);
        assertThat(restart()).extracting(SpooledMessage::id).isEqualTo(ids());
        assertThat(disk.names()).anyMatch(name -> name.startsWith("corrupt/"));
        assertThat(disk.octetsOf(segment)).isEqualTo(before);
    }

    @Test
    void keepsASegmentWhoseTornTailCouldNotBeCopied() throws Exception {
        String segment = named(".log").get(0);
        byte[] start = disk.octetsOf(segment);
        fill(1);
        spool.close();
        byte[] before = disk.octetsOf(segment);
        for (byte[] sound : List.of(start, before)) {
            byte[] torn = Arrays.copyOf(before, sound.length + 100);
            disk.put(segment, torn);
            disk.fail(2, 1, TestDisk.Fault.NO_SPACE);
            for (SpooledMessage message : restart()) {
                Mail.await(spool.crossOff(message.id(), List.of(0, 1, 2), DeliveryStatus.RELAYED));
            }
            assertThat(disk.names()).noneMatch(name -> name.startsWith("corrupt/"));
            assertThat(disk.octetsOf(segment)).isEqualTo(torn);
        }

        restart();
        assertThat(disk.names()).anyMatch(name -> name.startsWith("corrupt/"));
    }

    @Test
    void keepsASegmentWhoseDamageCouldNotBeCopied() throws Exception {
        fill(4);
        spool.close();
        String segment = named(".log").get(0);
        disk.flip(segment, 300);
        disk.names().stream().filter(name -> name.endsWith(".idx")).forEach(disk::delete);
        disk.fail(2, 1, TestDisk.Fault.NO_SPACE);
        List<SpooledMessage> found = restart();
        assertThat(found).hasSize(3);
        for (SpooledMessage message : found) {
            Mail.await(spool.crossOff(message.id(), List.of(0, 1, 2), DeliveryStatus.RELAYED));
        }
        assertThat(disk.names()).contains(segment).noneMatch(name -> name.startsWith("corrupt/"));

        assertThat(restart()).isEmpty();
        assertThat(disk.names()).doesNotContain(segment).anyMatch(name -> name.startsWith("corrupt/"));
    }
}
