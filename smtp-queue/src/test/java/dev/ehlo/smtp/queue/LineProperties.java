package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** In which order deliveries leave a lane: beside a slow and obvious twin, and what it promises to whom. */
class LineProperties {
    private long id;

    private Delivery delivery(int priority, int sender, int recipients) {
        Delivery delivery = new Delivery(++id, new int[recipients]);
        delivery.priority = (byte) priority;
        delivery.sender = (short) sender;
        return delivery;
    }

    /** Lists of lists, in which everything is looked for anew. */
    private static final class Reference {
        private static final class Sender {
            final int name;
            final List<Delivery> waiting = new ArrayList<>();
            int debt;

            Sender(int name) {
                this.name = name;
            }
        }

        private static final class Level {
            final int priority;
            final List<Sender> senders = new ArrayList<>();
            int served;

            Level(int priority, int served) {
                this.priority = priority;
                this.served = served;
            }
        }

        private final List<Level> levels = new ArrayList<>();
        private int left;

        void add(Delivery delivery, boolean first) {
            Level level = levels.stream()
                    .filter(each -> each.priority == delivery.priority)
                    .findFirst()
                    .orElseGet(() -> {
                        Level added = new Level(delivery.priority, left);
                        levels.add(added);
                        levels.sort(Comparator.comparingInt(each -> -each.priority));
                        return added;
                    });
            Sender sender = level.senders.stream()
                    .filter(each -> each.name == delivery.sender)
                    .findFirst()
                    .orElseGet(() -> {
                        Sender added = new Sender(delivery.sender);
                        level.senders.add(added);
                        return added;
                    });
            sender.waiting.add(first ? 0 : sender.waiting.size(), delivery);
        }

        Delivery poll() {
            if (levels.isEmpty()) {
                return null;
            }
            left++;
            Level from = levels.get(0);
            if (left % Line.FAIR_SHARE == 0 && levels.size() > 1) {
                from = levels.stream()
                        .skip(1)
                        .reduce((one, lower) -> lower.served <= one.served ? lower : one)
                        .orElseThrow();
            }
            from.served = left;
            List<Sender> senders = from.senders;
            while (senders.get(0).debt > 0 && senders.size() > 1) {
                senders.get(0).debt--;
                senders.add(senders.remove(0));
            }
            Sender sender = senders.remove(0);
            Delivery next = sender.waiting.remove(0);
            sender.debt = Math.min(next.recipients.length / Flows.RECIPIENTS_OF_A_TURN, Flows.MOST_TURNS - 1);
            senders.add(sender);
            forgetEmpty();
            return next;
        }

        List<Delivery> takeOut(Set<Delivery> which) {
            List<Delivery> taken = new ArrayList<>();
            for (Level level : levels) {
                for (Sender sender : level.senders) {
                    sender.waiting.stream().filter(which::contains).forEach(taken::add);
                    sender.waiting.removeAll(which);
                }
            }
            forgetEmpty();
            return taken;
        }

        private void forgetEmpty() {
            levels.forEach(level -> level.senders.removeIf(sender -> sender.waiting.isEmpty()));
            levels.removeIf(level -> level.senders.isEmpty());
        }
    }

    @Property(tries = 300)
    void leaveAsInTheReference(@ForAll long seed, @ForAll @IntRange(min = 1, max = 30) int senders) {
        Random random = new Random(seed);
        Line line = new Line();
        Reference reference = new Reference();
        List<Delivery> waiting = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            int what = random.nextInt(20);
            if (what < 9) {
                Delivery added = delivery(random.nextInt(4) - 1, random.nextInt(senders), 1 + random.nextInt(300));
                boolean first = random.nextInt(10) == 0;
                line.add(added, first);
                reference.add(added, first);
                waiting.add(added);
            } else if (what < 19) {
                Delivery next = line.poll();
                assertThat(next).isSameAs(reference.poll());
                waiting.remove(next);
            } else {
                Set<Delivery> some = new HashSet<>();
                waiting.stream().filter(each -> random.nextInt(5) == 0).forEach(some::add);
                List<Delivery> taken = new ArrayList<>();
                line.takeOut(some::contains, taken::add);
                assertThat(taken).containsExactlyInAnyOrderElementsOf(reference.takeOut(some));
                waiting.removeAll(some);
            }
            assertThat(line.size()).isEqualTo(waiting.size());
        }
    }

    @Test
    void aSenderOfHalfTheVolumeHoldsNobody() {
        Line line = new Line();
        for (int i = 0; i < 10_000; i++) {
            line.add(delivery(0, 0, 1), false);
        }
        for (int i = 1; i <= 100; i++) {
            line.add(delivery(0, i, 1), false);
        }
        Set<Short> served = new HashSet<>();
        for (int i = 0; i < 102; i++) {
            Delivery next = line.poll();
            served.add(next.sender);
        }
        assertThat(served).hasSize(101);
    }

    @Test
    void whoseAttemptsHaveManyRecipientsHasFewerOfThem() {
        Line line = new Line();
        for (int i = 0; i < 1000; i++) {
            line.add(delivery(0, 1, 500), false);
            line.add(delivery(0, 2, 1), false);
        }
        Map<Short, Integer> served = new HashMap<>();
        for (int i = 0; i < 1000; i++) {
            Delivery next = line.poll();
            served.merge(next.sender, 1, Integer::sum);
        }
        assertThat(served.get((short) 1)).isBetween(80, 100);
    }

    @Test
    void noPriorityIsHeldForEver() {
        Line line = new Line();
        for (int priority = -9; priority <= 8; priority++) {
            line.add(delivery(priority, priority, 1), false);
        }
        Set<Byte> served = new HashSet<>();
        for (int i = 0; i < 18 * Line.FAIR_SHARE; i++) {
            line.add(delivery(9, 99, 1), false);
            Delivery next = line.poll();
            served.add(next.priority);
        }
        assertThat(served).hasSize(19);
    }
}
