package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.SimulatedHost.Answer;
import dev.ehlo.smtp.queue.SimulatedTraffic.Sender;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What came of a simulation. */
final class SimulationFigures {
    /** Recoveries of hosts for which fewer waited tell little. */
    private static final int WAITED = 20;

    private final SimulationPolicy policy;
    private final Map<Sender, Delays> delays = new EnumMap<>(Sender.class);
    private final Map<Sender, Delays> soundDelays = new EnumMap<>(Sender.class);
    private final Map<Sender, Delays> campaignDelays = new EnumMap<>(Sender.class);
    private final Map<Answer, Integer> answers = new EnumMap<>(Answer.class);
    private final BitSet settled = new BitSet();
    private final List<SimulatedRecovery> recoveries = new ArrayList<>();
    private int attempts;
    private int relayed;
    private int refused;
    private int notices;
    private int recipients;
    private int messagesLeft;
    private double seconds;
    private double mostOverLimit;
    private int mostInSecond;
    private int turnedAwayByTelling;

    /** In milliseconds, of what was relayed. */
    private static final class Delays {
        private long[] all = new long[1024];
        private int count;

        void add(long millis) {
            if (count == all.length) {
                all = Arrays.copyOf(all, 2 * count);
            }
            all[count++] = millis;
        }

        void sort() {
            all = Arrays.copyOf(all, count);
            Arrays.sort(all);
        }

        /** Of a thousand, so many took no longer. */
        long permille(int part) {
            return count == 0 ? 0 : all[(int) ((count - 1) * (long) part / 1000)];
        }
    }

    SimulationFigures(SimulationPolicy policy) {
        this.policy = policy;
        for (Sender sender : Sender.values()) {
            delays.put(sender, new Delays());
            soundDelays.put(sender, new Delays());
            campaignDelays.put(sender, new Delays());
        }
    }

    void attempted(Answer answer) {
        attempts++;
        answers.merge(answer, 1, Integer::sum);
    }

    void notified() {
        notices++;
    }

    void relayed(int recipient, Sender sender, long millis, boolean sound, boolean campaign) {
        settle(recipient);
        relayed++;
        delays.get(sender).add(millis);
        if (sound) {
            soundDelays.get(sender).add(millis);
        }
        if (campaign) {
            campaignDelays.get(sender).add(millis);
        }
    }

    void refused(int recipient) {
        settle(recipient);
        refused++;
    }

    private void settle(int recipient) {
        if (settled.get(recipient)) {
            throw new AssertionError("attempted again though settled: " + recipient);
        }
        settled.set(recipient);
    }

    void recovered(SimulatedRecovery recovery) {
        if (recovery.waited >= WAITED) {
            recoveries.add(recovery);
        }
    }

    void ended(SimulatedWorld world, int all, int left, long nanos) {
        recipients = all;
        messagesLeft = left;
        seconds = nanos / 1e9;
        delays.values().forEach(Delays::sort);
        soundDelays.values().forEach(Delays::sort);
        campaignDelays.values().forEach(Delays::sort);
        turnedAwayByTelling = world.turnedAwayByTelling();
        for (SimulatedHost host : world.hosts) {
            mostOverLimit = Math.max(mostOverLimit, (double) host.mostInFlight / host.connections);
            mostInSecond = Math.max(mostInSecond, host.mostInSecond);
        }
    }

    int recipients() {
        return recipients;
    }

    int relayed() {
        return relayed;
    }

    int refused() {
        return refused;
    }

    int attempts() {
        return attempts;
    }

    /** Of one host, whenever it was. */
    int mostInSecond() {
        return mostInSecond;
    }

    /** Messages that were queued still when nothing may be any more. */
    int messagesLeft() {
        return messagesLeft;
    }

    int count(Answer answer) {
        return answers.getOrDefault(answer, 0);
    }

    /** Of those who go over a host's limits. */
    int turnedAway() {
        return count(Answer.TOO_MANY_CONNECTIONS) + count(Answer.TOO_MANY_MESSAGES);
    }

    int turnedAwayByTelling() {
        return turnedAwayByTelling;
    }

    long delay(Sender sender, int permille) {
        return delays.get(sender).permille(permille);
    }

    /** Where nothing but the queue and the limits of the host are in the way. */
    long soundDelay(Sender sender, int permille) {
        return soundDelays.get(sender).permille(permille);
    }

