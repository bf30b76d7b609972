package dev.ehlo.smtp.queue;

import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Deliveries one behind the other, linked through themselves, so that to wait costs no memory: each is in one line at a
 * time. Belongs to the scheduler thread.
 */
class Fifo {
    private @Nullable Delivery first;
    private @Nullable Delivery last;

    final boolean isEmpty() {
        return first == null;
    }

    @Nullable
    final Delivery peek() {
        return first;
    }

    final void add(Delivery delivery) {
        if (last == null) {
            first = delivery;
        } else {
            last.behind = delivery;
        }
        last = delivery;
    }

    final void addFirst(Delivery delivery) {
        delivery.behind = first;
        first = delivery;
        if (last == null) {
            last = delivery;
        }
    }

    @Nullable
    final Delivery poll() {
        Delivery next = first;
        if (next != null) {
            first = next.behind;
            last = first == null ? null : last;
            next.behind = null;
        }
        return next;
    }

    /** Takes out those that match. */
    final void takeOut(Predicate<Delivery> matches, Consumer<Delivery> taker) {
        Delivery each = first;
        first = null;
        last = null;
        while (each != null) {
            Delivery next = each.behind;
            each.behind = null;
            if (matches.test(each)) {
                taker.accept(each);
            } else {
                add(each);
            }
            each = next;
        }
    }
}
