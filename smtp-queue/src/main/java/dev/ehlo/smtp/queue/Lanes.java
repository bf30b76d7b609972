package dev.ehlo.smtp.queue;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Deliveries ready to be attempted, in a lane for each destination, and the slots they take. Lanes take turns, so that
 * a destination with much mail, or a slow one, does not hold the others; within a lane those of higher priority go
 * first (RFC 6710), and else whoever came first; but now and then whoever has waited longest, so that much urgent mail
 * does not hold the rest for ever. Belongs to the scheduler thread.
 */
final class Lanes {
    /** Of so many that leave a lane, one is the one that came first. */
    static final int FAIR_SHARE = 8;

    private final int slots;
    private final int slotsPerLane;
    private final Map<String, Lane> lanes = new HashMap<>();
    /** Lanes with something ready and a slot free, each once. */
    private final ArrayDeque<Lane> turns = new ArrayDeque<>();

    private int ready;
    private int inFlight;
    private long turn;

    private static final class Lane {
        /** By priority, the highest first; none is empty. */
        final TreeMap<Integer, ArrayDeque<Delivery>> ready = new TreeMap<>(Comparator.reverseOrder());

        int inFlight;
        int left;
        boolean queued;

        void add(Delivery delivery) {
            ready.computeIfAbsent(delivery.priority(), priority -> new ArrayDeque<>())
                    .add(delivery);
        }

        Delivery remove() {
            ArrayDeque<Delivery> from = ready.firstEntry().getValue();
            if (++left % FAIR_SHARE == 0) {
                for (ArrayDeque<Delivery> each : ready.values()) {
                    from = each.element().turn < from.element().turn ? each : from;
                }
            }
            Delivery next = from.remove();
            if (from.isEmpty()) {
                ready.remove(next.priority());
            }
            return next;
        }
    }

    Lanes(int slots, int slotsPerLane) {
        this.slots = slots;
        this.slotsPerLane = slotsPerLane;
    }

    void add(Delivery delivery) {
        Lane lane = lanes.computeIfAbsent(delivery.lane, name -> new Lane());
        delivery.turn = turn++;
        ready++;
        lane.add(delivery);
        queue(lane);
    }

    /** The next delivery, which takes a slot; null if there is none ready or no slot free. */
    @Nullable
    Delivery next() {
        Lane lane = inFlight < slots ? turns.poll() : null;
        if (lane == null) {
            return null;
        }
        lane.queued = false;
        ready--;
        lane.inFlight++;
        inFlight++;
        Delivery delivery = lane.remove();
        queue(lane);
        return delivery;
    }

    /** Gives the slot of an attempt back. */
    void ended(Delivery delivery) {
        inFlight--;
        Lane lane = lanes.get(delivery.lane);
        if (lane != null) {
            lane.inFlight--;
            queue(lane);
            if (lane.inFlight == 0 && lane.ready.isEmpty()) {
                lanes.remove(delivery.lane);
            }
        }
    }

    int ready() {
        return ready;
    }

    int inFlight() {
        return inFlight;
    }

    private void queue(Lane lane) {
        if (!lane.queued && !lane.ready.isEmpty() && lane.inFlight < slotsPerLane) {
            lane.queued = true;
            turns.add(lane);
        }
    }
}
