package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Rate;
import java.time.Duration;
import java.util.List;

/**
 * How mail goes to one destination. The window is how many attempts are in flight to it at a time: it grows by one as
 * often as a whole window was taken while more waited, and shrinks by a part when the destination answers 421, takes no
 * session for now, or is not reached. What is in flight by then shrinks it once, however much of it fails. A size at which
 * it failed is tried again after many successes only.
 *
 * <p>A destination that failed many times in a row is suspended, and then probed by one attempt: meanwhile its mail waits,
 * and makes no attempts that would put off the next one. It is told of delays, and returned when its time is over, as ever.
 * Once the destination takes something again, what waits goes one by one at first, and then ever faster, so that not all
 * of it comes within the second in which it is back.
 *
 * @param first the window of a destination that nothing is known of
 * @param least what it does not shrink below, and begins with after a suspension; 1 at least
 * @param most what it does not grow beyond; 10,000 at most
 * @param recipients most recipients of an attempt; the others of a message go by further ones. 1 to 100,000
 * @param attemptRate no more attempts begin within its time; up to 1,000,000 and 30 days, or {@link Rate#UNLIMITED}
 * @param recipientRate to no more recipients do attempts begin; the same
 * @param suspendAfter so many attempts failed in a row, as above, suspend the destination; 1 at least
 * @param firstPause how long a suspension lasts; each that follows without a success between lasts twice as long
 * @param longestPause but no longer than that, and up to a quarter more, so that not all come back at the same time
 * @param ramp after a suspension of a destination that was not even reached, one attempt begins a second, and as often as
 *     this time has passed twice as many, ten times; then no more is counted. Zero for no such limit, an hour at most
 * @param rules what replies mean beside what their code says; the first one that matches counts
 */
public record LanePolicy(
        int first,
        int least,
        int most,
        int recipients,
        Rate attemptRate,
        Rate recipientRate,
        int suspendAfter,
        Duration firstPause,
        Duration longestPause,
        Duration ramp,
        List<ReplyRule> rules) {
    /** Recipients that an attempt may have in any policy. */
    public static final int MOST_RECIPIENTS = 100_000;

    private static final int MOST_WINDOW = 10_000;
    private static final int MOST_RULES = 1000;
    private static final int MOST_EVENTS = 1_000_000;
    private static final Duration LONGEST_RATE = Duration.ofDays(30);
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final Duration LONGEST_RAMP = Duration.ofHours(1);

    /**
     * 5 attempts at first and 20 at most, of 1,000 recipients, at any rate; suspended after 10 that failed, for a minute
     * and then longer, up to half an hour; then twice as many a second after each minute.
     */
    public static final LanePolicy STANDARD = new LanePolicy(
            5,
            1,
            20,
            1000,
            Rate.UNLIMITED,
            Rate.UNLIMITED,
            10,
            Duration.ofMinutes(1),
            Duration.ofMinutes(30),
            Duration.ofMinutes(1),
            List.of());

    /** @throws IllegalArgumentException if something is out of its range, or the window's three are not in order */
    public LanePolicy {
        rules = List.copyOf(rules);
        if (least < 1 || first < least || most < first || most > MOST_WINDOW) {
            throw new IllegalArgumentException(
                    "not a window: " + first + " at first, " + least + " at least, " + most + " at most");
        }
        if (recipients < 1 || recipients > MOST_RECIPIENTS) {
            throw new IllegalArgumentException("recipients of an attempt: " + recipients);
        }
        check(attemptRate);
        check(recipientRate);
        if (suspendAfter < 1
                || firstPause.isNegative()
                || firstPause.isZero()
                || firstPause.compareTo(longestPause) > 0
                || longestPause.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "not a suspension: after " + suspendAfter + ", for " + firstPause + " to " + longestPause);
        }
        if (ramp.isNegative() || ramp.compareTo(LONGEST_RAMP) > 0) {
            throw new IllegalArgumentException("not a ramp: " + ramp);
        }
        if (rules.size() > MOST_RULES) {
            throw new IllegalArgumentException("rules of one destination: " + rules.size());
        }
    }

    private static void check(Rate rate) {
        if (!rate.isUnlimited() && (rate.events() > MOST_EVENTS || rate.within().compareTo(LONGEST_RATE) > 0)) {
            throw new IllegalArgumentException("rate: " + rate.events() + " within " + rate.within());
        }
    }

    /**
     * The same with another window.
     *
     * @throws IllegalArgumentException unless 1 ≤ least ≤ first ≤ most ≤ 10,000
     */
    public LanePolicy window(int newFirst, int newLeast, int newMost) {
        return new LanePolicy(
                newFirst,
                newLeast,
                newMost,
                recipients,
                attemptRate,
                recipientRate,
                suspendAfter,
                firstPause,
                longestPause,
                ramp,
                rules);
    }

    /**
     * The same with so many recipients in an attempt at most.
     *
     * @throws IllegalArgumentException if it is not 1 to 100,000
     */
    public LanePolicy recipients(int mostOfAttempt) {
        return new LanePolicy(
                first,
                least,
                most,
                mostOfAttempt,
                attemptRate,
                recipientRate,
                suspendAfter,
                firstPause,
                longestPause,
                ramp,
                rules);
    }

    /**
     * The same with limits to what may begin in a time. An attempt is at most one connection, and a mail transaction; of
     * a rate of recipients, no attempt has more than a twentieth.
     *
     * @throws IllegalArgumentException if one of them is of more than 1,000,000, or in more than 30 days, and is not unlimited
     */
    public LanePolicy rates(Rate attempts, Rate ofRecipients) {
        return new LanePolicy(
                first,
                least,
                most,
                recipients,
                attempts,
                ofRecipients,
                suspendAfter,
                firstPause,
                longestPause,
                ramp,
                rules);
    }

    /**
     * The same with other suspensions.
     *
     * @throws IllegalArgumentException unless one attempt at least has to fail, and the times are positive, in order and no longer than a day
     */
    public LanePolicy suspension(int afterFailures, Duration firstFor, Duration longest) {
        return new LanePolicy(
                first,
                least,
                most,
                recipients,
                attemptRate,
                recipientRate,
                afterFailures,
                firstFor,
                longest,
                ramp,
                rules);
    }

    /**
     * The same with another ramp after outages; zero for none.
     *
     * @throws IllegalArgumentException if it is negative, or longer than an hour
     */
    public LanePolicy ramp(Duration doubling) {
        return new LanePolicy(
                first,
                least,
                most,
                recipients,
                attemptRate,
                recipientRate,
                suspendAfter,
                firstPause,
                longestPause,
                doubling,
                rules);
    }

    /**
     * The same with these rules, and no others.
     *
     * @throws IllegalArgumentException if they are more than a thousand
     */
    public LanePolicy rules(List<ReplyRule> newRules) {
        return new LanePolicy(
                first,
                least,
                most,
                recipients,
                attemptRate,
                recipientRate,
                suspendAfter,
                firstPause,
                longestPause,
                ramp,
                newRules);
    }

    /** Of one attempt, so that no rate is passed by it. */
    int recipientsOfAttempt() {
        return Math.min(recipients, Pace.burst(recipientRate));
    }
}
