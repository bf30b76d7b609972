package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.QueuedRecipient.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Counts the deliveries that it is shown, on the scheduler's thread. */
final class DepthGauge implements Consumer<Delivery> {
    private static final List<Duration> AGES = List.of(
            Duration.ofMinutes(1),
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            Duration.ofHours(2),
            Duration.ofHours(12),
            Duration.ofDays(1),
            Duration.ofDays(3));

    private final long now;
    private final @Nullable Slot[] slots = new Slot[1 << MessageTraits.DOMAIN_BITS];
    private final List<Slot> used = new ArrayList<>();
    private final Tally tally = new Tally();
    private final long[] ages = new long[AGES.size() + 1];

    private static final class Tally {
        long ready;
        long inFlight;
        long deferred;
        long scheduled;
        long held;
        long ending;

        void add(State state) {
            switch (state) {
                case READY -> ready++;
                case IN_FLIGHT -> inFlight++;
                case DEFERRED -> deferred++;
                case SCHEDULED -> scheduled++;
                case HELD -> held++;
                case ENDING -> ending++;
            }
        }

        Map<State, Long> states() {
            Map<State, Long> states = new EnumMap<>(State.class);
            states.put(State.READY, ready);
            states.put(State.IN_FLIGHT, inFlight);
            states.put(State.DEFERRED, deferred);
            states.put(State.SCHEDULED, scheduled);
            states.put(State.HELD, held);
            states.put(State.ENDING, ending);
            return states;
        }
    }

    /** What there is to one destination. */
    static final class Slot {
        private final Tally tally = new Tally();
        private final int key;
        /** A message to it, from which its name is read. */
        final long sample;

        private long oldest = Long.MAX_VALUE;

        @Nullable
        Lane lane;

        Slot(int key, long sample) {
            this.key = key;
            this.sample = sample;
        }

        private long waiting() {
            return tally.ready + tally.deferred + tally.scheduled + tally.held;
        }

        /** The domain by which it is known, of those of a message; null if it is none of them. */
        @Nullable
        String domainIn(SpooledMessage message) {
            for (PendingRecipient pending : message.pending()) {
                String domain = message.envelope()
                        .recipients()
                        .get(pending.index())
                        .mailbox()
                        .destination();
                if (MessageTraits.destination(MessageTraits.domain(domain)) == key) {
                    return domain;
                }
            }
            return null;
        }

        QueueDepth.Destination destination(String domain, QueueDepth.@Nullable Lane by) {
            return new QueueDepth.Destination(
                    domain,
                    tally.ready,
                    tally.inFlight,
                    tally.deferred + tally.scheduled,
                    tally.held,
                    Instant.ofEpochMilli(oldest),
                    by);
        }
    }

    DepthGauge(long now) {
        this.now = now;
    }

    @Override
    public void accept(Delivery delivery) {
        State state = State.of(delivery);
        tally.add(state);
        ages[age(now - delivery.queueMillis())]++;
        int key = MessageTraits.destination(delivery.traits);
        if (key == 0) {
            return;
        }
        Slot slot = slots[key];
        if (slot == null) {
            slot = new Slot(key, delivery.id);
            slots[key] = slot;
            used.add(slot);
        }
        slot.tally.add(state);
        slot.oldest = Math.min(slot.oldest, delivery.queueMillis());
        if (delivery.lane != null) {
            slot.lane = delivery.lane;
        }
    }

    private static int age(long millis) {
        int age = 0;
        while (age < AGES.size() && millis >= AGES.get(age).toMillis()) {
            age++;
        }
        return age;
    }

    /** Those with most that waits. */
    List<Slot> most(int count) {
        return used.stream()
                .sorted(Comparator.comparingLong(Slot::waiting).reversed())
                .limit(count)
                .toList();
    }

    QueueDepth depth(List<QueueDepth.Destination> destinations) {
        List<QueueDepth.Age> byAge = new ArrayList<>();
        for (int i = 0; i < ages.length; i++) {
            byAge.add(new QueueDepth.Age(i < AGES.size() ? AGES.get(i) : null, ages[i]));
        }
        return new QueueDepth(Instant.ofEpochMilli(now), tally.states(), byAge, destinations);
    }
}
