package dev.ehlo.smtp.queue;

import java.time.Duration;

/**
 * When a mailbox is suppressed for failing: hosts have said of it so many times within a time that there is no such
 * mailbox, with an enhanced status code 5.1.x that is of the recipient's address. RFC 3463 §3.2.
 *
 * @param failures at least 1
 * @param within positive, up to a year
 * @param lasting how long it is suppressed then; positive, up to a hundred years
 */
public record SuppressionPolicy(int failures, Duration within, Duration lasting) {
    private static final Duration LONGEST_WITHIN = Duration.ofDays(366);
    private static final Duration LONGEST = Duration.ofDays(36_525);

    /** @throws IllegalArgumentException if one is out of its range */
    public SuppressionPolicy {
        if (failures < 1 || !isUpTo(within, LONGEST_WITHIN) || !isUpTo(lasting, LONGEST)) {
            throw new IllegalArgumentException(
                    "not a policy: " + failures + " failures within " + within + ", lasting " + lasting);
        }
    }

    private static boolean isUpTo(Duration time, Duration most) {
        return time.toMillis() > 0 && time.compareTo(most) <= 0;
    }
}
