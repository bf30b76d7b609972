package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class EntryTableTest {
    private static Entry entry(long id) {
        return new Entry(id, 0, 1, false, true, 0);
    }

    /** Few ids, so that they are met again; in steps of one and of the counter of a millisecond, as ids come. */
    private static long id(int number) {
        return number % 2 == 0 ? number : (long) number << 20;
    }

    @Property(tries = 300)
    void isAMap(@ForAll @Size(max = 400) List<@IntRange(max = 1199) Integer> steps) {
        EntryTable table = new EntryTable();
        Map<Long, Entry> map = new TreeMap<>();
        for (int step : steps) {
            long id = id(step % 300);
            if (step < 800) {
                Entry entry = entry(id);
                table.put(entry);
                map.put(id, entry);
            } else {
                table.remove(id);
                map.remove(id);
            }
            assertThat(table.size()).isEqualTo(map.size());
        }
        for (int i = 0; i < 300; i++) {
            assertThat(table.get(id(i))).isSameAs(map.get(id(i)));
        }
        assertThat(table.ids()).containsExactly(map.keySet().stream().toArray(Long[]::new));
        List<Entry> all = new ArrayList<>();
        table.forEach(all::add);
        assertThat(all).containsExactlyInAnyOrderElementsOf(map.values());
    }

    /** As after a clock was set back: ids go on from the last one, over all of its milliseconds. */
    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void isNotSlowedDownByIdsThatFollowEachOther() {
        EntryTable table = new EntryTable();
        long first = Mail.NOON.toEpochMilli() << 20;
        int count = 200_000;
        for (int i = 0; i < count; i++) {
            table.put(entry(first + i));
        }

        for (int i = 0; i < count; i++) {
            table.remove(first + i);
        }

        assertThat(table.size()).isZero();
    }

    @Test
    void growsAndShrinksAndFindsEachOne() {
        EntryTable table = new EntryTable();
        Map<Long, Entry> map = new HashMap<>();
        long now = Mail.NOON.toEpochMilli() << 20;
        for (int i = 0; i < 100_000; i++) {
            Entry entry = entry(now + (long) (i / 7) * (1 << 20) + i % 7);
            table.put(entry);
            map.put(entry.id, entry);
        }
        assertThat(map).hasSize(100_000);
        for (long id : List.copyOf(map.keySet())) {
            assertThat(table.get(id)).isSameAs(map.get(id));
            if (id % 1000 != 0) {
                table.remove(id);
                map.remove(id);
            }
        }

        assertThat(table.size()).isEqualTo(map.size());
        map.forEach((id, entry) -> assertThat(table.get(id)).isSameAs(entry));
    }
}
