package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.journal.Storage;
import dev.ehlo.smtp.queue.journal.StorageFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
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
    private final Map<String, TestContent> names = new TreeMap<>();
    private final Map<String, TestContent> durableNames = new TreeMap<>();
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
        TestContent content = names.get(name);
        content.octets[at] ^= 0x55;
        content.durable = content.octets.clone();
    }

    synchronized void cut(String name, int octets) {
        TestContent content = names.get(name);
        content.truncate(octets);
        content.durable = content.octets.clone();
    }

    synchronized void put(String name, byte[] octets) {
        TestContent content = new TestContent();
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
        Map<TestContent, TestContent> copies = new HashMap<>();
        for (String name : all) {
            TestContent current = names.get(name);
            TestContent durable = durableNames.get(name);
            TestContent chosen = current == durable || random.nextBoolean() ? durable : current;
            if (chosen != null) {
                TestContent copy = copies.computeIfAbsent(chosen, content -> content.remains(random));
                after.names.put(name, copy);
                after.durableNames.put(name, copy);
            }
        }
        return after;
    }

    /** What the next start finds after the process was killed: all that was written. */
    synchronized TestDisk kill() {
        TestDisk after = new TestDisk();
        Map<TestContent, TestContent> copies = new HashMap<>();
        names.forEach((name, content) -> after.names.put(name, copies.computeIfAbsent(content, TestContent::copy)));
        durableNames.forEach(
                (name, content) -> after.durableNames.put(name, copies.computeIfAbsent(content, TestContent::copy)));
        return after;
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
                TestContent content = names.get(path);
                return content == null ? -1 : content.octets.length;
            }
        }

        @Override
        public StorageFile create(String path) throws IOException {
            synchronized (TestDisk.this) {
                call(true);
                TestContent content = new TestContent();
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
                TestContent content = names.get(path);
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
                TestContent content = names.remove(from);
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
        private final TestContent content;
        private boolean open = true;

        File(TestContent content) {
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
        public FileChannel channel() {
            return new TestChannel(this);
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
