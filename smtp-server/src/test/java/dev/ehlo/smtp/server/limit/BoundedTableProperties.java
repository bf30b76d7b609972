package dev.ehlo.smtp.server.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Rate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The table beside a map that forgets nothing. */
class BoundedTableProperties {
    static final int FEW = BoundedTable.WAYS;

    @Property(tries = 200)
    void remembersAsAMapDoesWhileThereIsRoom(
            @ForAll @Size(max = 300) List<@IntRange(min = 0, max = FEW - 1) Integer> keys) {
        BoundedTable<Usage> table = new BoundedTable<>(FEW, Usage::new);
        Map<Integer, Usage> reference = new HashMap<>();
        for (int key : keys) {
            Usage found = table.find(key);
            assertThat(found).isSameAs(reference.get(key));
            if (found != null) {
                found.release();
            }
            Usage made = Objects.requireNonNull(table.findOrMake(key, 0));
            assertThat(made).isSameAs(reference.computeIfAbsent(key, k -> made));
            assertThat(made.key).isEqualTo(key);
            made.release();
        }
    }

    @Property(tries = 100)
    void neverThrowsOutWhatIsHeldAndNeverHasMoreThanItsPlaces(
            @ForAll @Size(max = 300) List<Long> keys, @ForAll @IntRange(min = 1, max = 3) int sets) {
        BoundedTable<Usage> table = new BoundedTable<>(sets * FEW, Usage::new);
        Map<Long, Usage> held = new HashMap<>();
        for (long key : keys) {
            Usage usage = table.findOrMake(key, 0);
            if (usage != null && key % 3 == 0) {
                assertThat(held.getOrDefault(key, usage)).isSameAs(usage);
                held.put(key, usage);
            } else if (usage != null) {
                usage.release();
            }
        }
        held.forEach((key, usage) -> assertThat(table.find(key)).isSameAs(usage));
        long found =
                keys.stream().distinct().filter(key -> table.find(key) != null).count();
        assertThat(found).isLessThanOrEqualTo(table.places());
        assertThat(table.places()).isBetween(sets * FEW, 2 * sets * FEW);
    }

    @Test
    void throwsOutWhoIsForgottenFirst() {
        BoundedTable<Usage> table = new BoundedTable<>(FEW, Usage::new);
        Pace pace = new Pace(Rate.perMinute(1000));
        for (int key = 0; key < FEW; key++) {
            Usage usage = Objects.requireNonNull(table.findOrMake(key, 0));
            for (int i = 0; i < (key == 7 ? 1 : 10 + key); i++) {
                pace.take(Usage.MESSAGES, usage, 0);
            }
            usage.release();
        }
        Usage newcomer = Objects.requireNonNull(table.findOrMake(100, 0));
        assertThat(table.find(7)).isNull();
        Set<Usage> others = new HashSet<>();
        for (int key = 0; key < FEW; key++) {
            if (key != 7) {
                others.add(Objects.requireNonNull(table.find(key)));
            }
        }
        assertThat(others).hasSize(FEW - 1).doesNotContain(newcomer);
        // All are held now.
        assertThat(table.findOrMake(101, 0)).isNull();
    }

    @Test
    void makesOneEntryOfAKeyHoweverManyAskAtOnce() throws InterruptedException {
        BoundedTable<Usage> table = new BoundedTable<>(16 * FEW, Usage::new);
        int rounds = 2000;
        Usage[][] seen = new Usage[3][rounds];
        Thread[] threads = new Thread[seen.length];
        for (int i = 0; i < threads.length; i++) {
            Usage[] mine = seen[i];
            threads[i] = new Thread(() -> {
                for (int key = 0; key < rounds; key++) {
                    // 32 keys that stay, among others that come and go.
                    Usage usage = table.findOrMake(key % 2 == 0 ? key % 64 : 1000 + key, 0);
                    mine[key] = usage;
                    if (usage != null && key % 2 == 1) {
                        usage.release();
                    }
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        for (int key = 0; key < rounds; key += 2) {
            assertThat(seen[0][key]).isNotNull().isSameAs(seen[1][key]).isSameAs(seen[2][key]);
        }
    }
}
