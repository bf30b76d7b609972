package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class EntryTest {
    @Property(tries = 300)
    void keepsWhoIsOpenAndHowItStands(
            @ForAll @IntRange(min = 1, max = 200) int recipients,
            @ForAll @Size(max = 300) List<@IntRange(max = 799) Integer> steps) {
        Deferral fresh = new Deferral(0, Mail.NOON, false);
        Entry entry = new Entry(1, Mail.NOON.toEpochMilli(), recipients, false, true, 0);
        Map<Integer, Deferral> open = new TreeMap<>();
        for (int i = 0; i < recipients; i++) {
            open.put(i, fresh);
        }
        for (int step : steps) {
            int recipient = step / 4 - 1;
            Deferral deferral = new Deferral(step, Mail.NOON.minusSeconds(step), step % 3 == 0);
            switch (step % 4) {
                case 0 -> {
                    entry.settle(recipient);
                    open.remove(recipient);
                }
                default -> {
                    entry.defer(recipient, deferral);
                    open.computeIfPresent(recipient, (r, before) -> deferral);
                }
            }
            assertThat(entry.isOpen(recipient)).isEqualTo(open.containsKey(recipient));
        }

        assertThat(entry.isSettled()).isEqualTo(open.isEmpty());
        assertThat(entry.pending())
                .isEqualTo(open.entrySet().stream()
                        .map(one -> new PendingRecipient(one.getKey(), one.getValue()))
                        .toList());
    }
}
