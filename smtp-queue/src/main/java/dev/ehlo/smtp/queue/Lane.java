package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.Delivery.Reason;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one destination, and how many attempts to it are in flight: those of higher priority first (RFC 6710),
 * and else whoever came first; but now and then whoever has waited longest, so that much urgent mail does not hold the
 * rest for ever. Belongs to the scheduler thread, and is held by {@link Lanes}.
 */
final class Lane {
    /** Of so many that leave a lane, one is the one that came first. */
    static final int FAIR_SHARE = 8;

    final String name;
    /** Deliveries that know their way to be this one. */
    int members;

    int ready;
    int inFlight;
    /** What the deliveries that are ready hold of messages, in recipients. */
    int kept;
    /** Whether it is in the row of lanes that may go. */
    boolean queued;
    /** To be shared by deliveries that are deferred for the same. */
    List<Reason> reasons = List.of();

    private int left;
    /** The levels that are not empty, from the highest down. */
    private @Nullable Level top;

    /** Of one priority. */
    static final class Level extends Fifo {
        final int priority;

        @Nullable
        Level lower;

        Level(int priority, @Nullable Level lower) {
            this.priority = priority;
            this.lower = lower;
        }
    }

    Lane(String name) {
        this.name = name;
    }

    void add(Delivery delivery, boolean first) {
        Level level = level(delivery.priority);
        if (first) {
            level.addFirst(delivery);
        } else {
            level.add(delivery);
        }
        ready++;
    }

    private Level level(int priority) {
        Level above = null;
        Level level = top;
        while (level != null && level.priority > priority) {
            above = level;
            level = level.lower;
        }
        if (level == null || level.priority != priority) {
            level = new Level(priority, level);
            if (above == null) {
                top = level;
            } else {
                above.lower = level;
            }
        }
        return level;
    }

    /** Null if none is ready. */
    @Nullable
    Delivery poll() {
        Level from = top;
        if (from == null) {
            return null;
        }
        if (++left % FAIR_SHARE == 0) {
            for (Level each = from.lower; each != null; each = each.lower) {
                from = isBefore(each, from) ? each : from;
            }
        }
        Delivery next = from.poll();
        ready--;
        dropEmpty();
        return next;
    }

    private static boolean isBefore(Level one, Level other) {
        Delivery a = one.peek();
        Delivery b = other.peek();
        return a != null && b != null && a.turn - b.turn < 0;
    }

    /** Takes out those that are nobody's any more, or due before their turn. */
    void takeOutDue(long now, Consumer<Delivery> taker) {
        for (Level level = top; level != null; level = level.lower) {
            level.takeOut(each -> each.due <= now || each.state == Delivery.State.SETTLED, each -> {
                ready--;
                taker.accept(each);
            });
        }
        dropEmpty();
    }

    private void dropEmpty() {
        while (top != null && top.isEmpty()) {
            top = top.lower;
        }
        for (Level level = top; level != null; level = level.lower) {
            while (level.lower != null && level.lower.isEmpty()) {
                level.lower = level.lower.lower;
            }
        }
    }
}
