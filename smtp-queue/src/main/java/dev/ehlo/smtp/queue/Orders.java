package dev.ehlo.smtp.queue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What operators want of recipients that are being attempted, until the attempt ends. They are recorded already. There
 * are no more than attempts in flight. Belongs to the scheduler thread.
 */
final class Orders {
    private final Map<Delivery, Map<Integer, StandingOrder>> orders = new HashMap<>();

    boolean isGivenFor(Delivery delivery) {
        return !orders.isEmpty() && orders.containsKey(delivery);
    }

    /** Answers with those for whom it is something new. */
    int[] give(Delivery delivery, int[] recipients, StandingOrder order) {
        Map<Integer, StandingOrder> given = orders.computeIfAbsent(delivery, d -> new LinkedHashMap<>());
        int[] changed = Arrays.stream(recipients)
                .filter(index -> {
                    StandingOrder before = given.getOrDefault(index, delivery.order);
                    return before != order && !order.yieldsTo(before);
                })
                .toArray();
        for (int index : changed) {
            given.put(index, order);
        }
        if (given.isEmpty()) {
            orders.remove(delivery);
        }
        return changed;
    }

    /**
     * The attempt has ended, or was not begun: gives each recipient what was ordered for it. Where not all have the same,
     * the delivery keeps some.
     *
     * @return deliveries of the others, which are nowhere yet
     */
    List<Delivery> part(Delivery delivery) {
        Map<Integer, StandingOrder> given = orders.isEmpty() ? null : orders.remove(delivery);
        if (given == null) {
            return List.of();
        }
        Map<StandingOrder, List<Integer>> alike = new LinkedHashMap<>();
        for (int index : delivery.recipients) {
            alike.computeIfAbsent(given.getOrDefault(index, delivery.order), order -> new ArrayList<>())
                    .add(index);
        }
        List<Delivery> others = new ArrayList<>();
        boolean first = true;
        for (Map.Entry<StandingOrder, List<Integer>> some : alike.entrySet()) {
            int[] recipients = Delivery.compact(some.getValue());
            Delivery part = first ? delivery : delivery.split(recipients);
            part.order = some.getKey();
            part.recipients = recipients;
            part.reasons = alike.size() > 1 ? List.of() : part.reasons;
            if (!first) {
                others.add(part);
            }
            first = false;
        }
        return others;
    }
}
