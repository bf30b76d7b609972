package dev.ehlo.smtp.queue;

import java.time.Duration;

/**
 * How many notices senders get whom the application does not know: who forges a sender must not have a queue flood that
 * one with notices of mail he never sent (backscatter). So many may come at once, and then again as time passes. What is
 * over the limit is left out, logged and counted ({@link MailQueue#counts()}); the message has failed all the
 * same.
 *
 * @param perSender to one mailbox within the time, at least 1
 * @param perDomain to all mailboxes of one domain within the time, at least 1
 * @param within a millisecond to a year
 */
public record NoticeLimit(int perSender, int perDomain, Duration within) {
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofDays(365);
    private static final NoticeLimit STANDARD = new NoticeLimit(100, 1000, Duration.ofHours(1));

    /** @throws IllegalArgumentException if one is out of its range */
    public NoticeLimit {
        if (perSender < 1 || perDomain < 1 || within.compareTo(SHORTEST) < 0 || within.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "not a limit: " + perSender + " and " + perDomain + " notices within " + within);
        }
    }

    /** 100 to a mailbox and 1,000 to a domain within an hour. */
    public static NoticeLimit standard() {
        return STANDARD;
    }
}