    double recovery(double part, ToDoubleFunction<SimulatedRecovery> figure) {
        List<SimulatedRecovery> sorted =
                recoveries.stream().sorted(Comparator.comparingDouble(figure)).toList();
        return sorted.isEmpty() ? 0 : figure.applyAsDouble(sorted.get((int) ((sorted.size() - 1) * part)));
    }

    /** A row for each figure, a column for each simulation. */
    static String table(SimulationSize size, List<SimulationFigures> columns) {
        StringBuilder table = new StringBuilder(String.format(
                Locale.ROOT,
                "%,d recipients to %,d domains in %d days, then until the queue is empty.%n%n",
                columns.get(0).recipients,
                size.domains(),
                size.days()));
        row(table, "", columns, f -> f.policy.title);
        row(table, "---", columns, f -> "---:");
        row(table, "relayed", columns, f -> number(f.relayed));
        row(table, "refused for good", columns, f -> number(f.refused));
        row(table, "expired", columns, f -> number(f.recipients - f.relayed - f.refused));
        row(table, "attempts for each one relayed", columns, f -> decimal((double) f.attempts / f.relayed));
        for (Sender sender : Sender.values()) {
            String name = sender.name().toLowerCase(Locale.ROOT);
            row(table, name + ": delay, p50 / p90 / p99 / p99.9", columns, f -> percentiles(f.delays.get(sender)));
            row(
                    table,
                    name + ": the same, to hosts without trouble",
                    columns,
                    f -> percentiles(f.soundDelays.get(sender)));
            row(
                    table,
                    name + ": of those, in the hour after a campaign began",
                    columns,
                    f -> percentiles(f.campaignDelays.get(sender)));
        }
        row(table, "421 for too many connections", columns, f -> number(f.count(Answer.TOO_MANY_CONNECTIONS)));
        row(table, "421 for too many messages", columns, f -> number(f.count(Answer.TOO_MANY_MESSAGES)));
        row(table, "421 of the 25 largest hosts", columns, f -> number(f.turnedAwayByTelling));
        row(
                table,
                "attempts while a host was out",
                columns,
                f -> number(f.count(Answer.UNREACHABLE) + f.count(Answer.CLOSED)));
        row(table, "most attempts in a second at one host", columns, f -> number(f.mostInSecond));
        row(table, "most connections, against what a host allows", columns, f -> decimal(f.mostOverLimit));
        row(
                table,
                "recovery after an outage, p50 / p90 / longest",
                columns,
                f -> time((long) f.recovery(0.5, SimulatedRecovery::millis)) + " / "
                        + time((long) f.recovery(0.9, SimulatedRecovery::millis)) + " / "
                        + time((long) f.recovery(1, SimulatedRecovery::millis)));
        row(
                table,
                "most attempts in a second after an outage, p50 / p90 / most",
                columns,
                f -> number((int) f.recovery(0.5, SimulatedRecovery::mostInSecond)) + " / "
                        + number((int) f.recovery(0.9, SimulatedRecovery::mostInSecond)) + " / "
                        + number((int) f.recovery(1, SimulatedRecovery::mostInSecond)));
        row(
                table,
                "the same against the mean, p50 / p90",
                columns,
                f -> decimal(f.recovery(0.5, SimulatedRecovery::herd)) + " / "
                        + decimal(f.recovery(0.9, SimulatedRecovery::herd)));
        row(table, "notices", columns, f -> number(f.notices));
        row(table, "real time", columns, f -> decimal(f.seconds) + " s");
        return table.toString();
    }

    private interface Cell {
        String of(SimulationFigures figures);
    }

    private static void row(StringBuilder table, String title, List<SimulationFigures> columns, Cell cell) {
        table.append("| ").append(title).append(" |");
        columns.forEach(figures -> table.append(' ').append(cell.of(figures)).append(" |"));
        table.append(System.lineSeparator());
    }

    private static String number(int count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private static String percentiles(Delays delays) {
        return time(delays.permille(500)) + " / " + time(delays.permille(900)) + " / " + time(delays.permille(990))
                + " / " + time(delays.permille(999));
    }

    private static String time(long millis) {
        double seconds = millis / 1000.0;
        return seconds < 100
                ? String.format(Locale.ROOT, "%.1f s", seconds)
                : seconds < 6000
                        ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
                        : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
    }
}
