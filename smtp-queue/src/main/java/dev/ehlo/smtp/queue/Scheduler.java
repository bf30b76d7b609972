package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.queue.Delivery.State;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which message is attempted when. It owns all its state and has no thread: whoever calls {@link #run} is the
 * scheduler thread; everyone else comes in through the inbox. RFC 5321 §4.5.4.1.
 */
final class Scheduler implements SpoolOwner {
    private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);
    /** How long until the next look when nothing is due: against clocks that jump. */
    private static final long LONGEST_SLEEP_MILLIS = 30_000;
    /** As long as the spool is at fault, or has not recorded everything. */
    private static final long FAULT_SLEEP_MILLIS = 1000;
    /** What is taken from the inbox before everything else gets its turn. */
    private static final int EVENTS = 1024;
    /** Between two looks into the lanes for promises that are due before it is somebody's turn. */
    private static final long SWEEP_MILLIS = 60_000;
    /** Until a message is tried again that could not be read, or that a defect came across. */
    private static final long AGAIN_MILLIS = 60_000;
    /** By how much the clock may go wrong between two looks before it counts as set. */
    private static final long CLOCK_SET_MILLIS = 1000;

    /** Messages, deliveries that the spool gave to us, and what else there is to do here. */
    private final Inbox<Object> inbox = new Inbox<>();

    private final Spool spool;
    private final RetrySchedule retry;
    private final Duration delayNotice;
    private final Function<Recipient, String> laneOf;
    private final Clock clock;
    private final @Nullable LongSupplier nanoTime;
    private final Deliveries deliveries = new Deliveries();
    private final Timers timers = new Timers();
    private final Lanes lanes;
    private final Loads loads;
    private final Recorder recorder;
    private final Attempts attempts;
    private final Settlement settlement;
    private final CompletableFuture<@Nullable Void> quiet = new CompletableFuture<>();

    private long lastMillis;
    private long lastNanos;
    private long lastSweep;
    /** Some are nobody's any more, and still with the timers. */
    private boolean strays;

    private volatile QueueHealth health = QueueHealth.EMPTY;
    private volatile boolean draining;
    private volatile boolean held;

    Scheduler(Spool spool, MailQueue.Builder settings) {
        this.spool = spool;
        this.retry = settings.retry;
        this.delayNotice = settings.delayNotice;
        this.laneOf = settings.laneOf;
        this.clock = settings.clock;
        this.nanoTime = settings.nanoTime;
        this.lanes = new Lanes(settings.attempts, settings.attemptsPerLane);
        this.loads = new Loads(spool, inbox, this::read);
        this.recorder = new Recorder(spool, inbox);
        this.attempts = new Attempts(settings.agent(), inbox, this::ended);
        Bouncer bouncer = new Bouncer(spool, settings.hostname, settings.boundaries);
        this.settlement = new Settlement(this, recorder, bouncer, retry, settings.random);
        this.lastMillis = clock.millis();
        this.lastNanos = nanoTime == null ? 0 : nanoTime.getAsLong();
    }

    // From any thread.

    /** A message is in the spool and is to be delivered. */
    void accept(SpooledMessage message) {
        inbox.offer(message);
    }

    @Override
    public void owns(QueueId id, List<PendingRecipient> pending) {
        if (pending.size() == 1) {
            inbox.offer(owned(id, pending));
            return;
        }
        Map<Deferral, List<PendingRecipient>> alike = new LinkedHashMap<>();
        pending.forEach(
                p -> alike.computeIfAbsent(p.deferral(), d -> new ArrayList<>()).add(p));
        alike.values().forEach(some -> inbox.offer(owned(id, some)));
    }

    private static Delivery owned(QueueId id, List<PendingRecipient> alike) {
        Delivery delivery = Delivery.of(id, alike);
        Deferral state = alike.get(0).deferral();
        delivery.attempts = state.attempts();
        delivery.next = state.due().toEpochMilli();
        // Due since its arrival, whatever the clock says of that now; or held until a date.
        delivery.held = state.attempts() == 0 && delivery.next > id.millis();
        delivery.delayTold = state.delayTold();
        return delivery;
    }

    @Override
    public void lost(QueueId id) {
        inbox.offer((Runnable) () -> forget(id));
    }

    /**
     * Starts no more attempts; those in flight go on. The future completes once none is in flight, and all that follows
     * from those that were is handed to the spool.
     */
    CompletableFuture<@Nullable Void> drain() {
        draining = true;
        inbox.wake();
        return quiet;
    }

    /** Whether an operator wants no more attempts for now. */
    void hold(boolean value) {
        held = value;
        inbox.wake();
    }

    QueueHealth health() {
        return health.at(spool.fault().orElse(null));
    }

    Inbox<Object> inbox() {
        return inbox;
    }

    // The scheduler thread.

    /** Does what is to be done now; answers how long there is nothing to do, unless something comes in. */
    Duration run() {
        long now = look();
        Object event = inbox.poll();
        for (int i = 1; event != null; event = i++ < EVENTS ? inbox.poll() : null) {
            try {
                handle(event, now);
            } catch (Throwable e) {
                LOG.error("defect in the scheduler, which goes on with the next event", e);
            }
        }
        boolean sound = spool.fault().isEmpty();
        if (sound) {
            recorder.tellAgain(now);
        }
        boolean goesOn = sound && !draining;
        if (goesOn) {
            for (Delivery due = timers.poll(now); due != null; due = timers.poll(now)) {
                wake(due);
            }
            sweep(now);
            for (Delivery next = nextAttempt(); next != null; next = nextAttempt()) {
                if (next.loaded == null) {
                    loads.add(next);
                } else {
                    attempt(next, now);
                }
            }
            loads.start(!isBusy());
        } else if (draining) {
            for (Delivery next = loads.cancelAttempt(); next != null; next = loads.cancelAttempt()) {
                giveSlotBack(next);
                next.waited = true;
                lanes.add(next);
            }
        }
        health = new QueueHealth(
                null, held, deliveries.messages(), timers.size(), lanes.ready() + loads.waiting(), lanes.inFlight());
        if (draining && lanes.inFlight() == 0 && settlement.telling() == 0 && (recorder.waiting() == 0 || !sound)) {
            quiet.complete(null);
        }
        return inbox.isEmpty() ? idle(now, goesOn, sound) : Duration.ZERO;
    }

    private Duration idle(long now, boolean goesOn, boolean sound) {
        long longest = sound && recorder.waiting() == 0 ? LONGEST_SLEEP_MILLIS : FAULT_SLEEP_MILLIS;
        long next = goesOn ? timers.next() : Terms.NEVER;
        return Duration.ofMillis(next > now + longest ? longest : next - now);
    }

    /** The time; and whether the clock was set since the last look, as a delay is not over because of that. */
    private long look() {
        long now = clock.millis();
        if (nanoTime != null) {
            long nanos = nanoTime.getAsLong();
            long set = now - lastMillis - (nanos - lastNanos) / 1_000_000;
            if (Math.abs(set) > CLOCK_SET_MILLIS) {
                LOG.warn("the clock was set by {} seconds; retries keep their delays", set / 1000);
                timers.clockWasSet(set);
            }
            lastNanos = nanos;
        }
        lastMillis = now;
        return now;
    }

    private void handle(Object event, long now) {
        if (event instanceof SpooledMessage message) {
            enqueue(message, now);
        } else if (event instanceof Delivery delivery) {
            arrive(delivery, now);
        } else {
            ((Runnable) event).run();
        }
    }

    private @Nullable Delivery nextAttempt() {
        return held || isBusy() ? null : lanes.next();
    }

    /** Too much is on its way into the spool to start what adds to it. */
    private boolean isBusy() {
        return recorder.isFull() || settlement.isBusy();
    }

    /** A message that is new. */
    void enqueue(SpooledMessage message, long now) {
        Delivery delivery = Delivery.of(message.id(), message.pending());
        delivery.next = now;
        delivery.loaded = LoadedMessage.of(message, retry, delayNotice);
        deliveries.add(delivery);
        if (delivery.terms().release() > now) {
            // So that a start need not read it to know.
            Deferral release =
                    new Deferral(0, Instant.ofEpochMilli(delivery.terms().release()), false);
            recorder.defer(delivery, release);
        }
        place(delivery, now);
    }

    /** A message that the spool has given to us; what we have of it already, though it was lost meanwhile, goes on. */
    private void arrive(Delivery delivery, long now) {
        if (deliveries.holds(delivery.id)) {
            for (Delivery other : deliveries.of(delivery.id)) {
                other.lost = false;
                for (int recipient : other.recipients) {
                    delivery.retain(index -> index != recipient);
                }
            }
            if (delivery.recipients.length == 0) {
                return;
            }
        }
        deliveries.add(delivery);
        if (!delivery.held) {
            // A clock that was ahead when this was recorded must not hold it for as long.
            long longest = delivery.attempts == 0 ? 0 : settlement.longestDelay(delivery.attempts);
            delivery.next = Math.min(delivery.next, now + longest);
        }
        if (delivery.next > now) {
            rest(delivery);
        } else {
            loads.add(delivery);
        }
    }

    /** A message that another process has: no more attempts. */
    private void forget(QueueId id) {
        for (Delivery delivery : deliveries.of(id.value())) {
            delivery.lost = true;
            if (delivery.state != State.IN_FLIGHT && delivery.state != State.TELLING) {
                strays |= delivery.state == State.ASLEEP;
                settled(delivery);
            }
        }
    }

    private void wake(Delivery delivery) {
        if (delivery.lane == null || delivery.promised) {
            loads.add(delivery);
        } else {
            delivery.due = Terms.NEVER;
            lanes.add(delivery);
        }
    }

    private void sweep(long now) {
        if (now >= lastSweep && now - lastSweep < SWEEP_MILLIS) {
            return;
        }
        lastSweep = now;
        if (strays) {
            timers.sweep();
            strays = false;
        }
        for (Delivery due : lanes.takeOutDue(now)) {
            if (due.loaded == null) {
                loads.add(due);
            } else {
                place(due, now);
            }
        }
    }

    private void read(Delivery delivery, @Nullable SpooledMessage message, @Nullable Throwable failure) {
        long now = clock.millis();
        if (delivery.state == State.SETTLED) {
            return;
        }
        if (delivery.lost) {
            giveSlotBack(delivery);
            settled(delivery);
        } else if (message == null) {
            LOG.warn("{}: not read from the spool, which is tried again", delivery.queueId(), failure);
            giveSlotBack(delivery);
            delivery.next = now + AGAIN_MILLIS;
            rest(delivery);
        } else {
            read(delivery, message, now);
        }
    }

    private void read(Delivery delivery, SpooledMessage message, long now) {
        if (message.pending().size() < message.envelope().recipients().size()) {
            // Another process may have settled some before we had them from it.
            delivery.retain(index -> message.pending().stream().anyMatch(p -> p.index() == index));
        }
        if (delivery.recipients.length == 0) {
            giveSlotBack(delivery);
            settled(delivery);
            return;
        }
        delivery.loaded = LoadedMessage.of(message, retry, delayNotice);
        if (delivery.state != State.IN_FLIGHT) {
            place(delivery, now);
        } else if (held || draining || spool.fault().isPresent()) {
            giveSlotBack(delivery);
            delivery.waited = true;
            place(delivery, now);
        } else {
            attempt(delivery, now);
        }
    }

    /** To where it belongs, its message being read. */
    private void place(Delivery delivery, long now) {
        try {
            Terms terms = delivery.terms();
            Envelope envelope = delivery.message().envelope();
            delivery.priority = (byte) envelope.parameters().priority().orElse(0);
            if (terms.isTooLate(now)) {
                settlement.giveUp(delivery, now);
                return;
            }
            settlement.tellDelayIfDue(delivery, now);
            delivery.held = terms.release() > now;
            if (delivery.held) {
                delivery.next = terms.release();
            }
            if (delivery.next > now) {
                sleep(delivery);
            } else {
                watch(delivery, Terms.NEVER);
                enterLanes(delivery);
            }
        } catch (Throwable e) {
            putBack(delivery, e);
        }
    }

    /** One delivery for each lane, so that recipients of one destination go in one transaction. */
    private void enterLanes(Delivery delivery) {
        if (delivery.lane != null) {
            lanes.add(delivery);
            return;
        }
        if (delivery.recipients.length == 1) {
            lanes.enter(delivery, laneOf.apply(delivery.recipient(delivery.recipients[0])));
            lanes.add(delivery);
            return;
        }
        Map<String, List<Integer>> ways = new LinkedHashMap<>();
        for (int index : delivery.recipients) {
            ways.computeIfAbsent(laneOf.apply(delivery.recipient(index)), lane -> new ArrayList<>())
                    .add(index);
        }
        if (ways.size() == 1) {
            lanes.enter(delivery, ways.keySet().iterator().next());
            lanes.add(delivery);
            return;
        }
        List<Delivery> others = new ArrayList<>();
        ways.forEach((lane, recipients) -> {
            Delivery part = delivery.split(Delivery.compact(recipients));
            lanes.enter(part, lane);
            others.add(part);
        });
        // Instead of the whole, which is the first of them from now on.
        Delivery first = others.remove(0);
        delivery.recipients = first.recipients;
        delivery.lane = first.lane;
        lanes.add(delivery);
        others.forEach(other -> {
            deliveries.add(other);
            lanes.add(other);
        });
    }

    /** When to look at it before its turn, which is then at the latest. */
    private void watch(Delivery delivery, long turn) {
        boolean told = settlement.isDelayToBeTold(delivery);
        Terms terms = delivery.terms();
        long promise = Math.min(told ? terms.notice() : Terms.NEVER, terms.returns() ? terms.deadline() : Terms.NEVER);
        delivery.promised = promise != Terms.NEVER;
        delivery.due = Math.min(promise, turn);
    }

    /** Until the next attempt, or until there is something to do for a promise; its message being read. */
    void sleep(Delivery delivery) {
        watch(delivery, delivery.next);
        rest(delivery, delivery.due);
    }

    /** Until the next attempt, whatever its message says. */
    void rest(Delivery delivery) {
        rest(delivery, delivery.next);
    }

    private void rest(Delivery delivery, long due) {
        delivery.due = due;
        delivery.loaded = null;
        delivery.waited = false;
        lanes.leaveIfShort(delivery);
        timers.add(delivery);
    }

    private void attempt(Delivery delivery, long now) {
        try {
            if (delivery.terms().isTooLate(now)) {
                giveSlotBack(delivery);
                settlement.giveUp(delivery, now);
            } else {
                settlement.tellDelayIfDue(delivery, now);
                attempts.start(delivery, now);
            }
        } catch (Throwable e) {
            giveSlotBack(delivery);
            putBack(delivery, e);
        }
    }

    private void ended(Delivery delivery, @Nullable DeliveryReport report, @Nullable Throwable defect) {
        giveSlotBack(delivery);
        try {
            settlement.ended(delivery, report, defect, clock.millis());
        } catch (Throwable e) {
            putBack(delivery, e);
        }
    }

    private void giveSlotBack(Delivery delivery) {
        if (delivery.state == State.IN_FLIGHT) {
            lanes.ended(delivery);
        }
    }

    /** After a defect: what is nowhere is tried again, and not only after a restart. */
    private void putBack(Delivery delivery, Throwable defect) {
        if (delivery.state == State.UNREAD || delivery.state == State.TELLING) {
            delivery.next = clock.millis() + AGAIN_MILLIS;
            rest(delivery);
        }
        LOG.error("{}: defect in the scheduler, to be tried again", delivery.queueId(), defect);
    }

    /** Another delivery of a message that is there already. */
    void add(Delivery part) {
        deliveries.add(part);
    }

    /** Nothing is left to do for it. */
    void settled(Delivery delivery) {
        boolean inLane = delivery.state == State.READY;
        delivery.state = State.SETTLED;
        deliveries.remove(delivery);
        if (!inLane) {
            lanes.leave(delivery);
            delivery.loaded = null;
        }
    }

    /** Gives up all attempts; their recipients stay in the spool. */
    void cancel() {
        draining = true;
        attempts.cancel();
        if (recorder.waiting() > 0) {
            LOG.error("{} records not told to the spool; a restart tries those recipients again", recorder.waiting());
        }
    }
}
