package dev.ehlo.smtp.server.driver;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Counts for keys that peers choose, within windows of time, in a table of a fixed size: where it is full, the one of a few
 * that was counted longest ago is forgotten. So nobody fills the memory, and who tries that is forgotten himself. Each key
 * also has a habit: what it came to in the windows before, the last ones counting most.
 *
 * <p>A key is a {@linkplain dev.ehlo.smtp.server.limit.NameHash hash by a secret}, so that nobody can choose names that
 * push out a certain other one.
 *
 * <p>Thread-safe, without a lock: two threads that begin with a key at once may lose what one of them counted.
 */
final class Habits {
    /** Places that one key may have. */
    private static final int PLACES = 4;
    /** A window weighs an eighth of the habit. */
    private static final int WEIGHT = 8;

    private final AtomicReferenceArray<@Nullable Entry> table;
    private final long windowNanos;

    /** @param places a power of two, of entries at most */
    Habits(int places, long windowNanos) {
        this.table = new AtomicReferenceArray<>(places);
        this.windowNanos = windowNanos;
    }

    private static final class Entry {
        private final long key;
        private final AtomicLong count = new AtomicLong();
        private volatile long began;
        private volatile long seen;
        /** In eighths. */
        private volatile long habit;

        Entry(long key, long now) {
            this.key = key;
            this.began = now;
            this.seen = now;
        }
    }

    /**
     * Counts that many more of the key.
     *
     * @param factor times the habit, and at least
     * @param atLeast so many are unusual
     * @return the count of the window, if it has just come to be unusual; else 0
     */
    long add(long key, long more, long factor, long atLeast, long now) {
        Entry entry = entry(key, now);
        entry.seen = now;
        if (now - entry.began >= windowNanos) {
            roll(entry, now);
        }
        long unusual = Math.max(atLeast, factor * entry.habit / WEIGHT);
        long count = entry.count.addAndGet(more);
        return count >= unusual && count - more < unusual ? count : 0;
    }

    /** A window is over: it becomes part of the habit, which is kept over times when nothing comes. */
    private static void roll(Entry entry, long now) {
        entry.began = now;
        long past = entry.count.getAndSet(0);
        long before = entry.habit;
        entry.habit = before == 0 ? past * WEIGHT : before - before / WEIGHT + past;
    }

    private Entry entry(long key, long now) {
        int mask = table.length() - 1;
        int first = (int) key;
        int oldest = first & mask;
        long idle = Long.MIN_VALUE;
        for (int i = 0; i < PLACES; i++) {
            int place = first + i & mask;
            Entry there = table.get(place);
            if (there != null && there.key == key) {
                return there;
            }
            long unseen = there == null ? Long.MAX_VALUE : now - there.seen;
            if (unseen > idle) {
                idle = unseen;
                oldest = place;
            }
        }
        Entry made = new Entry(key, now);
        table.set(oldest, made);
        return made;
    }
}
