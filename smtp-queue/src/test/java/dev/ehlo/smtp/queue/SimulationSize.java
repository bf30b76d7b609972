package dev.ehlo.smtp.queue;

/**
 * How much is simulated.
 *
 * @param recipients about so many in all, half of them of the one bulk sender
 * @param outagesPerHost how likely one is
 * @param longestOutageHours the shortest takes one hour
 */
record SimulationSize(long seed, int domains, int recipients, int days, double outagesPerHost, int longestOutageHours) {
    /** A month to ten thousand destinations. */
    static final SimulationSize MONTH = new SimulationSize(4711, 10_000, 1_000_000, 30, 0.3, 64);
    /** For every build. */
    static final SimulationSize DAY = new SimulationSize(4711, 300, 8_000, 1, 0.1, 8);
}
