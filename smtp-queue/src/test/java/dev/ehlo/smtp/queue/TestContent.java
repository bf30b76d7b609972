package dev.ehlo.smtp.queue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** What a file of a {@link TestDisk} has, and which of its writes are on the disk. Guarded by the disk. */
final class TestContent {
    byte[] octets = {};
    byte[] durable = {};
    /** What was written since the last sync, in order. */
    private List<Write> unsynced = new ArrayList<>();
    /** What a sync did not bring to the disk, and no later one will. */
    private List<Write> dropped = new ArrayList<>();

    private record Write(int from, int end) {}

    TestContent copy() {
        TestContent copy = new TestContent();
        copy.octets = octets.clone();
        copy.durable = durable.clone();
        copy.unsynced = new ArrayList<>(unsynced);
        copy.dropped = new ArrayList<>(dropped);
        return copy;
    }

    void write(byte[] more) {
        int from = octets.length;
        octets = Arrays.copyOf(octets, from + more.length);
        System.arraycopy(more, 0, octets, from, more.length);
        unsynced.add(new Write(from, octets.length));
    }

    void truncate(int size) {
        octets = Arrays.copyOf(octets, size);
        unsynced = upTo(unsynced, size);
        dropped = upTo(dropped, size);
    }

    private static List<Write> upTo(List<Write> writes, int size) {
        List<Write> left = new ArrayList<>();
        for (Write write : writes) {
            if (write.from < size) {
                left.add(new Write(write.from, Math.min(size, write.end)));
            }
        }
        return left;
    }

    /** A sync that failed: the system holds for written what is not. */
    void drop() {
        dropped.addAll(unsynced);
        unsynced.clear();
    }

    void sync() {
        durable = octets.clone();
        dropped.forEach(write -> Arrays.fill(durable, write.from, write.end, (byte) 0));
        unsynced.clear();
    }

    /** What is left when the power is lost. */
    TestContent remains(Random random) {
        byte[] left = durable;
        if (!startsWith(octets, durable)) {
            left = random.nextBoolean() ? octets : durable;
        } else if (octets.length > durable.length) {
            left = someOfTheWrites(random);
        }
        TestContent copy = new TestContent();
        copy.octets = left.clone();
        copy.durable = left.clone();
        return copy;
    }

    private byte[] someOfTheWrites(Random random) {
        byte[] left = Arrays.copyOf(durable, octets.length);
        int size = durable.length;
        for (Write write : unsynced) {
            int length = write.end - write.from;
            int kept = random.nextBoolean() ? length : random.nextBoolean() ? 0 : random.nextInt(length + 1);
            System.arraycopy(octets, write.from, left, write.from, kept);
            size = kept > 0 ? Math.max(size, write.from + kept) : size;
        }
        // The size may have become durable without what was written.
        return random.nextInt(4) == 0 ? left : Arrays.copyOf(left, size);
    }

    private static boolean startsWith(byte[] octets, byte[] beginning) {
        return octets.length >= beginning.length
                && Arrays.equals(octets, 0, beginning.length, beginning, 0, beginning.length);
    }
}
