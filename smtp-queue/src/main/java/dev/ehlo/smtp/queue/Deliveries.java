package dev.ehlo.smtp.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All deliveries that are not settled, by the message they are of; linked through themselves, so that each costs a few
 * octets here. Belongs to the scheduler thread.
 */
final class Deliveries {
    private static final int LEAST = 64;
    /** Spreads ids, which are close to one another, over the buckets: 2^64 divided by the golden ratio. */
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    /** Behind the last position. */
    static final long END = 1L << Integer.SIZE;

    private @Nullable Delivery[] buckets = new Delivery[LEAST];
    private int size;
    private int messages;

    /** How many messages there are deliveries of. */
    int messages() {
        return messages;
    }

    void add(Delivery delivery) {
        if (size == buckets.length) {
            resize(2 * buckets.length);
        }
        messages += holds(delivery.id) ? 0 : 1;
        link(delivery);
        size++;
    }

    void remove(Delivery delivery) {
        int at = bucket(delivery.id);
        Delivery before = null;
        Delivery each = buckets[at];
        while (each != delivery) {
            if (each == null) {
                throw new IllegalStateException("settled already: " + delivery.queueId());
            }
            before = each;
            each = each.sameBucket;
        }
        if (before == null) {
            buckets[at] = delivery.sameBucket;
        } else {
            before.sameBucket = delivery.sameBucket;
        }
        delivery.sameBucket = null;
        messages -= holds(delivery.id) ? 0 : 1;
        if (--size < buckets.length / 8 && buckets.length > LEAST) {
            resize(buckets.length / 2);
        }
    }

    /**
     * Shows so many buckets, from a position on that was answered before, or 0; each delivery that is there all the time
     * is shown, one or other of them twice if the table has become smaller meanwhile.
     *
     * @return the next position; {@link #END} if there is none
     */
    long show(long position, int count, Consumer<Delivery> viewer) {
        int shift = Integer.SIZE - Integer.numberOfTrailingZeros(buckets.length);
        int from = (int) (position >>> shift);
        int to = Math.min(buckets.length, from + count);
        for (int i = from; i < to; i++) {
            for (Delivery each = buckets[i]; each != null; each = each.sameBucket) {
                viewer.accept(each);
            }
        }
        return (long) to << shift;
    }

    boolean holds(long id) {
        for (Delivery each = buckets[bucket(id)]; each != null; each = each.sameBucket) {
            if (each.id == id) {
                return true;
            }
        }
        return false;
    }

    /** Those of one message. */
    List<Delivery> of(long id) {
        List<Delivery> all = new ArrayList<>();
        for (Delivery each = buckets[bucket(id)]; each != null; each = each.sameBucket) {
            if (each.id == id) {
                all.add(each);
            }
        }
        return all;
    }

    private void link(Delivery delivery) {
        int at = bucket(delivery.id);
        delivery.sameBucket = buckets[at];
        buckets[at] = delivery;
    }

    private int bucket(long id) {
        return (int) ((id * SPREAD) >>> (Long.numberOfLeadingZeros(buckets.length) + 1));
    }

    private void resize(int length) {
        @Nullable Delivery[] old = buckets;
        buckets = new Delivery[length];
        for (Delivery first : old) {
            Delivery each = first;
            while (each != null) {
                Delivery next = each.sameBucket;
                link(each);
                each = next;
            }
        }
    }
}
