package dev.ehlo.smtp.queue;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Entries by id: a reference in a slot for each, and none of the nodes and keys that a map would have. Belongs to the
 * commit thread.
 */
final class EntryTable {
    private static final int LEAST_SLOTS = 1 << 10;
    /** So many ids that follow each other lie together. */
    private static final int RUN_BITS = 6;

    /** A power of two of slots, at most two in three taken; an entry is at its slot or, with no gap before it, behind. */
    private @Nullable Entry[] slots = new @Nullable Entry[LEAST_SLOTS];

    private int size;

    int size() {
        return size;
    }

    @Nullable
    Entry get(long id) {
        return slots[slotOf(id)];
    }

    /** Adds an entry, or puts it in the place of the one with its id. */
    void put(Entry entry) {
        int slot = slotOf(entry.id);
        if (slots[slot] == null) {
            size++;
        }
        slots[slot] = entry;
        if (size > slots.length / 3 * 2) {
            resize(slots.length * 2);
        }
    }

    /** Does nothing if there is none. */
    void remove(long id) {
        int gap = slotOf(id);
        if (slots[gap] == null) {
            return;
        }
        int last = slots.length - 1;
        for (int at = gap + 1 & last; ; at = at + 1 & last) {
            Entry entry = slots[at];
            if (entry == null) {
                break;
            }
            // One that does not belong between the gap and where it is would not be found any more.
            if ((at - home(entry.id) & last) >= (at - gap & last)) {
                slots[gap] = entry;
                gap = at;
            }
        }
        slots[gap] = null;
        size--;
        if (slots.length > LEAST_SLOTS && size < slots.length / 8) {
            resize(slots.length / 2);
        }
    }

    /** The ids, in order. */
    long[] ids() {
        long[] ids = new long[size];
        int count = 0;
        for (Entry entry : slots) {
            if (entry != null) {
                ids[count++] = entry.id;
            }
        }
        Arrays.sort(ids);
        return ids;
    }

    /** In any order; what is called leaves the table as it is. */
    void forEach(Consumer<Entry> action) {
        for (Entry entry : slots) {
            if (entry != null) {
                action.accept(entry);
            }
        }
    }

    /** Where the entry with this id is, or would be. */
    private int slotOf(long id) {
        int slot = home(id);
        for (Entry entry = slots[slot]; entry != null && entry.id != id; entry = slots[slot]) {
            slot = slot + 1 & slots.length - 1;
        }
        return slot;
    }

    /**
     * Ids are a number of milliseconds and a counter: those of one time, which are often asked for together, lie
     * together; but not all that follow each other, which may be any number after a clock was set back.
     */
    private int home(long id) {
        long spread = (id >>> RUN_BITS) * 0x9e3779b97f4a7c15L >>> Long.numberOfLeadingZeros(slots.length - 1);
        return (int) (spread + id) & slots.length - 1;
    }

    private void resize(int count) {
        @Nullable Entry[] before = slots;
        slots = new @Nullable Entry[count];
        for (Entry entry : before) {
            if (entry != null) {
                slots[slotOf(entry.id)] = entry;
            }
        }
    }
}
