package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.queue.Delivery.Reason;
import dev.ehlo.smtp.queue.Delivery.State;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deliveries ready to be attempted, in a lane for each destination, and the slots they take. Lanes take turns, so that
 * a destination with much mail, or a slow one, does not hold the others. A lane without deliveries is kept for as long as
 * it knows something of its destination, within bounds. Belongs to the scheduler thread.
 */
final class Lanes {
    /**
     * What those who wait may hold of messages, in recipients: in all, and of one lane. The others are read when it is
     * their turn.
     */
    static final int KEPT = 10_000;

    static final int KEPT_PER_LANE = 1_000;
    /** Lanes without deliveries that are kept for what they know. */
    static final int IDLE = 10_000;
    /** For how long. */
    private static final long IDLE_NANOS = 7_200_000_000_000L;

    private static final long SPREAD = 0x9E3779B97F4A7C15L;
    private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);

    private final Destinations destinations;
    private final Function<Envelope, String> identityOf;
    private final Function<String, LanePolicy> policies;
    private final RandomGenerator random;
    private final Events events;
    private final int slots;
    private final long senders;
    private final Map<Object, Lane> lanes = new HashMap<>();
    /** Those without members, the one that is so for longest first. */
    private final LinkedHashMap<Object, Lane> idle = new LinkedHashMap<>();
    /** Lanes with something ready and a slot free, each once. */
    private final ArrayDeque<Lane> turns = new ArrayDeque<>();
    /** Lanes with something ready that wait for a time, the next one first. */
    private final PriorityQueue<Lane> parked =
            new PriorityQueue<>((a, b) -> Long.compare(a.parkedUntil, b.parkedUntil));

    private int ready;
    private int inFlight;
    private int kept;
    private long now;

    Lanes(MailQueueBuilder settings, Destinations destinations, Events events, long now) {
        this.events = events;
        this.destinations = destinations;
        this.identityOf = new Asked<>("identity", settings.identityOf, envelope -> "");
        this.policies = new Asked<>("policies", settings.policies, destination -> settings.policy);
        this.random = settings.random;
        this.slots = settings.attempts;
        this.senders = settings.random.nextLong();
        this.now = now;
    }

    /** What time it is, in nanoseconds: whoever waited for it may go. */
    void look(long nanos) {
        List<Lane> due = List.of();
        if (nanos < now) {
            due = List.copyOf(parked);
            parked.clear();
        }
        now = nanos;
        for (Lane next = parked.peek(); next != null && next.parkedUntil <= now; next = parked.peek()) {
            due = due.isEmpty() ? new ArrayList<>() : due;
            due.add(next);
            parked.remove();
        }
        for (Lane lane : due) {
            lane.parked = false;
            queue(lane);
        }
    }

    /** In how many whole milliseconds somebody may go who waits for a time; {@link Long#MAX_VALUE} if nobody does. */
    long millisToNext() {
        Lane next = parked.peek();
        return next == null ? Long.MAX_VALUE : (next.parkedUntil - now + 999_999) / 1_000_000;
    }

    /**
     * Adds a delivery whose message is read to its lane, which it may have to find first. Those of its recipients who
     * have another lane, or are too many for one attempt, go there as deliveries of their own; so the recipients of one
     * destination go in one transaction, or in few.
     *
     * @return these other deliveries
     */
    List<Delivery> enter(Delivery delivery) {
        if (delivery.lane != null) {
            add(delivery);
            return List.of();
        }
        Envelope envelope = delivery.message().envelope();
        String identity = identityOf.apply(envelope);
        delivery.sender = sender(envelope.reversePath());
        if (delivery.recipients.length == 1) {
            enter(delivery, lane(destinations.of(delivery.recipient(delivery.recipients[0])), identity));
            add(delivery);
            return List.of();
        }
        Map<Lane, List<Integer>> ways = new LinkedHashMap<>();
        for (int index : delivery.recipients) {
            Lane lane = lane(destinations.of(delivery.recipient(index)), identity);
            ways.computeIfAbsent(lane, l -> new ArrayList<>()).add(index);
        }
        List<Delivery> parts = new ArrayList<>();
        ways.forEach((lane, all) -> {
            int most = lane.policy.recipientsOfAttempt();
            for (int from = 0; from < all.size(); from += most) {
                List<Integer> some = all.subList(from, Math.min(all.size(), from + most));
                Delivery part = delivery.split(Delivery.compact(some));
                enter(part, lane);
                parts.add(part);
            }
        });
        Delivery first = parts.remove(0);
        delivery.recipients = first.recipients;
        delivery.lane = first.lane;
        add(delivery);
        parts.forEach(this::add);
        return parts;
    }

    /** Keyed, so that nobody can find out by whose side to wait. */
    private short sender(ReversePath path) {
        long hash = senders;
        Mailbox mailbox = path.mailbox();
        if (mailbox != null) {
            hash = hashed(hashed(hash, mailbox.localPart()), mailbox.domain());
        }
        return (short) (hash ^ hash >>> 32);
    }

    private static long hashed(long seed, String text) {
        long hash = seed;
        for (int i = 0; i < text.length(); i++) {
            hash = Long.rotateLeft((hash ^ text.charAt(i)) * SPREAD, 29);
        }
        return hash * SPREAD;
    }

    private Lane lane(String destination, String identity) {
        Object key = Lane.key(destination, identity);
        Lane lane = lanes.get(key);
        if (lane == null) {
            lane = new Lane(destination, identity, policies.apply(destination), now);
            lanes.put(key, lane);
        }
        return lane;
    }

    private void enter(Delivery delivery, Lane lane) {
        delivery.lane = lane;
        if (lane.members++ == 0 && !idle.isEmpty()) {
            idle.remove(lane.key());
        }
    }

    /** The delivery, which is not in its lane now, will have to find it anew. */
    void leave(Delivery delivery) {
        Lane lane = delivery.lane;
        if (lane != null) {
            delivery.lane = null;
            if (--lane.members == 0) {
                keep(lane);
            }
        }
    }

    /** A lane without members: forgotten, unless it knows something of its destination. */
    private void keep(Lane lane) {
        if (lane.isForgettable(now)) {
            lanes.remove(lane.key());
            return;
        }
        lane.idleSince = now;
        idle.put(lane.key(), lane);
        if (idle.size() > IDLE) {
            forgetOldest();
        }
    }

    private boolean isForgotten(Lane lane) {
        return now - lane.idleSince > IDLE_NANOS && lane.suspendedFor(now) == 0;
    }

    private void forgetOldest() {
        Object oldest = idle.keySet().iterator().next();
        idle.remove(oldest);
        lanes.remove(oldest);
    }

    /**
     * Leaves, unless others wait there, or the destination is suspended: then it would be likely to wait too when it is
     * due, and need not be read just to learn so.
     */
    void leaveIfShort(Delivery delivery) {
        Lane lane = delivery.lane;
        if (lane != null && lane.ready() == 0 && !lane.isSuspended()) {
            leave(delivery);
        }
    }

    /**
     * Behind the others of its sender and priority, or in front of them if it has waited already; drops its message if
     * too many are held.
     */
    void add(Delivery delivery) {
        Lane lane = laneOf(delivery);
        delivery.state = State.READY;
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
        lane.line.add(delivery, delivery.waited);
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
            Delivery delivery = lane.delay(now) == 0 ? lane.line.poll() : null;
            if (delivery != null) {
                tookOut(lane, delivery);
                if (delivery.state == State.READY) {
                    delivery.state = State.IN_FLIGHT;
                    inFlight++;
                    lane.begin(delivery.recipients.length, now);
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

    /**
     * What a report, of an attempt whose slot is free again, says of its destination; and what it means by the rules of
     * that.
     *
     * @param epoch of the lane when the attempt began
     * @param millis the time of day
     */
    DeliveryReport judge(Delivery delivery, int epoch, DeliveryReport report, long millis) {
        Lane lane = laneOf(delivery);
        Signal signal = Signal.of(report);
        DeliveryReport meant = report;
        if (signal != Signal.TAKEN || !report.isRelayedToAll()) {
            Ruling ruling = Ruling.of(lane.policy.rules(), report);
            meant = ruling.report();
            signal = ruling.slowsDown() && !signal.isRefusal() ? Signal.REFUSED : signal;
            if (signal.isRefusal()) {
                lane.remember(report.outcomes());
            }
            if (ruling.pause() != null) {
                lane.remember(report.outcomes());
                lane.suspend(ruling.pause(), now);
                tell(lane, millis);
                return meant;
            }
        }
        boolean more = lane.ready() > 0;
        double chance = signal.isRefusal() ? random.nextDouble() : 0;
        if (lane.heard(signal, epoch, more, now, chance)) {
            tell(lane, millis);
        }
        queue(lane);
        return meant;
    }

    /** The destination of that delivery, if it is suspended, is probed as soon as may be. */
    void probe(Delivery delivery) {
        Lane lane = laneOf(delivery);
        lane.probe();
        queue(lane);
    }

    private void tell(Lane lane, long millis) {
        String whose = lane.identity.isEmpty() ? "" : " for " + QuotedText.ascii(lane.identity);
        String name = QuotedText.ascii(lane.name);
        Reason reason = lane.refusal;
        if (lane.isSuspended()) {
            LOG.info(
                    "lane {}{}: suspended for {} seconds, {} deliveries wait ({})",
                    name,
                    whose,
                    lane.suspendedFor(now) / 1_000_000_000,
                    lane.ready(),
                    reason == null ? "" : QuotedText.ascii(reason.reply().toString()));
            if (reason != null) {
                events.laneSuspended(lane.name, millis + lane.suspendedFor(now) / 1_000_000, reason.reply());
            }
        } else {
            LOG.info("lane {}{}: goes on, {} deliveries wait", name, whose, lane.ready());
            events.laneRestarted(lane.name);
        }
    }

    /** Takes out those that there is something to do for before their turn; forgets what is nobody's any more. */
    List<Delivery> takeOutDue(long millis) {
        List<Delivery> due = new ArrayList<>();
        List<Delivery> nobodys = new ArrayList<>();
        for (Lane lane : lanes.values()) {
            if (lane.ready() > 0) {
                lane.line.takeOut(each -> each.due <= millis || each.state == State.SETTLED, delivery -> {
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
        }
        nobodys.forEach(this::leave);
        while (!idle.isEmpty() && isForgotten(idle.values().iterator().next())) {
            forgetOldest();
        }
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

    /** How a lane goes; by default the one of that name and nobody's in particular, null if there is none. */
    QueueDepth.@Nullable Lane show(String name, @Nullable Lane known) {
        Lane lane = known == null ? lanes.get(Lane.key(name, "")) : known;
        if (lane == null) {
            return null;
        }
        Reason refusal = lane.refusal;
        return new QueueDepth.Lane(
                lane.name,
                lane.window(),
                lane.inFlight,
                Duration.ofNanos(lane.suspendedFor(now)),
                lane.relayed,
                refusal == null ? null : refusal.reply());
    }

    int ready() {
        return ready;
    }

    /** Each that has deliveries, or of which something is known; in no order. */
    Collection<Lane> all() {
        return Collections.unmodifiableCollection(lanes.values());
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
        if (lane.queued || lane.ready() == 0) {
            return;
        }
        long wait = lane.delay(now);
        if (wait == 0) {
            lane.queued = true;
            turns.add(lane);
            unpark(lane);
        } else if (wait != Lane.UNTIL_AN_END && (!lane.parked || wait < lane.parkedUntil - now)) {
            unpark(lane);
            lane.parked = true;
            lane.parkedUntil = now + wait;
            parked.add(lane);
        }
    }

    /** It waited for a suspension that has ended sooner. */
    private void unpark(Lane lane) {
        if (lane.parked) {
            lane.parked = false;
            parked.remove(lane);
        }
    }
}
