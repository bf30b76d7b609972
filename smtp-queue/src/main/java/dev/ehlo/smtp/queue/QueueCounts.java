package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Latencies;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a queue has done since its start, to be read at any time from any thread: {@link #snapshot}. To count costs no
 * lock and no allocation.
 */
public final class QueueCounts {
    final LongAdder accepted = new LongAdder();
    final LongAdder attempts = new LongAdder();
    final LongAdder relayed = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder deferred = new LongAdder();
    final LongAdder notifications = new LongAdder();
    final LongAdder notificationsLeftOut = new LongAdder();
    final Latencies acceptToCommit = new Latencies();
    final Latencies commitToFirstAttempt = new Latencies();
    final Latencies commitToDelivered = new Latencies();

    QueueCounts() {}

    /** All of it until about now. */
    public Snapshot snapshot() {
        return new Snapshot(
                accepted.sum(),
                attempts.sum(),
                relayed.sum(),
                failed.sum(),
                deferred.sum(),
                notifications.sum(),
                notificationsLeftOut.sum(),
                acceptToCommit.snapshot(),
                commitToFirstAttempt.snapshot(),
                commitToDelivered.snapshot());
    }

    /**
     * The counts of one moment.
     *
     * @param accepted messages that became safe and were to be delivered, with the notifications
     * @param attempts delivery attempts that have ended
     * @param relayed recipients who have it, or whose host has
     * @param failed recipients given up, or removed by an operator
     * @param deferred attempts after which recipients were to be tried again
     * @param notifications messages that told a sender of recipients
     * @param notificationsLeftOut those that would have been too many, see {@link NoticeLimit}
     * @param acceptToCommit from the end of the content to where the message was safe
     * @param commitToFirstAttempt from there, or from when it was to be delivered first, to the first attempt; in steps of
     *     a millisecond, as the next one
     * @param commitToDelivered from there to where recipients had it, one for all of an attempt; with retries from when it
     *     was opened
     */
    public record Snapshot(
            long accepted,
            long attempts,
            long relayed,
            long failed,
            long deferred,
            long notifications,
            long notificationsLeftOut,
            Latencies.Snapshot acceptToCommit,
            Latencies.Snapshot commitToFirstAttempt,
            Latencies.Snapshot commitToDelivered) {}
}
