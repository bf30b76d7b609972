package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.Delivery.State;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Deliveries that are not due yet, the next one first. Belongs to the scheduler thread. */
final class Timers {
    private final PriorityQueue<Delivery> asleep =
            new PriorityQueue<>((one, other) -> Long.compare(one.due, other.due));

    void add(Delivery delivery) {
        delivery.state = State.ASLEEP;
        asleep.add(delivery);
    }

    /** The next one that is due then, which sleeps no longer; null if there is none. */
    @Nullable
    Delivery poll(long now) {
        for (Delivery next = asleep.peek(); next != null && next.due <= now; next = asleep.peek()) {
            asleep.remove();
            if (next.state == State.ASLEEP) {
                next.state = State.UNREAD;
                return next;
            }
        }
        return null;
    }

    /** When the next one is due; {@link Terms#NEVER} if none is. */
    long next() {
        Delivery next = asleep.peek();
        return next == null ? Terms.NEVER : next.due;
    }

    int size() {
        return asleep.size();
    }

    /** Forgets those that are nobody's any more. */
    void sweep() {
        asleep.removeIf(delivery -> delivery.state != State.ASLEEP);
    }

    /**
     * The clock was set: what waits for a delay to pass waits for what is left of it, and what waits for a date for
     * that.
     */
    void clockWasSet(long millis) {
        List<Delivery> all = List.copyOf(asleep);
        asleep.clear();
        for (Delivery each : all) {
            if (!each.held) {
                boolean attempt = each.due == each.next;
                each.next += millis;
                each.due = attempt ? each.next : Math.min(each.due, each.next);
            }
            asleep.add(each);
        }
    }
}
