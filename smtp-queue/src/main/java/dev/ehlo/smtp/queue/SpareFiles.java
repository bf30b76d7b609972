package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.journal.Storage;
import dev.ehlo.smtp.queue.journal.StorageFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empty files that are kept ready for messages let in before a file system without inodes was noticed: nothing tells how
 * many it has, and what is let in should not be refused for that. The last one is for the next start. Shared between
 * threads.
 *
 * <pre>
 *   WHOLE ─ one is taken, as no file could be made → BROKEN (no message is let in) ─ all made again → WHOLE
 * </pre>
 */
final class SpareFiles {
    private static final Logger LOG = LoggerFactory.getLogger(SpareFiles.class);
    /** Below the spool. */
    static final String FOLDER = "spare";
    /** How long until it is tried again to make what is missing. */
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Storage storage;
    private final int most;
    private final LongSupplier nanoTime;
    private final ArrayDeque<String> ready = new ArrayDeque<>();
    private long lastName;
    private long lastTry;
    private volatile boolean whole;

    /** @param most how many are kept */
    SpareFiles(Storage storage, int most, LongSupplier nanoTime) {
        this.storage = storage;
        this.most = most;
        this.nanoTime = nanoTime;
        whole = most == 0;
    }

    /** Finds those of before. */
    synchronized void recover() throws IOException {
        for (String name : storage.list(FOLDER)) {
            String path = FOLDER + '/' + name;
            // One that was taken and is here nevertheless is what a crash left of a change of names.
            if (ready.size() < most && storage.size(path) == 0) {
                ready.add(path);
            } else {
                storage.delete(path);
            }
            if (name.matches("[0-9]{1,18}")) {
                lastName = Math.max(lastName, Long.parseLong(name));
            }
        }
    }

    /** Makes those that are missing; whether that is so {@link #check} tells. */
    synchronized void fill() {
        lastTry = nanoTime.getAsLong();
        try {
            while (ready.size() < most) {
                String path = FOLDER + '/' + ++lastName;
                storage.create(path).close();
                ready.add(path);
            }
            whole = true;
        } catch (IOException e) {
            LOG.warn("no more files can be made in the spool; {} of {} are spare", ready.size(), most, e);
        }
    }

    /** @throws IOException if some are missing, and can't be made */
    void check() throws IOException {
        if (!whole) {
            fillAgain();
        }
    }

    private synchronized void fillAgain() throws IOException {
        if (!whole && nanoTime.getAsLong() - lastTry >= AGAIN_NANOS) {
            fill();
        }
        if (!whole) {
            throw new IOException("no more files can be made in the spool");
        }
    }

    /** A new file, if need be in place of a spare one. */
    StorageFile create(String path) throws IOException {
        try {
            return storage.create(path);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException e) {
            String spare = take(1);
            if (spare == null) {
                throw e;
            }
            return inPlaceOf(spare, path, e);
        }
    }

    private StorageFile inPlaceOf(String spare, String path, IOException cause) throws IOException {
        try {
            storage.move(spare, path);
            return storage.open(path);
        } catch (IOException e) {
            e.addSuppressed(cause);
            storage.delete(path);
            throw e;
        }
    }

    /** Gives one up, for a file that others make; answers whether there was one. */
    boolean giveUp() throws IOException {
        String spare = take(0);
        if (spare != null) {
            storage.delete(spare);
        }
        return spare != null;
    }

    private synchronized @Nullable String take(int left) {
        whole = most == 0;
        return ready.size() > left ? ready.poll() : null;
    }
}
