package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which message is attempted when, and what a report means for it. It owns all its state and has no thread:
 * whoever calls {@link #run} is the scheduler thread; everyone else comes in through the inbox. RFC 5321 §4.5.4.1.
 */
final class Scheduler implements SpoolOwner {
    private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);
    /** How much later than scheduled an attempt may be made, as a part of the delay, so that mail does not come back in herds. */
    private static final double JITTER = 0.1;
    /** How long until the next look when nothing is due: against clocks that jump, and a spool that is at fault. */
    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(30);

    private static final Reply NO_REPORT = Reply.of(451, "4.3.0", "local error in delivery");

    private final Inbox<Runnable> inbox = new Inbox<>();
    private final Spool spool;
    private final DeliveryAgent agent;
    private final RetrySchedule retry;
    private final Duration delayNotice;
    private final Function<Recipient, String> laneOf;
    private final Clock clock;
    private final RandomGenerator random;
    private final Bouncer bouncer;
    private final Lanes lanes;
    private final PriorityQueue<Delivery> timers = new PriorityQueue<>(Comparator.comparing(d -> d.due));
    private final Map<Delivery, CompletableFuture<DeliveryReport>> attempts = new HashMap<>();
    private final CompletableFuture<@Nullable Void> quiet = new CompletableFuture<>();
    private int messages;
    /** Notifications on their way into the spool, and not yet recorded. */
    private int telling;

    private volatile QueueHealth health = QueueHealth.EMPTY;
    private volatile boolean draining;
    private volatile boolean held;

    Scheduler(Spool spool, MailQueue.Builder settings) {
        this.spool = spool;
        this.agent = settings.agent();
        this.retry = settings.retry;
        this.delayNotice = settings.delayNotice;
        this.laneOf = settings.laneOf;
        this.clock = settings.clock;
        this.random = settings.random;
        this.bouncer = new Bouncer(spool, settings.hostname, settings.boundaries);
        this.lanes = new Lanes(settings.attempts, settings.attemptsPerLane);
    }

    // From any thread.

    /** A message is in the spool and is to be delivered. */
    void accept(SpooledMessage message) {
        inbox.offer(() -> enqueue(message));
    }

    @Override
    public void owns(QueueId id, List<PendingRecipient> pending) {
        inbox.offer(() -> spool.load(id).whenComplete((message, failure) -> {
            if (message != null) {
                accept(message);
            } else {
                LOG.error("{}: not read from the spool; a restart tries again", id, failure);
            }
        }));
    }

    @Override
    public void lost(QueueId id) {
        throw new UnsupportedOperationException();
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

    Inbox<Runnable> inbox() {
        return inbox;
    }

    // The scheduler thread.

    /** Does what is to be done now; answers how long there is nothing to do, unless something comes in. */
    Duration run() {
        for (Runnable event = inbox.poll(); event != null; event = inbox.poll()) {
            try {
                event.run();
            } catch (Throwable e) {
                LOG.error("defect in the scheduler, which goes on with the next event", e);
            }
        }
        Instant now = clock.instant();
        for (Delivery next = timers.peek(); next != null && !next.due.isAfter(now); next = timers.peek()) {
            wake(timers.remove(), now);
        }
        if (!draining && !held && spool.fault().isEmpty()) {
            for (Delivery next = lanes.next(); next != null; next = lanes.next()) {
                if (next.terms().isTooLate(now)) {
                    lanes.ended(next);
                    giveUp(next, now);
                } else {
                    tellDelayIfDue(next, now);
                    attempt(next, now);
                }
            }
        }
        health = new QueueHealth(null, held, messages, timers.size(), lanes.ready(), lanes.inFlight());
        if (draining && lanes.inFlight() == 0 && telling == 0) {
            quiet.complete(null);
        }
        Delivery next = timers.peek();
        if (next == null || next.due.isAfter(now.plus(LONGEST_SLEEP))) {
            return LONGEST_SLEEP;
        }
        return Duration.between(now, next.due);
    }

    /** Gives up all attempts; their recipients stay in the spool. */
    void cancel() {
        draining = true;
        List.copyOf(attempts.values()).forEach(attempt -> attempt.cancel(false));
    }

    /** One delivery for each lane and each due time, so that recipients of one destination go in one transaction. */
    private void enqueue(SpooledMessage message) {
        record Way(String lane, Deferral state) {}
        Map<Way, List<Integer>> ways = new LinkedHashMap<>();
        for (PendingRecipient pending : message.pending()) {
            String lane = laneOf.apply(message.envelope().recipients().get(pending.index()));
            ways.computeIfAbsent(new Way(lane, pending.deferral()), way -> new ArrayList<>())
                    .add(pending.index());
        }
        Delivery.Tracked tracked = new Delivery.Tracked(message, Terms.of(message, retry, delayNotice));
        tracked.deliveries = ways.size();
        messages += ways.isEmpty() ? 0 : 1;
        Instant release = tracked.terms.release();
        ways.forEach((way, recipients) -> {
            Deferral state = way.state();
            Instant next = state.due().isBefore(release) ? release : state.due();
            schedule(new Delivery(tracked, way.lane(), recipients, state.attempts(), next, state.delayTold()));
        });
    }

    private void schedule(Delivery delivery) {
        if (delivery.next.isAfter(clock.instant())) {
            sleep(delivery);
        } else {
            lanes.add(delivery);
        }
    }

    /** Until the next attempt, or until the sender is to be told of the delay. */
    private void sleep(Delivery delivery) {
        Instant notice = delivery.terms().notice();
        delivery.due = notice.isBefore(delivery.next) && isDelayToBeTold(delivery) ? notice : delivery.next;
        timers.add(delivery);
    }

    private void wake(Delivery delivery, Instant now) {
        if (delivery.terms().isTooLate(now)) {
            giveUp(delivery, now);
            return;
        }
        tellDelayIfDue(delivery, now);
        schedule(delivery);
    }

    private boolean isDelayToBeTold(Delivery delivery) {
        return !delivery.delayTold
                && !bouncer.toReport(Notice.DELAY, delivery, delivery.delayed()).isEmpty();
    }

    /** It is not attempted any more: too late is as bad as never. RFC 2852. */
    private void giveUp(Delivery delivery, Instant now) {
        List<RecipientOutcome> late = delivery.late();
        late.forEach(outcome -> log(delivery.message().id(), outcome, true));
        fail(delivery, delivery.recipients, late, now);
    }

    private void attempt(Delivery delivery, Instant now) {
        CompletableFuture<DeliveryReport> attempt;
        try {
            attempt = agent.deliver(delivery.envelope(now), delivery.message().content());
        } catch (Throwable e) {
            attempt = CompletableFuture.failedFuture(e);
        }
        attempts.put(delivery, attempt);
        CompletionStage<DeliveryReport> end = attempt;
        end.whenComplete((report, defect) -> inbox.offer(() -> ended(delivery, report, defect)));
    }

    private void ended(Delivery delivery, @Nullable DeliveryReport report, @Nullable Throwable defect) {
        attempts.remove(delivery);
        lanes.ended(delivery);
        delivery.attempts++;
        QueueId id = delivery.message().id();
        if (report == null || report.outcomes().size() != delivery.recipients.size()) {
            LOG.error("{}: defect in the delivery agent, to be tried again", id, defect);
            report = DeliveryReport.forEach(
                    delivery.envelope(clock.instant()),
                    r -> new RecipientOutcome(r, DeliveryStatus.DEFERRED, NO_REPORT, null));
        }
        settle(delivery, report.outcomes(), clock.instant());
    }

    private void settle(Delivery delivery, List<RecipientOutcome> outcomes, Instant now) {
        boolean expired = !now.isBefore(delivery.terms().expiry());
        List<RecipientOutcome> late = delivery.terms().isTooLate(now) ? delivery.late() : outcomes;
        List<Integer> done = new ArrayList<>();
        List<Integer> failed = new ArrayList<>();
        List<Integer> deferred = new ArrayList<>();
        List<RecipientOutcome> successes = new ArrayList<>();
        List<RecipientOutcome> failures = new ArrayList<>();
        List<RecipientOutcome> deferrals = new ArrayList<>();
        for (int i = 0; i < outcomes.size(); i++) {
            int recipient = delivery.recipients.get(i);
            RecipientOutcome outcome = outcomes.get(i);
            log(delivery.message().id(), outcome, expired);
            if (outcome.status().isSuccess()) {
                done.add(recipient);
                successes.add(outcome);
            } else if (outcome.status() == DeliveryStatus.FAILED || expired) {
                failed.add(recipient);
                failures.add(outcome.status() == DeliveryStatus.FAILED ? outcome : late.get(i));
            } else {
                deferred.add(recipient);
                deferrals.add(outcome);
            }
        }
        if (!done.isEmpty()) {
            tellSuccess(delivery, successes, now);
            crossOff(delivery.message().id(), done, DeliveryStatus.RELAYED);
        }
        if (!failed.isEmpty()) {
            delivery.tracked.deliveries++;
            fail(delivery, failed, failures, now);
        }
        delivery.recipients = deferred;
        delivery.outcomes = deferrals;
        if (deferred.isEmpty()) {
            gone(delivery);
        } else {
            defer(delivery, now);
        }
    }

    /** The last attempt is made when the message expires, not long before or after. */
    private void defer(Delivery delivery, Instant now) {
        Duration delay = retry.after(delivery.attempts);
        Instant due = now.plus(delay).plusMillis((long) (delay.toMillis() * JITTER * random.nextDouble()));
        Instant expiry = delivery.terms().expiry();
        delivery.next = due.isAfter(expiry) ? expiry : due;
        record(delivery);
        sleep(delivery);
    }

    private void record(Delivery delivery) {
        Deferral state = new Deferral(delivery.attempts, delivery.next, delivery.delayTold);
        QueueId id = delivery.message().id();
        spool.defer(id, delivery.recipients, state).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.warn("{}: deferral not recorded; a restart tries earlier", id, failure);
            }
        });
    }

    /**
     * Told once; that it was told is recorded with the deferral as soon as the notification is safe, so that only a
     * crash in between tells it again. What could not be told is due again after the next attempt.
     */
    private void tellDelayIfDue(Delivery delivery, Instant now) {
        if (delivery.terms().notice().isAfter(now) || !isDelayToBeTold(delivery)) {
            return;
        }
        delivery.delayTold = true;
        List<RecipientOutcome> reported = bouncer.toReport(Notice.DELAY, delivery, delivery.delayed());
        tell(Notice.DELAY, delivery, reported, now, told -> {
            delivery.delayTold = told;
            if (told && !delivery.recipients.isEmpty()) {
                record(delivery);
            }
        });
    }

    /**
     * On its way into the spool before the recipients are crossed off, which waits for nothing: a report may be lost,
     * but nobody gets a message twice for it.
     */
    private void tellSuccess(Delivery delivery, List<RecipientOutcome> successes, Instant now) {
        List<RecipientOutcome> reported = bouncer.toReport(Notice.SUCCESS, delivery, successes);
        if (!reported.isEmpty()) {
            tell(Notice.SUCCESS, delivery, reported, now, told -> {});
        }
    }

    /** First the notification is safe, then the recipients are crossed off: a crash between may tell the sender twice. */
    private void fail(Delivery delivery, List<Integer> recipients, List<RecipientOutcome> failures, Instant now) {
        SpooledMessage message = delivery.message();
        List<RecipientOutcome> reported = bouncer.toReport(Notice.FAILURE, delivery, failures);
        if (reported.isEmpty()) {
            LOG.info("{}: failed for {} recipients, of which nobody is to be told", message.id(), recipients.size());
            crossOff(message.id(), recipients, DeliveryStatus.FAILED);
            gone(delivery);
            return;
        }
        tell(Notice.FAILURE, delivery, reported, now, told -> {
            if (told) {
                crossOff(message.id(), recipients, DeliveryStatus.FAILED);
                gone(delivery);
            } else {
                Instant again = clock.instant().plus(retry.after(Math.max(delivery.attempts, 1)));
                schedule(new Delivery(
                        delivery.tracked, delivery.lane, recipients, delivery.attempts, again, delivery.delayTold));
            }
        });
    }

    /**
     * Spools a notification, which then goes the way of all mail.
     *
     * @param then is told, on the scheduler's thread, whether it is safe
     */
    private void tell(
            Notice notice, Delivery delivery, List<RecipientOutcome> reported, Instant now, Consumer<Boolean> then) {
        QueueId id = delivery.message().id();
        telling++;
        bouncer.tell(notice, delivery, reported, now)
                .whenComplete((notification, failure) -> inbox.offer(() -> {
                    telling--;
                    then.accept(notification != null);
                    if (notification != null) {
                        LOG.info("{}: sender notified of {} by {}", id, notice, notification.id());
                        enqueue(notification);
                    } else {
                        LOG.error("{}: notification of {} not spooled", id, notice, failure);
                    }
                }));
    }

    private void crossOff(QueueId id, List<Integer> recipients, DeliveryStatus status) {
        spool.crossOff(id, recipients, status).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.error(
                        "{}: {} not recorded for {} recipients; a restart tries them again",
                        id,
                        status,
                        recipients.size(),
                        failure);
            }
        });
    }

    private void gone(Delivery delivery) {
        if (--delivery.tracked.deliveries == 0) {
            messages--;
        }
    }

    private static void log(QueueId id, RecipientOutcome outcome, boolean expired) {
        if (LOG.isInfoEnabled()) {
            LOG.info(
                    "{}: to=<{}> host={} status={}{} ({})",
                    id,
                    QuotedText.ascii(outcome.recipient().toString()),
                    outcome.host().map(QuotedText::ascii).orElse("-"),
                    outcome.status(),
                    expired ? " expired" : "",
                    QuotedText.ascii(outcome.reply().toString()));
        }
    }
}
