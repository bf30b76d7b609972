package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.RecipientOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the rules of a destination make of a report.
 *
 * @param report with the outcomes that they mean
 * @param slowsDown whether one of them says so
 * @param pause the longest for which one of them suspends the destination; null if none does
 */
record Ruling(
        DeliveryReport report, boolean slowsDown, @Nullable Duration pause) {
    /** Rules are asked once for outcomes that follow one another with the same reply, as those of a session do. */
    static Ruling of(List<ReplyRule> rules, DeliveryReport report) {
        if (rules.isEmpty()) {
            return new Ruling(report, false, null);
        }
        List<RecipientOutcome> outcomes = new ArrayList<>(report.outcomes());
        boolean slowsDown = false;
        Duration pause = null;
        ReplyRule rule = null;
        RecipientOutcome before = null;
        for (int i = 0; i < outcomes.size(); i++) {
            RecipientOutcome outcome = outcomes.get(i);
            if (outcome.status().isSuccess()) {
                continue;
            }
            if (before == null || !before.reply().equals(outcome.reply())) {
                rule = find(rules, outcome.reply().toString());
            }
            before = outcome;
            if (rule != null) {
                outcomes.set(i, meant(rule, outcome));
                slowsDown |= rule.action() == ReplyRule.Action.SLOW_DOWN;
                if (rule.action() == ReplyRule.Action.SUSPEND && (pause == null || pause.compareTo(rule.pause()) < 0)) {
                    pause = rule.pause();
                }
            }
        }
        return new Ruling(new DeliveryReport(outcomes), slowsDown, pause);
    }

    private static @Nullable ReplyRule find(List<ReplyRule> rules, String reply) {
        for (ReplyRule rule : rules) {
            if (rule.matches(reply)) {
                return rule;
            }
        }
        return null;
    }

    /** What may have arrived stays so. */
    private static RecipientOutcome meant(ReplyRule rule, RecipientOutcome outcome) {
        DeliveryStatus status = outcome.status();
        if (rule.action() == ReplyRule.Action.PERMANENT && status != DeliveryStatus.UNKNOWN) {
            status = DeliveryStatus.FAILED;
        } else if (rule.action() == ReplyRule.Action.TEMPORARY && status == DeliveryStatus.FAILED) {
            status = DeliveryStatus.DEFERRED;
        }
        return new RecipientOutcome(outcome.recipient(), status, outcome.reply(), outcome.remote(), outcome.phase());
    }
}
