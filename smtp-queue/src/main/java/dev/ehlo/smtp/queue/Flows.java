package dev.ehlo.smtp.queue;

import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Deliveries of one lane and priority, whose senders take turns: by deficit round robin, which is paid afterwards. Who
 * comes anew waits for one turn of each of the others. Senders are told apart by a hash of 16 bits, so that there is no
 * end of memory to them; those few who share one share its turns. Belongs to the scheduler thread.
 */
class Flows {
    /** An attempt to so many recipients costs a turn more than one to a few. */
    static final int RECIPIENTS_OF_A_TURN = 50;
    /** Turns that one attempt costs at most. */
    static final int MOST_TURNS = 20;

    /** Whose turn it is; there is one always, and the last one may be empty, so that a line in use makes no garbage. */
    private Flow current;

    private int count = 1;
    /** By sender, once there are several. */
    private @Nullable Flow[] buckets = new Flow[0];

    Flows(short sender) {
        current = new Flow(sender);
    }

    final boolean isEmpty() {
        return count == 1 && current.isEmpty();
    }

    final void add(Delivery delivery, boolean first) {
        Flow flow = flow(delivery.sender);
        if (first) {
            flow.addFirst(delivery);
        } else {
            flow.add(delivery);
        }
    }

    private Flow flow(short sender) {
        if (isEmpty()) {
            current.sender = sender;
            current.debt = 0;
        }
        if (current.sender == sender) {
            return current;
        }
        Flow known = count == 1 ? null : find(sender);
        return known == null ? insert(new Flow(sender)) : known;
    }

    private @Nullable Flow find(short sender) {
        Flow each = buckets[bucket(sender)];
        while (each != null && each.sender != sender) {
            each = each.sameBucket;
        }
        return each;
    }

    private Flow insert(Flow flow) {
        if (count == 1) {
            buckets = new Flow[4];
            file(current);
        }
        flow.next = current;
        flow.before = current.before;
        current.before.next = flow;
        current.before = flow;
        if (++count > buckets.length) {
            buckets = new Flow[4 * buckets.length];
            Flow each = current;
            for (int i = 0; i < count; i++, each = each.next) {
                file(each);
            }
        } else {
            file(flow);
        }
        return flow;
    }

    private void file(Flow flow) {
        int bucket = bucket(flow.sender);
        flow.sameBucket = buckets[bucket];
        buckets[bucket] = flow;
    }

    private int bucket(short sender) {
        return sender & buckets.length - 1;
    }

    /** Null if there is none. */
    @Nullable
    final Delivery poll() {
        if (isEmpty()) {
            return null;
        }
        while (current.debt > 0 && count > 1) {
            current.debt--;
            current = current.next;
        }
        Flow flow = current;
        Delivery next = flow.poll();
        if (next == null) {
            throw new IllegalStateException("a sender without deliveries in the line");
        }
        flow.debt = Math.min(next.recipients.length / RECIPIENTS_OF_A_TURN, MOST_TURNS - 1);
        current = flow.next;
        if (flow.isEmpty()) {
            remove(flow);
        }
        return next;
    }

    private void remove(Flow flow) {
        if (count == 1) {
            return;
        }
        flow.before.next = flow.next;
        flow.next.before = flow.before;
        current = current == flow ? flow.next : current;
        int bucket = bucket(flow.sender);
        Flow each = buckets[bucket];
        if (each == flow) {
            buckets[bucket] = flow.sameBucket;
        } else {
            while (each != null && each.sameBucket != flow) {
                each = each.sameBucket;
            }
            if (each != null) {
                each.sameBucket = flow.sameBucket;
            }
        }
        if (--count == 1) {
            current.sameBucket = null;
            buckets = new Flow[0];
        }
    }

    /** Takes out those that match. */
    final void takeOut(Predicate<Delivery> matches, Consumer<Delivery> taker) {
        Flow each = current;
        for (int i = count; i > 0; i--) {
            Flow next = each.next;
            each.takeOut(matches, taker);
            if (each.isEmpty()) {
                remove(each);
            }
            each = next;
        }
    }
}
