package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Latencies;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What became of the messages of a load, counted as they end; of a fixed size. Thread-safe. */
final class LoadTally {
    /** Different replies that are told for each status, the first ones. */
    static final int MAX_REPLIES = 3;

    private final Latencies latencies = new Latencies();
    private final Map<DeliveryStatus, Outcomes> byStatus = new EnumMap<>(DeliveryStatus.class);
    private long messages;
    private long relayed;

    /** Recipients of one status, and the first replies that differ. */
    private static final class Outcomes {
        private final List<Reply> replies = new ArrayList<>(MAX_REPLIES);
        private long recipients;
        private boolean andOthers;
    }

    /**
     * What was counted until then.
     *
     * @param messages all that have ended
     * @param relayed those of them that every recipient's next host has
     */
    record Counts(long messages, long relayed) {}

    /**
     * Recipients with that status.
     *
     * @param replies the first that differ, in the order they came
     * @param andOthers whether there were more
     */
    record Status(DeliveryStatus status, long recipients, List<Reply> replies, boolean andOthers) {}

    synchronized void add(long nanos, DeliveryReport report) {
        latencies.add(nanos);
        messages++;
        boolean toAll = true;
        List<RecipientOutcome> outcomes = report.outcomes();
        for (int i = 0; i < outcomes.size(); i++) {
            RecipientOutcome outcome = outcomes.get(i);
            toAll &= outcome.status().isSuccess();
            count(byStatus.computeIfAbsent(outcome.status(), status -> new Outcomes()), outcome.reply());
        }
        if (toAll) {
            relayed++;
        }
    }

    private static void count(Outcomes outcomes, Reply reply) {
        outcomes.recipients++;
        if (!outcomes.andOthers && !outcomes.replies.contains(reply)) {
            if (outcomes.replies.size() < MAX_REPLIES) {
                outcomes.replies.add(reply);
            } else {
                outcomes.andOthers = true;
            }
        }
    }

    synchronized Counts counts() {
        return new Counts(messages, relayed);
    }

    /** As {@link Latencies.Snapshot#within}, in nanoseconds. */
    synchronized long within(double share) {
        return latencies.snapshot().within(share);
    }

    synchronized long longest() {
        return latencies.snapshot().most();
    }

    /** Those that there were, the best first. */
    synchronized List<Status> statuses() {
        return byStatus.entrySet().stream()
                .map(e -> new Status(
                        e.getKey(), e.getValue().recipients, List.copyOf(e.getValue().replies), e.getValue().andOthers))
                .toList();
    }
}
