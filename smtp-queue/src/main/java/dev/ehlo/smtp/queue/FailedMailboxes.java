package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.RecipientOutcome;
import java.util.Map;

/**
 * How often hosts have said lately that there is no such mailbox, and what follows from it; forgets those of which that
 * was said longest ago. Belongs to the scheduler thread.
 */
final class FailedMailboxes {
    /** Mailboxes that are remembered. */
    static final int MOST = 20_000;

    /** RFC 3463 §3.2: of the address, but it is the sender's. */
    private static final int SENDER_SYNTAX = 7;

    private static final int SENDER_SYSTEM = 8;
    private static final int ADDRESS = 1;

    private final Suppressions suppressions;
    private final SuppressionPolicy policy;
    private final Map<String, Count> counts = new Recent<>(MOST);

    private static final class Count {
        private final long since;
        private int failures;

        Count(long since) {
            this.since = since;
        }
    }

    FailedMailboxes(Suppressions suppressions, SuppressionPolicy policy) {
        this.suppressions = suppressions;
        this.policy = policy;
    }

    void ended(RecipientOutcome outcome, long now) {
        if (outcome.status() != DeliveryStatus.FAILED || outcome.remote() == null || !isNoMailbox(outcome)) {
            return;
        }
        Mailbox mailbox = outcome.recipient().mailbox();
        if (mailbox.domain().isEmpty()) {
            return;
        }
        String key = Suppression.target(mailbox);
        Count count = counts.get(key);
        if (count == null || now - count.since > policy.within().toMillis() || now < count.since) {
            count = new Count(now);
            counts.put(key, count);
        }
        if (++count.failures >= policy.failures()) {
            counts.remove(key);
            suppressions.learn(mailbox, reason(outcome), policy.lasting());
        }
    }

    private static boolean isNoMailbox(RecipientOutcome outcome) {
        EnhancedStatusCode code = outcome.reply().enhanced();
        return code != null
                && code.status() == 5
                && code.subject() == ADDRESS
                && code.detail() != SENDER_SYNTAX
                && code.detail() != SENDER_SYSTEM;
    }

    private String reason(RecipientOutcome outcome) {
        String text = "failed " + policy.failures() + " times, at last with "
                + QuotedText.ascii(outcome.reply().toString());
        return text.length() <= Suppression.MOST_REASON ? text : text.substring(0, Suppression.MOST_REASON);
    }
}
