package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.queue.Delivery.Reason;
import dev.ehlo.smtp.queue.Delivery.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a report means for the recipients of a delivery: who is settled, whom the sender is told of, who is tried again
 * and when. Belongs to the scheduler thread. RFC 5321 §4.5.4.1, RFC 3461.
 */
final class Settlement {
    /** Notifications on their way into the spool: with more, no attempt is started that could add one. */
    static final int NOTIFICATIONS = 256;

    private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);
    /** How much later than scheduled an attempt may be made, as a part of the delay, so that mail does not come back in herds. */
    private static final double JITTER = 0.1;

    private static final Reply NO_REPORT = Reply.of(451, "4.3.0", "local error in delivery");

    private final Scheduler scheduler;
    private final Deliveries deliveries;
    private final Recorder recorder;
    private final Bouncer bouncer;
    private final RetrySchedule retry;
    private final RandomGenerator random;
    /** Notifications on their way into the spool, and not yet recorded. */
    private int telling;

    Settlement(
            Scheduler scheduler,
            Deliveries deliveries,
            Recorder recorder,
            Bouncer bouncer,
            RetrySchedule retry,
            RandomGenerator random) {
        this.scheduler = scheduler;
        this.deliveries = deliveries;
        this.recorder = recorder;
        this.bouncer = bouncer;
        this.retry = retry;
        this.random = random;
    }

    int telling() {
        return telling;
    }

    boolean isBusy() {
        return telling >= NOTIFICATIONS;
    }

    /** An attempt has ended; its slot is free. */
    void ended(Delivery delivery, @Nullable DeliveryReport report, @Nullable Throwable defect, long now) {
        delivery.attempts++;
        if (report == null || report.outcomes().size() != delivery.recipients.length) {
            LOG.error("{}: defect in the delivery agent, to be tried again", delivery.queueId(), defect);
            report = DeliveryReport.forEach(
                    delivery.envelope(now), r -> new RecipientOutcome(r, DeliveryStatus.DEFERRED, NO_REPORT, null));
        }
        settle(delivery, report.outcomes(), now);
    }

    private void settle(Delivery delivery, List<RecipientOutcome> outcomes, long now) {
        boolean expired = now >= delivery.terms().expiry();
        List<RecipientOutcome> late = delivery.terms().isTooLate(now) ? delivery.late() : outcomes;
        int[] recipients = delivery.recipients;
        Part done = new Part(recipients.length);
        Part failed = new Part(recipients.length);
        Part deferred = new Part(recipients.length);
        for (int i = 0; i < recipients.length; i++) {
            RecipientOutcome outcome = outcomes.get(i);
            if (outcome.status().isSuccess()) {
                done.add(recipients[i], outcome);
            } else if (outcome.status() == DeliveryStatus.FAILED || expired) {
                failed.add(recipients[i], outcome.status() == DeliveryStatus.FAILED ? outcome : late.get(i));
            } else {
                deferred.add(recipients[i], outcome);
            }
        }
        // From here on, whatever goes wrong, those who have it are not tried again.
        delivery.recipients = done.outcomes.isEmpty() ? recipients : failed.and(deferred);
        if (!done.outcomes.isEmpty()) {
            crossOff(delivery, done, now);
        }
        log(delivery, outcomes, expired);
        if (delivery.lost || failed.outcomes.isEmpty() && deferred.outcomes.isEmpty()) {
            // Who has it from us by lease tries the others, and tells the sender what became of them.
            scheduler.settled(delivery);
            return;
        }
        if (!failed.outcomes.isEmpty() && !deferred.outcomes.isEmpty()) {
            Delivery part = delivery.split(failed.recipients());
            delivery.recipients = deferred.recipients();
            deliveries.add(part);
            fail(part, failed.outcomes, now);
        } else if (!failed.outcomes.isEmpty()) {
            fail(delivery, failed.outcomes, now);
        }
        if (!deferred.outcomes.isEmpty()) {
            defer(delivery, deferred.outcomes, now);
        }
    }

    /** Recipients of a delivery that fared alike. */
    private static final class Part {
        final List<RecipientOutcome> outcomes;
        private final int[] all;

        Part(int most) {
            outcomes = new ArrayList<>(Math.min(most, 10));
            all = new int[most];
        }

        void add(int recipient, RecipientOutcome outcome) {
            all[outcomes.size()] = recipient;
            outcomes.add(outcome);
        }

        int[] recipients() {
            return Delivery.compact(Arrays.copyOf(all, outcomes.size()));
        }

        int[] and(Part other) {
            int[] both = Arrays.copyOf(all, outcomes.size() + other.outcomes.size());
            System.arraycopy(other.all, 0, both, outcomes.size(), other.outcomes.size());
            return both;
        }
    }

    /**
     * Those who have it, which nothing may keep from being recorded. What tells the sender is on its way into the spool
     * before, which waits for nothing: a report may be lost, but nobody gets a message twice for it.
     */
    private void crossOff(Delivery delivery, Part done, long now) {
        try {
            List<RecipientOutcome> reported = bouncer.toReport(Notice.SUCCESS, delivery, done.outcomes);
            if (!reported.isEmpty()) {
                tell(Notice.SUCCESS, delivery, reported, now, told -> {});
            }
        } finally {
            recorder.crossOff(delivery, Delivery.list(done.recipients()), DeliveryStatus.RELAYED);
        }
    }

    /** The last attempt is made when the message expires, not long before or after. */
    private void defer(Delivery delivery, List<RecipientOutcome> outcomes, long now) {
        delivery.reasons = bouncer.isDelayToBeTold(delivery) ? shared(delivery, Delivery.reasons(outcomes)) : List.of();
        double delay = retry.after(delivery.attempts).toMillis() * (1 + JITTER * random.nextDouble());
        delivery.next = Math.min(now + (long) delay, delivery.terms().expiry());
        scheduler.sleep(delivery);
        record(delivery);
    }

    /** Most of a lane are deferred for the same, a host that is down or busy. */
    private static List<Reason> shared(Delivery delivery, List<Reason> reasons) {
        Lane lane = delivery.lane;
        if (lane == null) {
            return reasons;
        }
        if (!lane.reasons.equals(reasons)) {
            lane.reasons = reasons;
        }
        return lane.reasons;
    }

    /** How long after an attempt the next one may be. */
    long longestDelay(int attempts) {
        return (long) (retry.after(attempts).toMillis() * (1 + JITTER));
    }

    /** Where a promise is due before the next attempt, a restart is to wake it then; that it attempts it too is no harm. */
    private void record(Delivery delivery) {
        long due = delivery.state == State.ASLEEP ? delivery.due : delivery.next;
        recorder.defer(delivery, new Deferral(delivery.attempts, Instant.ofEpochMilli(due), delivery.delayTold));
    }

    /** Decides when to look at it before its turn, for the sake of what it was promised, and at the latest then. */
    void watch(Delivery delivery, long turn) {
        Terms terms = delivery.terms();
        long notice = bouncer.isDelayToBeTold(delivery) ? terms.notice() : Terms.NEVER;
        long promise = terms.returns() ? Math.min(terms.deadline(), notice) : notice;
        delivery.promised = promise != Terms.NEVER;
        delivery.due = Math.min(promise, turn);
    }

    /**
     * Told once; that it was told is recorded with the deferral as soon as the notification is safe, so that only a
     * crash in between tells it again. What could not be told is due again after the next attempt.
     */
    private void tellDelayIfDue(Delivery delivery, long now) {
        if (delivery.terms().notice() > now || !bouncer.isDelayToBeTold(delivery)) {
            return;
        }
        List<RecipientOutcome> reported = bouncer.toReport(Notice.DELAY, delivery, delivery.delayed());
        delivery.delayTold = true;
        int[] recipients = delivery.recipients;
        tell(Notice.DELAY, delivery, reported, now, told -> toldOfDelay(delivery.id, recipients, told));
    }

    /** They may have parted to their lanes meanwhile. */
    private void toldOfDelay(long id, int[] recipients, boolean told) {
        for (Delivery part : deliveries.of(id)) {
            boolean isOfThem = Arrays.stream(part.recipients)
                    .anyMatch(index -> Arrays.stream(recipients).anyMatch(r -> r == index));
            if (isOfThem && part.state != State.SETTLED && part.state != State.TELLING) {
                part.delayTold = told;
                if (told) {
                    record(part);
                }
            }
        }
    }

    /** Whether it goes on: not if it is too late, which is as bad as never. Tells of a delay, if it is time to. RFC 2852. */
    boolean isStillWanted(Delivery delivery, long now) {
        if (!delivery.terms().isTooLate(now)) {
            tellDelayIfDue(delivery, now);
            return true;
        }
        scheduler.giveSlotBack(delivery);
        List<RecipientOutcome> late = delivery.late();
        log(delivery, late, true);
        fail(delivery, late, now);
        return false;
    }

    /** First the notification is safe, then the recipients are crossed off: a crash between may tell the sender twice. */
    private void fail(Delivery delivery, List<RecipientOutcome> failures, long now) {
        delivery.state = State.TELLING;
        List<RecipientOutcome> reported = bouncer.toReport(Notice.FAILURE, delivery, failures);
        if (reported.isEmpty()) {
            LOG.info(
                    "{}: failed for {} recipients, of which nobody is to be told",
                    delivery.queueId(),
                    delivery.recipients.length);
            failed(delivery);
            return;
        }
        tell(Notice.FAILURE, delivery, reported, now, told -> {
            if (told) {
                failed(delivery);
            } else if (delivery.lost) {
                scheduler.settled(delivery);
            } else {
                delivery.next = now + longestDelay(Math.max(delivery.attempts, 1));
                scheduler.rest(delivery);
            }
        });
        delivery.loaded = null;
    }

    private void failed(Delivery delivery) {
        recorder.crossOff(delivery, Delivery.list(delivery.recipients), DeliveryStatus.FAILED);
        scheduler.settled(delivery);
    }

    /**
     * Spools a notification, which then goes the way of all mail.
     *
     * @param then is told, on the scheduler's thread, whether it is safe
     */
    private void tell(
            Notice notice, Delivery delivery, List<RecipientOutcome> reported, long now, Consumer<Boolean> then) {
        QueueId id = delivery.queueId();
        telling++;
        bouncer.tell(notice, delivery, reported, now)
                .whenComplete((notification, failure) -> scheduler.inbox().offer((Runnable) () -> {
                    telling--;
                    if (notification != null) {
                        LOG.info("{}: sender notified of {} by {}", id, notice, notification.id());
                        scheduler.enqueue(notification, now);
                    } else {
                        LOG.error("{}: notification of {} not spooled", id, notice, failure);
                    }
                    then.accept(notification != null);
                }));
    }

    private static void log(Delivery delivery, List<RecipientOutcome> outcomes, boolean expired) {
        if (LOG.isInfoEnabled()) {
            QueueId id = delivery.queueId();
            for (RecipientOutcome outcome : outcomes) {
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
}
