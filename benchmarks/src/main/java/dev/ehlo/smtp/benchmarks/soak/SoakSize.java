package dev.ehlo.smtp.benchmarks.soak;

/**
 * How much of each.
 *
 * @param idle connections that only stand
 * @param active connections beside them that send
 * @param perSecond messages of all active ones
 * @param seconds they send
 * @param newPerSecond connections that come and go
 * @param newSeconds they come
 * @param mostNew of them that are open at once
 * @param slow connections that send an octet a second
 * @param besideConnections connections of the load beside them
 * @param besidePerSecond its messages
 * @param besideSeconds of it without slow ones, and beside them, in each turn
 * @param besideTurns how often
 * @param guessesPerSecond passwords tried
 * @param guessingSeconds they are
 * @param loginsPerSecond of users who know theirs
 * @param quietSeconds of those before
 * @param warmUpPairs refused logins of both kinds that are not counted
 * @param pairs that are
 */
record SoakSize(
        int idle,
        int active,
        double perSecond,
        int seconds,
        int newPerSecond,
        int newSeconds,
        int mostNew,
        int slow,
        int besideConnections,
        double besidePerSecond,
        int besideSeconds,
        int besideTurns,
        double guessesPerSecond,
        int guessingSeconds,
        double loginsPerSecond,
        int quietSeconds,
        int warmUpPairs,
        int pairs) {
    /** What is asked of the server; five minutes. */
    static final SoakSize FULL =
            new SoakSize(9000, 1000, 300, 40, 1000, 60, 4000, 2000, 50, 300, 6, 5, 1000, 30, 4, 10, 20, 400);

    /** A few seconds, as part of the build. */
    static final SoakSize SMALL = new SoakSize(180, 20, 50, 1, 100, 1, 100, 40, 10, 50, 1, 1, 12, 1, 2, 1, 2, 16);
}
