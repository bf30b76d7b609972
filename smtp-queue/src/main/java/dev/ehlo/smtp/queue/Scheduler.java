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
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which message is attempted when, and what a report means for it. It owns all its state and has no thread:
 * whoever calls {@link #run} is the scheduler thread; everyone else comes in through the inbox. RFC 5321 §4.5.4.1.
 */
final class Scheduler {
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
    private final Function<Recipient, String> laneOf;
    private final Clock clock;
    private final RandomGenerator random;
    private final Bouncer bouncer;
    private final Lanes lanes;
    private final PriorityQueue<Delivery> timers = new PriorityQueue<>(Comparator.comparing(d -> d.due));
    private final Map<Delivery, CompletableFuture<DeliveryReport>> attempts = new HashMap<>();
    private final CompletableFuture<@Nullable Void> quiet = new CompletableFuture<>();
    private int messages;
    private volatile QueueHealth health = new QueueHealth(null, 0, 0);
    private volatile boolean holding;

    Scheduler(Spool spool, MailQueue.Builder settings) {
        this.spool = spool;
        this.agent = settings.agent();
        this.retry = settings.retry;
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

    /** Starts no more attempts; those in flight go on. The future completes once none is in flight. */
    CompletableFuture<@Nullable Void> hold() {
        holding = true;
        inbox.wake();
        return quiet;
    }

    QueueHealth health() {
        QueueHealth last = health;
        return new QueueHealth(spool.fault().orElse(null), last.messages(), last.attempts());
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
            lanes.add(timers.remove());
        }
        if (!holding && spool.fault().isEmpty()) {
            for (Delivery next = lanes.next(); next != null; next = lanes.next()) {
                attempt(next);
            }
        }
        health = new QueueHealth(null, messages, lanes.inFlight());
        if (holding && lanes.inFlight() == 0) {
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
        holding = true;
        List.copyOf(attempts.values()).forEach(attempt -> attempt.cancel(false));
    }

    /** One delivery for each lane and each due time, so that recipients of one destination go in one transaction. */
    private void enqueue(SpooledMessage message) {
        record Way(String lane, int attempts, Instant due) {}
        Map<Way, List<Integer>> ways = new LinkedHashMap<>();
        for (PendingRecipient pending : message.pending()) {
            String lane = laneOf.apply(message.envelope().recipients().get(pending.index()));
            ways.computeIfAbsent(new Way(lane, pending.attempts(), pending.due()), way -> new ArrayList<>())
                    .add(pending.index());
        }
        Delivery.Tracked tracked = new Delivery.Tracked(message);
        tracked.deliveries = ways.size();
        messages += ways.isEmpty() ? 0 : 1;
        ways.forEach((way, recipients) ->
                schedule(new Delivery(tracked, way.lane(), recipients, way.attempts(), way.due())));
    }

    private void schedule(Delivery delivery) {
        if (delivery.due.isAfter(clock.instant())) {
            timers.add(delivery);
        } else {
            lanes.add(delivery);
        }
    }

    private void attempt(Delivery delivery) {
        CompletableFuture<DeliveryReport> attempt;
        try {
            attempt = agent.deliver(delivery.envelope(), delivery.message().content());
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
                    delivery.envelope(), r -> new RecipientOutcome(r, DeliveryStatus.DEFERRED, NO_REPORT, null));
        }
        Instant now = clock.instant();
        boolean expired = !now.isBefore(delivery.message().arrival().plus(retry.expiry()));
        List<Integer> relayed = new ArrayList<>();
        List<Integer> deferred = new ArrayList<>();
        List<Integer> failed = new ArrayList<>();
        List<RecipientOutcome> failures = new ArrayList<>();
        for (int i = 0; i < delivery.recipients.size(); i++) {
            int recipient = delivery.recipients.get(i);
            RecipientOutcome outcome = report.outcomes().get(i);
            log(id, outcome, expired);
            if (outcome.status() == DeliveryStatus.RELAYED) {
                relayed.add(recipient);
            } else if (outcome.status() == DeliveryStatus.FAILED || expired) {
                failed.add(recipient);
                failures.add(outcome);
            } else {
                deferred.add(recipient);
            }
        }
        if (!relayed.isEmpty()) {
            crossOff(id, relayed, DeliveryStatus.RELAYED);
        }
        if (!failed.isEmpty()) {
            delivery.tracked.deliveries++;
            fail(delivery, failed, failures, now);
        }
        delivery.recipients = deferred;
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
        Instant expiry = delivery.message().arrival().plus(retry.expiry());
        delivery.due = due.isAfter(expiry) ? expiry : due;
        QueueId id = delivery.message().id();
        spool.defer(id, delivery.recipients, delivery.attempts, delivery.due).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.warn("{}: deferral not recorded; a restart tries earlier", id, failure);
            }
        });
        schedule(delivery);
    }

    /** First the notification is safe, then the recipients are crossed off: a crash between may tell the sender twice. */
    private void fail(Delivery delivery, List<Integer> recipients, List<RecipientOutcome> failures, Instant now) {
        SpooledMessage message = delivery.message();
        List<RecipientOutcome> reported = bouncer.toReport(message.envelope(), failures);
        if (reported.isEmpty()) {
            LOG.info("{}: failed for {} recipients, of which nobody is to be told", message.id(), recipients.size());
            crossOff(message.id(), recipients, DeliveryStatus.FAILED);
            gone(delivery);
            return;
        }
        bouncer.bounce(message, reported, now)
                .whenComplete((notification, failure) -> inbox.offer(() -> {
                    if (notification != null) {
                        LOG.info("{}: sender notified by {}", message.id(), notification.id());
                        crossOff(message.id(), recipients, DeliveryStatus.FAILED);
                        enqueue(notification);
                        gone(delivery);
                    } else {
                        LOG.error(
                                "{}: notification of the sender not spooled, to be tried again", message.id(), failure);
                        Delivery again =
                                new Delivery(delivery.tracked, delivery.lane, recipients, delivery.attempts, now);
                        again.due = clock.instant().plus(retry.after(delivery.attempts));
                        schedule(again);
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
