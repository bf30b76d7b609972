package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.Delivery.State;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
    /** How long after its time a message waits for a last attempt where its destination is slow. */
    private static final long LAST_ATTEMPT_MILLIS = 3_600_000;

    /** Messages, deliveries that the spool gave to us, and what else there is to do here. */
    private final Inbox<Object> inbox = new Inbox<>();

    private final Spool spool;
    private final RetrySchedule retry;
    private final Duration delayNotice;
    private final Time time;
    private final Deliveries deliveries = new Deliveries();
    private final Timers timers = new Timers();
    private final Destinations destinations;
    private final Lanes lanes;
    private final Loads loads;
    private final Recorder recorder;
    private final Attempts attempts;
    private final Settlement settlement;
    private final Events events;
    private final Commands commands;
    private final Operator operator;
    private final QueueCounts counts = new QueueCounts();
    private final CompletableFuture<@Nullable Void> quiet = new CompletableFuture<>();

    private long lastSweep;
    /** Some are nobody's any more, and still with the timers. */
    private boolean strays;

    private volatile QueueHealth health = QueueHealth.EMPTY;
    private volatile boolean draining;
    private volatile boolean held;

    Scheduler(Spool spool, MailQueueBuilder settings) {
        this.spool = spool;
        this.retry = settings.retry;
        this.delayNotice = settings.delayNotice;
        this.time = new Time(settings.clock, settings.nanoTime);
        this.events = new Events(counts, settings.events);
        this.destinations = new Destinations(settings, inbox, time.nanos(), named -> place(named, time.millis(), true));
        this.lanes = new Lanes(settings, destinations, events, time.nanos());
        this.loads = new Loads(spool, inbox, this::read);
        this.recorder = new Recorder(spool, inbox);
        Bouncer bouncer = new Bouncer(spool, settings, counts);
        this.settlement = new Settlement(this, deliveries, recorder, bouncer, events, settings);
        this.commands = new Commands(this, deliveries, recorder, events, settlement);
        this.operator = new Operator(this, deliveries, spool, commands, settings.sorting);
        this.attempts = new Attempts(settings.agent(), inbox, new Endings(this, lanes, commands, settlement));
    }

    // From any thread.

    /** A message is in the spool and is to be delivered. */
    void accept(SpooledMessage message) {
        inbox.offer(message);
    }

    @Override
    public void owns(QueueId id, List<PendingRecipient> pending) {
        owns(id, pending, MessageTraits.UNKNOWN);
    }

    @Override
    public void owns(QueueId id, List<PendingRecipient> pending, MessageTraits traits) {
        Delivery.owned(id, pending, traits).forEach(inbox::offer);
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

    Operator operator() {
        return operator;
    }

    /** The time of the queue, in milliseconds since 1970. */
    long millis() {
        return time.millis();
    }

    QueueCounts counts() {
        return counts;
    }

    Lanes lanes() {
        return lanes;
    }

    Inbox<Object> inbox() {
        return inbox;
    }

    // The scheduler thread.

    /** Does what is to be done now; answers how long there is nothing to do, unless something comes in. */
    Duration run() {
        long now = time.look(timers);
        long nanos = time.nanos();
        destinations.look(nanos);
        lanes.look(nanos);
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
                wake(due, now);
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
        operator.work();
        health = new QueueHealth(
                null,
                held,
                deliveries.messages(),
                timers.size(),
                lanes.ready() + loads.waiting() + destinations.waiting(),
                lanes.inFlight());
        if (draining && lanes.inFlight() == 0 && settlement.telling() == 0 && (recorder.waiting() == 0 || !sound)) {
            quiet.complete(null);
        }
        return inbox.isEmpty() ? idle(now, goesOn, sound) : Duration.ZERO;
    }

    private Duration idle(long now, boolean goesOn, boolean sound) {
        long longest = sound && recorder.waiting() == 0 ? LONGEST_SLEEP_MILLIS : FAULT_SLEEP_MILLIS;
        if (!goesOn) {
            return Duration.ofMillis(longest);
        }
        long waits = Math.min(lanes.millisToNext(), destinations.millisToNext());
        return Duration.ofMillis(Math.min(Math.min(timers.next() - now, longest), waits));
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
        delivery.traits = MessageTraits.bits(message.envelope());
        delivery.next = now;
        delivery.loaded = LoadedMessage.of(message, retry, delayNotice);
        deliveries.add(delivery);
        events.accepted(message);
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
                delivery.remove(other.recipients);
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
        if (delivery.next > now || delivery.order == StandingOrder.HOLD) {
            rest(delivery);
        } else {
            delivery.next = Delivery.NOW;
            loads.add(delivery);
        }
    }

    /** A message that another process has, or that is lost: no more attempts. */
    private void forget(QueueId id) {
        for (Delivery delivery : deliveries.of(id.value())) {
            delivery.lost = true;
            if (delivery.state != State.IN_FLIGHT && delivery.state != State.TELLING) {
                strays |= delivery.state == State.ASLEEP;
                settled(delivery);
            }
        }
    }

    private void wake(Delivery delivery, long now) {
        if (delivery.next <= now) {
            // And stays so, whatever becomes of the clock.
            delivery.next = Delivery.NOW;
        }
        if (delivery.lane == null || delivery.promised || delivery.order != StandingOrder.NONE) {
            loads.add(delivery);
        } else {
            // It is given up no sooner; if it was held for a time, later, which will be read then.
            long expiry = delivery.queueMillis() + retry.expiry().toMillis();
            delivery.due = expiry > now ? expiry : now + LAST_ATTEMPT_MILLIS;
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
        try {
            if (delivery.state == State.SETTLED) {
                return;
            }
            if (message != null && !delivery.lost) {
                read(delivery, message, time.millis());
                return;
            }
            giveSlotBack(delivery);
            if (delivery.lost) {
                settled(delivery);
            } else if (Loads.isLost(failure)) {
                LOG.error("{}: given up, as the spool has lost it", delivery.queueId(), failure);
                // Its other deliveries too: the spool, which knows it no more, would have each tried again for ever.
                forget(delivery.queueId());
            } else {
                LOG.warn("{}: not read from the spool, which is tried again", delivery.queueId(), failure);
                delivery.next = time.millis() + AGAIN_MILLIS;
                rest(delivery);
            }
        } catch (Throwable e) {
            putBack(delivery, e);
        }
    }

    private void read(Delivery delivery, SpooledMessage message, long now) {
        if (message.pending().size() < message.envelope().recipients().size()) {
            delivery.retain(message.pending());
        }
        if (delivery.recipients.length == 0) {
            giveSlotBack(delivery);
            settled(delivery);
            return;
        }
        delivery.loaded = LoadedMessage.of(message, retry, delayNotice);
        if (delivery.state != State.IN_FLIGHT) {
            place(delivery, now);
        } else if (held || draining || spool.fault().isPresent() || commands.isOrderedFor(delivery)) {
            giveSlotBack(delivery);
            delivery.waited = true;
            place(delivery, now);
        } else {
            attempt(delivery, now);
        }
    }

    /** To where it belongs, its message being read. */
    private void place(Delivery delivery, long now) {
        place(delivery, now, false);
    }

    private void place(Delivery delivery, long now, boolean isNamed) {
        try {
            if (commands.obeys(delivery, now) || !settlement.isStillWanted(delivery, now)) {
                return;
            }
            long release = delivery.terms().release();
            delivery.held = release > now;
            if (delivery.held) {
                delivery.next = release;
            }
            long expiry = delivery.terms().expiry();
            if (delivery.next > now) {
                sleep(delivery);
            } else if (isOver(delivery, expiry, now)) {
                settlement.expire(delivery, now);
            } else if (delivery.lane != null || !destinations.isAwaited(delivery, isNamed)) {
                settlement.watch(delivery, now < expiry ? expiry : now + LAST_ATTEMPT_MILLIS);
                lanes.enter(delivery).forEach(deliveries::add);
            }
        } catch (Throwable e) {
            putBack(delivery, e);
        }
    }

    /** Until an operator releases it. */
    void park(Delivery delivery) {
        lanes.leave(delivery);
        delivery.loaded = null;
        delivery.waited = false;
        delivery.state = State.ON_HOLD;
    }

    /** It was taken out of its line, and goes on from here. */
    void goOn(Delivery delivery) {
        delivery.state = State.UNREAD;
        delivery.loaded = null;
        if (delivery.next > time.millis() && !delivery.promised) {
            rest(delivery);
        } else {
            loads.add(delivery);
        }
    }

    /** It is nobody's any more: others have its recipients, in this index too. */
    void leaveBehind(Delivery delivery) {
        strays |= delivery.state == State.ASLEEP;
        settled(delivery);
    }

    /** Whether its time is over and it waited for its last attempt in vain: its destination is suspended, or too slow. */
    private boolean isOver(Delivery delivery, long expiry, long now) {
        Lane lane = delivery.lane;
        return lane != null && !held && now >= expiry && (lane.isSuspended() || now - expiry >= LAST_ATTEMPT_MILLIS);
    }

    /** Until the next attempt, or until there is something to do for a promise; its message being read. */
    void sleep(Delivery delivery) {
        if (delivery.order == StandingOrder.BOUNCE) {
            loads.add(delivery);
            return;
        }
        settlement.watch(delivery, delivery.next);
        rest(delivery, delivery.due);
    }

    /** Until the next attempt, whatever its message says. */
    void rest(Delivery delivery) {
        rest(delivery, delivery.next);
    }

    private void rest(Delivery delivery, long due) {
        if (delivery.order == StandingOrder.HOLD) {
            park(delivery);
            return;
        } else if (delivery.order == StandingOrder.REMOVE) {
            commands.remove(delivery, null);
            return;
        }
        delivery.due = due;
        delivery.loaded = null;
        delivery.waited = false;
        lanes.leaveIfShort(delivery);
        timers.add(delivery);
    }

    private void attempt(Delivery delivery, long now) {
        try {
            if (settlement.isStillWanted(delivery, now)) {
                attempts.start(delivery, now);
            }
        } catch (Throwable e) {
            putBack(delivery, e);
        }
    }

    /** Whether an operator wants something of it once its attempt has ended. */
    boolean isOrdered(Delivery delivery) {
        return commands.isOrderedFor(delivery);
    }

    void giveSlotBack(Delivery delivery) {
        if (delivery.state == State.IN_FLIGHT) {
            lanes.ended(delivery);
            commands.part(delivery).forEach(this::goOn);
        }
    }

    /** After a defect: what is nowhere is tried again, and not only after a restart. */
    void putBack(Delivery delivery, Throwable defect) {
        giveSlotBack(delivery);
        if (delivery.state == State.UNREAD || delivery.state == State.TELLING) {
            delivery.next = time.millis() + AGAIN_MILLIS;
            rest(delivery);
        }
        LOG.error("{}: defect in the scheduler, to be tried again", delivery.queueId(), defect);
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
