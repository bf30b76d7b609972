package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.queue.Delivery.State;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does to recipients what an operator orders. What is in some line stays there as nobody's, and goes on as another
 * delivery; what is in flight is left alone until its attempt ends, its order being recorded with it. Belongs to the
 * scheduler thread.
 */
final class Commands {
    private static final Logger LOG = LoggerFactory.getLogger(Commands.class);

    private final Scheduler scheduler;
    private final Deliveries deliveries;
    private final Recorder recorder;
    private final Events events;
    private final Settlement settlement;
    private final Orders orders = new Orders();

    /** What can be ordered. */
    enum Verb {
        HOLD(StandingOrder.HOLD),
        RELEASE(StandingOrder.NONE),
        RETRY(StandingOrder.NONE),
        REMOVE(StandingOrder.REMOVE),
        BOUNCE(StandingOrder.BOUNCE);

        final StandingOrder order;

        Verb(StandingOrder order) {
            this.order = order;
        }
    }

    /** Hears when what is being changed is durable. */
    interface Ledger {
        /** Something is about to be recorded; what is answered is run when it is, on any thread. */
        Runnable expect();
    }

    /** To how many recipients it was given, and how many of them are in flight. */
    record Given(int recipients, int inFlight) {}

    Commands(Scheduler scheduler, Deliveries deliveries, Recorder recorder, Events events, Settlement settlement) {
        this.scheduler = scheduler;
        this.deliveries = deliveries;
        this.recorder = recorder;
        this.events = events;
        this.settlement = settlement;
    }

    /** @param only the recipients meant; null for all of the message */
    Given give(Verb verb, long id, int @Nullable [] only, Ledger ledger) {
        int recipients = 0;
        int inFlight = 0;
        for (Delivery delivery : deliveries.of(id)) {
            int[] meant = only == null ? delivery.recipients : common(delivery.recipients, only);
            if (meant.length == 0 || delivery.lost || !isAffected(verb, delivery)) {
                continue;
            }
            if (delivery.state == State.READY && verb == Verb.RETRY) {
                recipients += meant.length;
                scheduler.lanes().probe(delivery);
            } else if (delivery.state == State.IN_FLIGHT) {
                int changed = orderInFlight(verb, delivery, meant, ledger);
                recipients += changed;
                inFlight += changed;
            } else {
                recipients += meant.length;
                carryOut(verb, takeOut(delivery, meant), ledger);
            }
        }
        return new Given(recipients, inFlight);
    }

    private boolean isAffected(Verb verb, Delivery delivery) {
        if (delivery.state == State.TELLING || delivery.state == State.SETTLED) {
            return false;
        }
        boolean flies = delivery.state == State.IN_FLIGHT;
        return switch (verb) {
            // What is ordered for some in flight is known to the orders alone.
            case HOLD, BOUNCE -> flies || delivery.order != verb.order && !verb.order.yieldsTo(delivery.order);
            case RELEASE -> flies ? orders.isGivenFor(delivery) : delivery.order == StandingOrder.HOLD;
            case RETRY ->
                delivery.order == StandingOrder.NONE
                        && !delivery.held
                        && (delivery.state == State.ASLEEP || isLetBe(delivery));
            case REMOVE -> true;
        };
    }

    private static boolean isLetBe(Delivery delivery) {
        return delivery.state == State.READY && delivery.lane != null && delivery.lane.isSuspended();
    }

    private int orderInFlight(Verb verb, Delivery delivery, int[] meant, Ledger ledger) {
        int[] changed = orders.give(delivery, meant, verb.order);
        if (changed.length > 0) {
            record(delivery, changed, verb.order, ledger);
        }
        return changed.length;
    }

    private void carryOut(Verb verb, Delivery part, Ledger ledger) {
        part.order = verb.order;
        switch (verb) {
            case HOLD -> {
                record(part, part.recipients, part.order, ledger);
                scheduler.park(part);
            }
            case RELEASE -> {
                record(part, part.recipients, part.order, ledger);
                scheduler.goOn(part);
            }
            case RETRY, BOUNCE -> {
                part.next = Delivery.NOW;
                record(part, part.recipients, part.order, ledger);
                scheduler.goOn(part);
            }
            case REMOVE -> remove(part, ledger.expect());
        }
    }

    private void record(Delivery delivery, int[] recipients, StandingOrder order, Ledger ledger) {
        Instant due = Instant.ofEpochMilli(Math.max(delivery.next, delivery.queueMillis()));
        Deferral deferral = new Deferral(delivery.attempts, due, delivery.delayTold, order);
        recorder.defer(delivery, recipients, deferral, ledger.expect());
    }

    /** Whether something else has been ordered of it, which is done now. */
    boolean obeys(Delivery delivery, long now) {
        switch (delivery.order) {
            case HOLD -> scheduler.park(delivery);
            case REMOVE -> remove(delivery, null);
            case BOUNCE -> settlement.bounce(delivery, now);
            case NONE -> {
                return false;
            }
        }
        return true;
    }

    /** An operator wants it forgotten, and no attempt is in flight. */
    void remove(Delivery delivery, @Nullable Runnable recorded) {
        LOG.info("{}: removed by an operator, {} recipients", delivery.queueId(), delivery.recipients.length);
        recorder.crossOff(delivery, Delivery.list(delivery.recipients), DeliveryStatus.FAILED, recorded);
        events.failed(delivery);
        scheduler.settled(delivery);
    }

    /** A delivery of these recipients that nothing but the index refers to. */
    private Delivery takeOut(Delivery delivery, int[] meant) {
        Delivery part = delivery.split(Delivery.compact(meant));
        if (meant.length == delivery.recipients.length) {
            part.reasons = delivery.reasons;
            scheduler.leaveBehind(delivery);
        } else {
            delivery.remove(meant);
        }
        deliveries.add(part);
        return part;
    }

    private static int[] common(int[] recipients, int[] others) {
        return Arrays.stream(recipients)
                .filter(index -> Arrays.binarySearch(others, index) >= 0)
                .toArray();
    }

    /** What an attempt that ended leaves of the deliveries it was made of: one for each order. */
    List<Delivery> part(Delivery delivery) {
        List<Delivery> others = orders.part(delivery);
        others.forEach(deliveries::add);
        return others;
    }

    boolean isOrderedFor(Delivery delivery) {
        return orders.isGivenFor(delivery);
    }
}
