package dev.ehlo.smtp.server.limit;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Entries by key, of which there are never more than places, however many keys come. A key has a few places where its
 * entry may be. A new one takes a free place, or throws out of them the entry that nobody holds and that would be
 * forgotten first, so that those who did the most are remembered the longest. Which keys share places is a secret of the
 * table: nobody can choose addresses that throw out a certain entry.
 *
 * <p>To find an entry takes no lock. To make one takes one of a few, for the length of a look at those places.
 * Thread-safe.
 *
 * @param <E> the kind of entry
 */
final class BoundedTable<E extends Entry> {
    /** Places of one key. */
    static final int WAYS = 16;

    private static final int LOCKS = 64;
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    /** Makes entries. */
    interface Maker<E> {
        E make(long key, long now);
    }

    private final AtomicReferenceArray<@Nullable E> places;
    private final Maker<E> maker;
    private final Object[] locks = new Object[LOCKS];
    private final long secret = ThreadLocalRandom.current().nextLong();
    private final int setMask;

    /** As many places as asked for, up to the next power of two; {@link #WAYS} at least. */
    BoundedTable(int places, Maker<E> maker) {
        int sets = places <= WAYS ? 1 : Integer.highestOneBit((places - 1) / WAYS) << 1;
        this.setMask = sets - 1;
        this.places = new AtomicReferenceArray<>(sets * WAYS);
        this.maker = maker;
        for (int i = 0; i < LOCKS; i++) {
            locks[i] = new Object();
        }
    }

    int places() {
        return places.length();
    }

    /** The entry of that key, held; null if there is none. */
    @Nullable
    E find(long key) {
        return find(key, set(key));
    }

    /** The entry of that key, held and if need be made; null if others hold all its places. */
    @Nullable
    E findOrMake(long key, long now) {
        int set = set(key);
        E found = find(key, set);
        if (found != null) {
            return found;
        }
        synchronized (locks[set & LOCKS - 1]) {
            found = find(key, set);
            return found != null ? found : make(key, set, now);
        }
    }

    private @Nullable E find(long key, int set) {
        for (int i = set * WAYS, end = i + WAYS; i < end; i++) {
            E entry = places.get(i);
            if (entry != null && entry.key == key && entry.hold()) {
                return entry;
            }
        }
        return null;
    }

    private @Nullable E make(long key, int set, long now) {
        E made = maker.make(key, now);
        made.hold();
        for (int tries = 0; tries < WAYS; tries++) {
            int place = place(set, now);
            if (place < 0) {
                return null;
            }
            E old = places.get(place);
            // It may have been held since it was looked at.
            if (old == null || old.throwOut()) {
                places.set(place, made);
                return made;
            }
        }
        return null;
    }

    /** A free place, or that of the entry to be forgotten first of those nobody holds; -1 if all are held. */
    private int place(int set, long now) {
        int best = -1;
        long first = Long.MAX_VALUE;
        for (int i = set * WAYS, end = i + WAYS; i < end; i++) {
            E entry = places.get(i);
            if (entry == null) {
                return i;
            }
            long left = entry.forgottenAt() - now;
            if (!entry.isHeld() && left < first) {
                first = left;
                best = i;
            }
        }
        return best;
    }

    private int set(long key) {
        return (int) (mix(key ^ secret) & setMask);
    }

    static long mix(long value) {
        long bits = value * GOLDEN;
        bits = (bits ^ bits >>> 30) * 0xbf58476d1ce4e5b9L;
        bits = (bits ^ bits >>> 27) * 0x94d049bb133111ebL;
        return bits ^ bits >>> 31;
    }
}
