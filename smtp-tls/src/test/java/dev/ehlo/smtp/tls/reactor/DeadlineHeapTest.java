package dev.ehlo.smtp.tls.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DeadlineHeapTest {
    private final DeadlineHeap heap = new DeadlineHeap();

    /** Each number sets, moves or takes back one of 40 deadlines; a plain list is the measure. */
    @Property
    void comesInOrderWhateverWasMovedOrTakenBack(
            @ForAll @Size(max = 300) List<@IntRange(max = 8_000) Integer> moves, @ForAll long origin) {
        List<Deadline> deadlines = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            deadlines.add(new Deadline(() -> {}));
        }
        List<Deadline> set = new ArrayList<>();
        for (int move : moves) {
            Deadline deadline = deadlines.get(move % 40);
            set.remove(deadline);
            if (move % 7 == 0) {
                heap.clear(deadline);
            } else {
                heap.set(deadline, origin + move);
                set.add(deadline);
            }
        }
        set.sort(Comparator.comparingLong(deadline -> deadline.at - origin));

        long end = origin + 8_000;
        assertThat(heap.nanosToNext(origin)).isEqualTo(set.isEmpty() ? Long.MAX_VALUE : set.get(0).at - origin);
        for (Deadline expected : set) {
            assertThat(heap.pollDue(expected.at - 1)).isNull();
            Deadline due = heap.pollDue(end);
            assertThat(due.at).isEqualTo(expected.at);
            assertThat(due.index).isEqualTo(Deadline.NOT_SET);
        }
        assertThat(heap.pollDue(end)).isNull();
    }

    @Test
    void tellsTimesApartWhenTheClockWrapsAround() {
        Deadline before = new Deadline(() -> {});
        Deadline after = new Deadline(() -> {});
        heap.set(after, Long.MIN_VALUE + 5);
        heap.set(before, Long.MAX_VALUE - 5);

        assertThat(heap.nanosToNext(Long.MAX_VALUE - 10)).isEqualTo(5);
        assertThat(heap.pollDue(Long.MAX_VALUE - 1)).isSameAs(before);
        assertThat(heap.pollDue(Long.MAX_VALUE)).isNull();
        assertThat(heap.pollDue(Long.MIN_VALUE + 5)).isSameAs(after);
    }
}
