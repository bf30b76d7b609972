package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.journal.Storage;
import dev.ehlo.smtp.queue.journal.StorageFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A disk that knows what was synced. After {@link #crash} it holds that, and of the rest what chance left: a part of
 * what was written, with holes, and names that were not synced or had been deleted.
 */
final class TestDisk {
    private final Map<String, Content> names = new TreeMap<>();
    private final Map<String, Content> durableNames = new TreeMap<>();
    private long calls;
    private long failFrom = Long.MAX_VALUE;
    private long failUntil = Long.MAX_VALUE;
    long syncs;
    long usable = Long.MAX_VALUE;
    boolean locked;
    /** Whether files can't grow. */
    volatile boolean full;
    /** Runs before each sync, on the thread that syncs. */
    Runnable beforeSync = () -> {};

    private static final class Content {
        byte[] octets = {};
        byte[] durable = {};

        Content copy() {
            Content copy = new Content();
            copy.octets = octets.clone();
            copy.durable = durable.clone();
            return copy;
        }
    }

    synchronized Storage open() throws IOException {
        if (locked) {
            throw new IOException("in use");
        }
        locked = true;
        return new Files();
    }

    /** From the n-th changing call on, from 1, {@code count} calls fail. */
    synchronized void fail(long n, long count) {
        failFrom = calls + n;
        failUntil = failFrom + count;
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
        content.octets = Arrays.copyOf(content.octets, octets);
        content.durable = content.octets.clone();
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
        if (!startsWith(content.octets, octets) && random.nextBoolean()) {
            octets = content.octets;
        } else if (content.octets.length > octets.length) {
            int more = random.nextInt(content.octets.length - octets.length + 1);
            int from = octets.length;
            octets = Arrays.copyOf(content.octets, from + more);
            if (more > 1 && random.nextBoolean()) {
                int hole = from + random.nextInt(more);
                Arrays.fill(octets, hole, hole + random.nextInt(from + more - hole), (byte) 0);
            }
        }
        copy.octets = octets.clone();
        copy.durable = octets.clone();
        return copy;
    }

    private static boolean startsWith(byte[] octets, byte[] beginning) {
        return octets.length >= beginning.length
                && Arrays.equals(octets, 0, beginning.length, beginning, 0, beginning.length);
    }

    private boolean fails() {
        calls++;
        return calls >= failFrom && calls < failUntil;
    }

    private void call() throws IOException {
        if (fails()) {
            throw new IOException("no space left on device (test)");
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
                call();
                Content content = new Content();
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
                call();
                names.remove(path);
            }
        }

        @Override
        public void move(String from, String to) throws IOException {
            synchronized (TestDisk.this) {
                call();
                names.put(to, names.remove(from));
            }
        }

        @Override
        public void syncFolder(String folder) throws IOException {
            synchronized (TestDisk.this) {
                call();
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
                boolean failing = fails() || full;
                int size = content.octets.length;
                int more = buffers.stream().mapToInt(ByteBuffer::remaining).sum();
                ByteBuffer all = ByteBuffer.wrap(Arrays.copyOf(content.octets, size + more));
                all.position(size);
                buffers.forEach(all::put);
                // A write that fails has often written a part.
                content.octets = Arrays.copyOf(all.array(), failing ? size + more / 2 : size + more);
                if (failing) {
                    throw new IOException("no space left on device (test)");
                }
            }
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            synchronized (TestDisk.this) {
                if (!open) {
                    throw new IOException("file is closed");
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
                call();
                content.durable = content.octets.clone();
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (TestDisk.this) {
                call();
                content.octets = Arrays.copyOf(content.octets, (int) size);
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
