package dev.ehlo.smtp.benchmarks.soak;

import java.util.Locale;

/**
 * Whether one kind of thing takes longer than another, told from pairs that were measured next to each other, so that
 * whatever else the machine does strikes both alike and only adds noise. It is a sign test against a bound set beforehand:
 * they count as different only if one of the two is the longer one in more than 60 % of all pairs there could be, and the
 * pairs seen would show as much in one of ten thousand runs at most if it were not. So a difference that nobody can use
 * does not fail, on a busy machine neither, and a difference of one standard deviation of the noise does, in 400 pairs.
 */
final class PairedTimes {
    /** Share of pairs that tells an attacker too little. */
    static final double BOUND = 0.6;

    private static final double ERROR = 1e-4;

    private final Times first = new Times();
    private final Times second = new Times();
    private int pairs;
    private int firstLonger;
    private int secondLonger;

    void add(long nanosOfFirst, long nanosOfSecond) {
        first.add(nanosOfFirst);
        second.add(nanosOfSecond);
        pairs++;
        if (nanosOfFirst > nanosOfSecond) {
            firstLonger++;
        } else if (nanosOfSecond > nanosOfFirst) {
            secondLonger++;
        }
    }

    int pairs() {
        return pairs;
    }

    /** Whether it was shown that one of the two takes longer. */
    boolean differ() {
        return pairs > 0 && tail(pairs, Math.max(firstLonger, secondLonger), BOUND) < ERROR;
    }

    /** How probable it is that of so many tries, each good with that probability, so many or more are good. */
    static double tail(int tries, int good, double probability) {
        double sum = 0;
        double logChoose = 0; // of 0 out of tries
        for (int i = 0; i <= tries; i++) {
            if (i > 0) {
                logChoose += Math.log(tries - i + 1.0) - Math.log(i);
            }
            if (i >= good) {
                sum += Math.exp(logChoose + i * Math.log(probability) + (tries - i) * Math.log1p(-probability));
            }
        }
        return Math.min(1, sum);
    }

    /** Medians, and how often the first was the longer one. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.3f and %.3f ms, the first longer in %.0f %% of %d pairs",
                first.millis(0.5),
                second.millis(0.5),
                100.0 * firstLonger / Math.max(1, pairs),
                pairs);
    }
}
