package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.journal.Storage;
import dev.ehlo.smtp.queue.journal.StorageFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * A disk that knows what was synced. After {@link #crash} it holds that, and of the rest what chance left: of the writes
 * to a file some and others not, whichever came first, some in part, and names that were not synced or had been deleted.
 */
final class TestDisk {
    private final Map<String, Content> names = new TreeMap<>();
    private final Map<String, Content> durableNames = new TreeMap<>();
    private long calls;
    private long failFrom = Long.MAX_VALUE;
    private long failUntil = Long.MAX_VALUE;
    private Fault fault = Fault.INPUT_OUTPUT;
    long syncs;
    long usable = Long.MAX_VALUE;
    boolean locked;
    /** How many files there may be. */
    volatile int mostNames = Integer.MAX_VALUE;
    /** Whether files can't grow. */
    volatile boolean full;
    /** Runs before each sync, on the thread that syncs. */
    Runnable beforeSync = () -> {};

    /** Whether nothing can be read. */
    volatile boolean unreadable;

    /** How calls fail. */
    enum Fault {
        /** Those that need room; a write writes a part. */
        NO_SPACE("no space left on device (test)"),
        /** All; what a sync fails to write no later one will write, though the system still shows it. */
        INPUT_OUTPUT("input/output error (test)");

        private final String message;

        Fault(String message) {
            this.message = message;
        }
    }

    private record Write(int from, int end) {}

    private static final class Content {
        byte[] octets = {};
        byte[] durable = {};
        /** What was written since the last sync, in order. */
        List<Write> unsynced = new ArrayList<>();
        /** What a sync did not bring to the disk. */
        List<Write> dropped = new ArrayList<>();

        Content copy() {
            Content copy = new Content();
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

        void drop() {
            dropped.addAll(unsynced);
            unsynced.clear();
        }

        void sync() {
            durable = octets.clone();
            dropped.forEach(write -> Arrays.fill(durable, write.from, write.end, (byte) 0));
            unsynced.clear();
        }
    }

    synchronized Storage open() throws IOException {
        if (locked) {
            throw new IOException("in use");
        }
        locked = true;
        return new Files();
    }

    /** Has index files written by who seals a segment, so that the calls of the disk have an order. */
    JournalSpool.Opening indexingAtOnce() {
        return new JournalSpool.Opening() {
            @Override
            public Storage open() throws IOException {
                return TestDisk.this.open();
            }

            @Override
            public Executor indexing(Executor background) {
                return Runnable::run;
            }
        };
    }

    /** From the n-th changing call on, from 1, {@code count} calls fail. */
    synchronized void fail(long n, long count) {
        fail(n, count, Fault.INPUT_OUTPUT);
    }

    synchronized void fail(long n, long count, Fault how) {
        failFrom = calls + n;
        failUntil = failFrom + count;
        fault = how;
    }

    /** Whether the next call fails for want of room. */
    synchronized boolean hasNoSpace() {
        return full || fault == Fault.NO_SPACE && calls + 1 >= failFrom && calls + 1 < failUntil;
    }

    synchronized long calls() {
        return calls;
    }

    synchronized long octets(String prefix) {
        return names.entrySet().stream()
                .filter(e -> e.getKey().startsWith(prefix))
                .mapToLong(e -> e.getValue().octets.length)
                .sum();
    }

    synchronized Set<String> names() {
        return new HashSet<>(names.keySet());
    }

    synchronized void flip(String name, int at) {
        Content content = names.get(name);
        content.octets[at] ^= 0x55;
        content.durable = content.octets.clone();
    }

    synchronized void cut(String name, int octets) {
        Content content = names.get(name);
        content.truncate(octets);
        content.durable = content.octets.clone();
    }

    synchronized void put(String name, byte[] octets) {
        Content content = new Content();
        content.octets = octets.clone();
        content.durable = octets.clone();
        names.put(name, content);
        durableNames.put(name, content);
    }

    synchronized void delete(String name) {
        names.remove(name);
        durableNames.remove(name);
    }

    synchronized byte[] octetsOf(String name) {
        return names.get(name).octets.clone();
    }

    /** What the next start finds after the power was lost. The old objects must not be used any more. */
    synchronized TestDisk crash(Random random) {
        TestDisk after = new TestDisk();
        Set<String> all = new HashSet<>(names.keySet());
        all.addAll(durableNames.keySet());
        Map<Content, Content> copies = new HashMap<>();
        for (String name : all) {
            Content current = names.get(name);
            Content durable = durableNames.get(name);
            Content chosen = current == durable || random.nextBoolean() ? durable : current;
            if (chosen != null) {
                Content copy = copies.computeIfAbsent(chosen, content -> remains(content, random));
                after.names.put(name, copy);
                after.durableNames.put(name, copy);
            }
        }
        return after;
    }

    /** What the next start finds after the process was killed: all that was written. */
    synchronized TestDisk kill() {
        TestDisk after = new TestDisk();
        Map<Content, Content> copies = new HashMap<>();
        names.forEach((name, content) -> after.names.put(name, copies.computeIfAbsent(content, Content::copy)));
        durableNames.forEach(
                (name, content) -> after.durableNames.put(name, copies.computeIfAbsent(content, Content::copy)));
        return after;
    }

    private static Content remains(Content content, Random random) {
        Content copy = new Content();
        byte[] octets = content.durable;
        if (!startsWith(content.octets, octets)) {
            octets = random.nextBoolean() ? content.octets : content.durable;
        } else if (content.octets.length > octets.length) {
            octets = someOfTheWrites(content, random);
        }
        copy.octets = octets.clone();
        copy.durable = octets.clone();
        return copy;
    }

    private static byte[] someOfTheWrites(Content content, Random random) {
        byte[] octets = Arrays.copyOf(content.durable, content.octets.length);
        int size = content.durable.length;
        for (Write write : content.unsynced) {
            int length = write.end - write.from;
            int kept = random.nextBoolean() ? length : random.nextBoolean() ? 0 : random.nextInt(length + 1);
            System.arraycopy(content.octets, write.from, octets, write.from, kept);
            size = kept > 0 ? Math.max(size, write.from + kept) : size;
        }
        // The size may have become durable without what was written.
        return random.nextInt(4) == 0 ? octets : Arrays.copyOf(octets, size);
    }

    private static boolean startsWith(byte[] octets, byte[] beginning) {
        return octets.length >= beginning.length
                && Arrays.equals(octets, 0, beginning.length, beginning, 0, beginning.length);
    }

    private boolean fails(boolean needsRoom) {
        calls++;
        return calls >= failFrom && calls < failUntil && (needsRoom || fault == Fault.INPUT_OUTPUT);
    }

    private void call(boolean needsRoom) throws IOException {
        if (fails(needsRoom)) {
            throw new IOException(fault.message);
        }
    }

    private final class Files implements Storage {
        @Override
        public void list(String folder, Consumer<String> action) {
            synchronized (TestDisk.this) {
                String prefix = folder.isEmpty() ? "" : folder + '/';
                names.keySet().stream()
                        .filter(name -> name.startsWith(prefix))
                        .map(name -> name.substring(prefix.length()))
                        .filter(name -> name.indexOf('/') < 0)
                        .forEach(action);
            }
        }

        @Override
        public long size(String path) {
            synchronized (TestDisk.this) {
                Content content = names.get(path);
                return content == null ? -1 : content.octets.length;
            }
        }

        @Override
        public StorageFile create(String path) throws IOException {
            synchronized (TestDisk.this) {
                call(true);
                Content content = new Content();
                if (names.size() >= mostNames && !names.containsKey(path)) {
                    throw new IOException("no inodes (test)");
                }
                if (names.putIfAbsent(path, content) != null) {
                    throw new FileAlreadyExistsException(path);
                }
                return new File(content);
            }
        }

        @Override
        public StorageFile open(String path) throws IOException {
            synchronized (TestDisk.this) {
                Content content = names.get(path);
                if (content == null) {
                    throw new FileNotFoundException(path);
                }
                return new File(content);
            }
        }

        @Override
        public void delete(String path) throws IOException {
            synchronized (TestDisk.this) {
                call(false);
                names.remove(path);
            }
        }

        @Override
        public void move(String from, String to) throws IOException {
            synchronized (TestDisk.this) {
                call(true);
                Content content = names.remove(from);
                if (content == null) {
                    throw new FileNotFoundException(from);
                }
                names.put(to, content);
            }
        }

        @Override
        public void syncFolder(String folder) throws IOException {
            synchronized (TestDisk.this) {
                call(false);
                String prefix = folder.isEmpty() ? "" : folder + '/';
                durableNames.keySet().removeIf(name -> isIn(prefix, name));
                names.forEach((name, content) -> {
                    if (isIn(prefix, name)) {
                        durableNames.put(name, content);
                    }
                });
            }
        }

        private boolean isIn(String prefix, String name) {
            return name.startsWith(prefix) && name.indexOf('/', prefix.length()) < 0;
        }

        @Override
        public long usableOctets() {
            return usable;
        }

        @Override
        public long syncs() {
            synchronized (TestDisk.this) {
                return syncs;
            }
        }

        @Override
        public void close() {
            synchronized (TestDisk.this) {
                locked = false;
            }
        }
    }

    private final class File implements StorageFile {
        private final Content content;
        private boolean open = true;

        File(Content content) {
            this.content = content;
        }

        @Override
        public long size() {
            synchronized (TestDisk.this) {
                return content.octets.length;
            }
        }

        @Override
        public void append(List<ByteBuffer> buffers) throws IOException {
            synchronized (TestDisk.this) {
                boolean failing = fails(true) || full;
                ByteBuffer all = ByteBuffer.allocate(
                        buffers.stream().mapToInt(ByteBuffer::remaining).sum());
                buffers.forEach(all::put);
                // A write that fails has often written a part.
                content.write(failing ? Arrays.copyOf(all.array(), all.capacity() / 2) : all.array());
                if (failing) {
                    throw new IOException(full ? Fault.NO_SPACE.message : fault.message);
                }
            }
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            synchronized (TestDisk.this) {
                if (!open || unreadable) {
                    throw new IOException(open ? Fault.INPUT_OUTPUT.message : "file is closed");
                }
                int count = (int) Math.min(into.remaining(), content.octets.length - position);
                if (count <= 0) {
                    return into.hasRemaining() ? -1 : 0;
                }
                into.put(content.octets, (int) position, count);
                return count;
            }
        }

        @Override
        public void force() throws IOException {
            beforeSync.run();
            synchronized (TestDisk.this) {
                syncs++;
                if (fails(false)) {
                    content.drop();
                    throw new IOException(fault.message);
                }
                content.sync();
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (TestDisk.this) {
                call(false);
                content.truncate((int) size);
            }
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() {
            open = false;
        }
    }
}
