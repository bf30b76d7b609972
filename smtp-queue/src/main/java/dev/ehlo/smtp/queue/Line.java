package dev.ehlo.smtp.queue;

import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * In which order deliveries leave a lane: those of higher priority first (RFC 6710), and among them the senders in turn;
 * but now and then one of a lower priority, so that much urgent mail does not hold the rest for ever. Of the lower
 * priorities it is that which was not served for longest. Belongs to the scheduler thread.
 */
final class Line {
    /** Of so many that leave, one is not of the highest priority, if there is another. */
    static final int FAIR_SHARE = 8;

    private int size;
    private int left;
    /** From the highest priority down; one always, and only the last one may be empty. */
    private Level top = new Level(0, null, 0);

    /** Of one priority. */
    private static final class Level extends Flows {
        int priority;
        /** When one left last, or it was added; counted in those that left. */
        int served;

        @Nullable
        Level lower;

        Level(int priority, @Nullable Level lower, int served) {
            super((short) 0);
            this.priority = priority;
            this.lower = lower;
            this.served = served;
        }
    }

    int size() {
        return size;
    }

    void add(Delivery delivery, boolean first) {
        level(delivery.priority).add(delivery, first);
        size++;
    }

    private Level level(int priority) {
        if (size == 0) {
            top.priority = priority;
            top.served = left;
        }
        if (priority > top.priority) {
            top = new Level(priority, top, left);
        }
        Level level = top;
        while (level.lower != null && level.lower.priority >= priority) {
            level = level.lower;
        }
        if (level.priority != priority) {
            level.lower = new Level(priority, level.lower, left);
            level = level.lower;
        }
        return level;
    }

    /** Null if there is none. */
    @Nullable
    Delivery poll() {
        if (size == 0) {
            return null;
        }
        Level from = top;
        left++;
        if (left % FAIR_SHARE == 0 && top.lower != null) {
            from = top.lower;
            for (Level each = from.lower; each != null; each = each.lower) {
                from = each.served - from.served <= 0 ? each : from;
            }
        }
        Delivery next = from.poll();
        from.served = left;
        size--;
        dropEmpty();
        return next;
    }

    /** Takes out those that match. */
    void takeOut(Predicate<Delivery> matches, Consumer<Delivery> taker) {
        for (Level level = top; level != null; level = level.lower) {
            level.takeOut(matches, each -> {
                size--;
                taker.accept(each);
            });
        }
        dropEmpty();
    }

    private void dropEmpty() {
        while (top.isEmpty() && top.lower != null) {
            top = top.lower;
        }
        for (Level level = top; level.lower != null; ) {
            if (level.lower.isEmpty()) {
                level.lower = level.lower.lower;
            } else {
                level = level.lower;
            }
        }
    }
}
