package dev.ehlo.smtp.queue;

/** How mail that waited for a host to come back goes there, from the end of the outage until the last of it is settled. */
final class SimulatedRecovery {
    private final long end;
    /** Recipients up to this number waited. */
    private final int before;

    final int waited;
    private int left;
    private long recovered = -1;
    private int attempts;
    private long second = -1;
    private int inSecond;
    private int mostInSecond;

    SimulatedRecovery(long end, int before, int waiting) {
        this.end = end;
        this.before = before;
        this.waited = waiting;
        this.left = waiting;
    }

    void attempt(long now) {
        attempts++;
        inSecond = now / 1000 == second ? inSecond + 1 : 1;
        second = now / 1000;
        mostInSecond = Math.max(mostInSecond, inSecond);
    }

    /** Answers whether it was the last one. */
    boolean settled(int number, long now) {
        if (number < before && --left == 0) {
            recovered = now;
        }
        return recovered >= 0;
    }

    /** Negative if another outage came before. */
    long millis() {
        return recovered < 0 ? -1 : recovered - end;
    }

    int mostInSecond() {
        return mostInSecond;
    }

    /** How many times as many attempts as on the average came in the worst second. */
    double herd() {
        double seconds = Math.max(1, millis() / 1000.0);
        return mostInSecond / (attempts / seconds);
    }
}
