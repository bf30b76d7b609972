package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.queue.Delivery.Reason;
import dev.ehlo.smtp.queue.Delivery.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
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
    private static final Reply RETURNED = Reply.of(554, "5.0.0", "returned by an operator of this queue");
    private static final Reply NO_REPORT = Reply.of(451, "4.3.0", "local error in delivery");

    private final Scheduler scheduler;
    private final Deliveries deliveries;
    private final Recorder recorder;
    private final Bouncer bouncer;
    private final Events events;
    private final RetrySchedule retry;
    private final RandomGenerator random;
    private final @Nullable Suppressions suppressions;
    private final @Nullable FailedMailboxes failures;
    /** Notifications on their way into the spool, and not yet recorded. */
    private int telling;

    Settlement(
            Scheduler scheduler,
            Deliveries deliveries,
            Recorder recorder,
            Bouncer bouncer,
            Events events,
            MailQueueBuilder settings) {
        this.scheduler = scheduler;
        this.deliveries = deliveries;
        this.recorder = recorder;
        this.bouncer = bouncer;
        this.events = events;
        this.retry = settings.retry;
        this.random = settings.random;
        this.suppressions = settings.suppressions;
        this.failures = settings.suppressions == null || settings.suppressionPolicy == null
                ? null
                : new FailedMailboxes(settings.suppressions, settings.suppressionPolicy);
    }

    int telling() {
        return telling;
    }

    boolean isBusy() {
        return telling >= NOTIFICATIONS;
    }

    /**
     * An attempt has ended; its slot is free.
     *
     * @param report an outcome for each recipient; null if there is none that is so
     */
    void ended(Delivery delivery, long started, @Nullable DeliveryReport report, @Nullable Throwable defect, long now) {
        delivery.attempts++;
        if (report == null) {
            LOG.error("{}: defect in the delivery agent, to be tried again", delivery.queueId(), defect);
            report = DeliveryReport.forEach(
                    delivery.envelope(now), r -> new RecipientOutcome(r, DeliveryStatus.DEFERRED, NO_REPORT, null));
        }
        events.attempted(delivery, report.outcomes(), started, now);
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
            events.relayed(delivery, done.outcomes.size(), now);
        }
        if (failures != null) {
            outcomes.forEach(outcome -> failures.ended(outcome, now));
        }
        log(delivery, outcomes, expired);
        warnOfDuplicates(delivery, outcomes, expired);
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
            Arrays.sort(both);
            return Delivery.compact(both);
        }
    }

    /**
     * Those who have it, which nothing may keep from being recorded. What tells the sender is on its way into the spool
     * before, which waits for nothing: a report may be lost, but nobody gets a message twice for it.
     */
    private void crossOff(Delivery delivery, Part done, long now) {
        try {
            Bouncer.Report reported = bouncer.toReport(Notice.SUCCESS, delivery, done.outcomes, now);
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
        delivery.next = Math.min(
                now + retry.delay(delivery.attempts).draw(random),
                delivery.terms().expiry());
        scheduler.sleep(delivery);
        // Unless an operator wanted it removed, and it is.
        if (delivery.state != State.SETTLED) {
            record(delivery);
            events.deferred(delivery);
        }
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
        return retry.delay(attempts).mostMillis();
    }

    /** Where a promise is due before the next attempt, a restart is to wake it then; that it attempts it too is no harm. */
    private void record(Delivery delivery) {
        long due = delivery.state == State.ASLEEP ? delivery.due : delivery.next;
        recorder.defer(
                delivery,
                new Deferral(delivery.attempts, Instant.ofEpochMilli(due), delivery.delayTold, delivery.order));
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
        Bouncer.Report reported = bouncer.toReport(Notice.DELAY, delivery, delivery.delayed(), now);
        delivery.delayTold = true;
        if (reported.isEmpty()) {
            return;
        }
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
                // What an operator ordered meanwhile of what is in flight is recorded, and that comes with its end.
                if (told && !scheduler.isOrdered(part)) {
                    record(part);
                }
            }
        }
    }

    /**
     * Whether it goes on: not if it is too late, which is as bad as never, or suppressed. Tells of a delay, if it is time
     * to. RFC 2852.
     */
    boolean isStillWanted(Delivery delivery, long now) {
        if (delivery.terms().isTooLate(now)) {
            failAll(delivery, delivery.late(), true, now);
            return false;
        }
        if (suppressions != null && !suppressions.isEmpty() && !failSuppressed(delivery, suppressions, now)) {
            return false;
        }
        tellDelayIfDue(delivery, now);
        return true;
    }

    private void failAll(Delivery delivery, List<RecipientOutcome> failures, boolean expired, long now) {
        scheduler.giveSlotBack(delivery);
        log(delivery, failures, expired);
        fail(delivery, failures, now);
    }

    /** Answers whether any of the recipients is not suppressed. What is not due yet may not be by then. */
    private boolean failSuppressed(Delivery delivery, Suppressions list, long now) {
        if (delivery.next > now || delivery.terms().release() > now) {
            return true;
        }
        int[] recipients = delivery.recipients;
        Part failed = new Part(recipients.length);
        Part others = new Part(recipients.length);
        for (int index : recipients) {
            Recipient recipient = delivery.recipient(index);
            Suppression found = list.find(recipient.mailbox(), now);
            Reply reply = found == null ? NO_REPORT : suppressed(found);
            (found == null ? others : failed)
                    .add(index, new RecipientOutcome(recipient, DeliveryStatus.FAILED, reply, null));
        }
        if (failed.outcomes.isEmpty()) {
            return true;
        }
        if (others.outcomes.isEmpty()) {
            failAll(delivery, failed.outcomes, false, now);
            return false;
        }
        Delivery part = delivery.split(failed.recipients());
        delivery.recipients = others.recipients();
        delivery.reasons = List.of();
        deliveries.add(part);
        failAll(part, failed.outcomes, false, now);
        return true;
    }

    private static Reply suppressed(Suppression by) {
        return Reply.quoting(550, "5.7.1", "not delivered, as " + by.target() + " is suppressed here: " + by.reason());
    }

    /** An operator gives it up, and no attempt is in flight; its message being read. */
    void bounce(Delivery delivery, long now) {
        List<RecipientOutcome> outcomes = new ArrayList<>(delivery.recipients.length);
        for (int index : delivery.recipients) {
            outcomes.add(new RecipientOutcome(delivery.recipient(index), DeliveryStatus.FAILED, RETURNED, null));
        }
        log(delivery, outcomes, false);
        fail(delivery, outcomes, now);
    }

    /** Given up without a last attempt, for which its destination was not to be had. */
    void expire(Delivery delivery, long now) {
        List<RecipientOutcome> last = delivery.delayed();
        log(delivery, last, true);
        fail(delivery, last, now);
    }

    /** First the notification is safe, then the recipients are crossed off: a crash between may tell the sender twice. */
    private void fail(Delivery delivery, List<RecipientOutcome> failures, long now) {
        delivery.state = State.TELLING;
        Bouncer.Report reported = bouncer.toReport(Notice.FAILURE, delivery, failures, now);
        CompletionStage<SpooledMessage> less = bouncer.tellLess(delivery, failures, now);
        if (less != null) {
            LOG.info("{}: a notice that goes on without the message, which its host does not take", delivery.queueId());
            tell(Notice.FAILURE, delivery, Bouncer.Report.NONE, less, now, told -> told(delivery, told, now));
        } else if (reported.isEmpty()) {
            LOG.info(
                    "{}: failed for {} recipients, of which nobody is to be told",
                    delivery.queueId(),
                    delivery.recipients.length);
            failed(delivery);
            return;
        } else {
            tell(Notice.FAILURE, delivery, reported, now, told -> told(delivery, told, now));
        }
        delivery.loaded = null;
    }

    private void told(Delivery delivery, boolean told, long now) {
        if (told) {
            failed(delivery);
        } else if (delivery.lost) {
            scheduler.settled(delivery);
        } else {
            delivery.next = now + longestDelay(Math.max(delivery.attempts, 1));
            scheduler.rest(delivery);
        }
    }

    private void failed(Delivery delivery) {
        recorder.crossOff(delivery, Delivery.list(delivery.recipients), DeliveryStatus.FAILED);
        events.failed(delivery);
        scheduler.settled(delivery);
    }

    /**
     * Spools a notification, which then goes the way of all mail.
     *
     * @param then is told, on the scheduler's thread, whether it is safe
     */
    private void tell(Notice notice, Delivery delivery, Bouncer.Report report, long now, Consumer<Boolean> then) {
        tell(notice, delivery, report, bouncer.tell(notice, delivery, report.outcomes(), now), now, then);
    }

    private void tell(
            Notice notice,
            Delivery delivery,
            Bouncer.Report report,
            CompletionStage<SpooledMessage> writing,
            long now,
            Consumer<Boolean> then) {
        QueueId id = delivery.queueId();
        telling++;
        writing.whenComplete((notification, failure) -> scheduler.inbox().offer((Runnable) () -> {
            telling--;
            if (notification != null) {
                LOG.info("{}: sender notified of {} by {}", id, notice, notification.id());
                events.notified(id, report.outcomes().size(), notification.id());
                scheduler.enqueue(notification, now);
            } else {
                LOG.error("{}: notification of {} not spooled", id, notice, failure);
                bouncer.giveBack(report);
            }
            then.accept(notification != null);
        }));
    }

    /** Who sent all of a message and heard nothing can't know whether it was taken. RFC 1047. */
    private static void warnOfDuplicates(Delivery delivery, List<RecipientOutcome> outcomes, boolean expired) {
        for (RecipientOutcome outcome : outcomes) {
            if (outcome.status() == DeliveryStatus.UNKNOWN) {
                LOG.warn(
                        "{}: to=<{}> host={} did not answer the end of the message: {}",
                        delivery.queueId(),
                        QuotedText.ascii(outcome.recipient().toString()),
                        outcome.host().map(QuotedText::ascii).orElse("-"),
                        expired
                                ? "it may be delivered, though the time is over and it counts as failed"
                                : "it may be delivered twice, as it is tried again");
            }
        }
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
