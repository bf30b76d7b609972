package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.queue.Delivery.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Deliveries ready to be attempted, in a lane for each destination, and the slots they take. Lanes take turns, so that
 * a destination with much mail, or a slow one, does not hold the others. Belongs to the scheduler thread.
 */
final class Lanes {
    /** What those who wait may hold of messages, in recipients: in all, and of one lane. The others are read when it is their turn. */
    static final int KEPT = 10_000;

    static final int KEPT_PER_LANE = 1_000;

    private final Function<Recipient, String> laneOf;
    private final int slots;
    private final int slotsPerLane;
    private final Map<String, Lane> lanes = new HashMap<>();
    /** Lanes with something ready and a slot free, each once. */
    private final ArrayDeque<Lane> turns = new ArrayDeque<>();

    private int ready;
    private int inFlight;
    private int kept;
    private int turn;

    Lanes(Function<Recipient, String> laneOf, int slots, int slotsPerLane) {
        this.laneOf = laneOf;
        this.slots = slots;
        this.slotsPerLane = slotsPerLane;
    }

    /**
     * Adds a delivery whose message is read to its lane, which it may have to find first. Those of its recipients who
     * have another lane go there as deliveries of their own; so the recipients of one destination go in one transaction.
     *
     * @return these other deliveries
     */
    List<Delivery> enter(Delivery delivery) {
        if (delivery.lane != null) {
            add(delivery);
            return List.of();
        }
        if (delivery.recipients.length == 1) {
            enter(delivery, laneOf.apply(delivery.recipient(delivery.recipients[0])));
            add(delivery);
            return List.of();
        }
        Map<String, List<Integer>> ways = new LinkedHashMap<>();
        for (int index : delivery.recipients) {
            ways.computeIfAbsent(laneOf.apply(delivery.recipient(index)), lane -> new ArrayList<>())
                    .add(index);
        }
        List<Delivery> others = new ArrayList<>();
        ways.forEach((lane, recipients) -> {
            Delivery part = delivery.split(Delivery.compact(recipients));
            enter(part, lane);
            others.add(part);
        });
        Delivery first = others.remove(0);
        delivery.recipients = first.recipients;
        delivery.lane = first.lane;
        add(delivery);
        others.forEach(this::add);
        return others;
    }

    private void enter(Delivery delivery, String name) {
        Lane lane = lanes.computeIfAbsent(name, Lane::new);
        lane.members++;
        delivery.lane = lane;
    }

    /** The delivery, which is not in its lane now, will have to find it anew. A lane without members is forgotten. */
    void leave(Delivery delivery) {
        Lane lane = delivery.lane;
        if (lane != null) {
            delivery.lane = null;
            if (--lane.members == 0) {
                lanes.remove(lane.name);
            }
        }
    }

    /**
     * Leaves, unless others wait there: then it would be likely to wait too when it is due, and need not be read just to
     * learn so.
     */
    void leaveIfShort(Delivery delivery) {
        if (delivery.lane != null && delivery.lane.ready == 0) {
            leave(delivery);
        }
    }

    /** Behind the others of its priority, or in front of them if it has waited already; drops its message if too many are held. */
    void add(Delivery delivery) {
        Lane lane = laneOf(delivery);
        delivery.state = State.READY;
        if (!delivery.waited) {
            delivery.turn = turn++;
        }
        LoadedMessage loaded = delivery.loaded;
        if (loaded != null) {
            delivery.priority = loaded.priority();
            int weight = loaded.weight();
            if (kept + weight > KEPT || lane.kept + weight > KEPT_PER_LANE) {
                delivery.loaded = null;
            } else {
                kept += weight;
                lane.kept += weight;
            }
        }
        lane.add(delivery, delivery.waited);
        delivery.waited = false;
        ready++;
        queue(lane);
    }

    /** The next delivery, which takes a slot; null if there is none ready or no slot free. */
    @Nullable
    Delivery next() {
        while (inFlight < slots) {
            Lane lane = turns.poll();
            if (lane == null) {
                return null;
            }
            lane.queued = false;
            Delivery delivery = lane.poll();
            if (delivery != null) {
                tookOut(lane, delivery);
                if (delivery.state == State.READY) {
                    delivery.state = State.IN_FLIGHT;
                    lane.inFlight++;
                    inFlight++;
                    queue(lane);
                    return delivery;
                }
                leave(delivery);
            }
            queue(lane);
        }
        return null;
    }

    /** Gives the slot of an attempt back. */
    void ended(Delivery delivery) {
        Lane lane = laneOf(delivery);
        delivery.state = State.UNREAD;
        inFlight--;
        lane.inFlight--;
        queue(lane);
    }

    /** Takes out those that there is something to do for before their turn; forgets those that are nobody's any more. */
    List<Delivery> takeOutDue(long now) {
        List<Delivery> due = new ArrayList<>();
        List<Delivery> nobodys = new ArrayList<>();
        for (Lane lane : lanes.values()) {
            lane.takeOutDue(now, delivery -> {
                tookOut(lane, delivery);
                if (delivery.state == State.SETTLED) {
                    nobodys.add(delivery);
                } else {
                    delivery.state = State.UNREAD;
                    delivery.waited = true;
                    due.add(delivery);
                }
            });
        }
        nobodys.forEach(this::leave);
        return due;
    }

    private void tookOut(Lane lane, Delivery delivery) {
        ready--;
        if (delivery.loaded != null) {
            int weight = delivery.loaded.weight();
            kept -= weight;
            lane.kept -= weight;
        }
    }

    int ready() {
        return ready;
    }

    int inFlight() {
        return inFlight;
    }

    private static Lane laneOf(Delivery delivery) {
        if (delivery.lane == null) {
            throw new IllegalStateException("no lane: " + delivery.queueId());
        }
        return delivery.lane;
    }

    private void queue(Lane lane) {
        if (!lane.queued && lane.ready > 0 && lane.inFlight < slotsPerLane) {
            lane.queued = true;
            turns.add(lane);
        }
    }
}
