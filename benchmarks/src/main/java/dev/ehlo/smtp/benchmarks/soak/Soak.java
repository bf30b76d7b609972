package dev.ehlo.smtp.benchmarks.soak;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * Each crowd, one after the other; {@link #main} prints a row for each and exits with 1 if something does not hold. Needs
 * Linux, a JDK, and as many open files as there are connections, in both processes.
 */
public final class Soak implements AutoCloseable {
    private static final int IDLE_NETWORKS = 512;
    private static final int SLOW_NETWORKS = 256;
    private static final int NEW_NETWORKS = 4096;
    /** Second numbers of the addresses that a kind of client comes from; {@link Guessing} and {@link LoginTimes} have theirs. */
    private static final int IDLE = 10;

    private static final int SLOW = 12;
    private static final int NEW = 14;
    private static final int OTHERS = 5;
    private static final int OWNER = 6;

    private static final Duration ARRIVAL = Duration.ofSeconds(60);
    /** What collections and caches may move between two looks at the heap. */
    private static final long HEAP_SLACK_OCTETS = 6 << 20;

    private static final double WORST_RATIO = 1.5;

    private final SoakSize size;
    private final Clients clients = new Clients();
    private final TlsContext tls = TlsContext.client(ClientTrust.insecure(), "localhost");

    Soak(SoakSize size) throws Exception {
        this.size = size;
    }

    /** Runs those in full size that the arguments name, or all. */
    public static void main(String[] arguments) throws Exception {
        boolean holds = true;
        for (Finding finding : run(SoakSize.FULL, Set.of(arguments))) {
            holds &= finding.broken().isEmpty() && finding.slow().isEmpty();
        }
        System.exit(holds ? 0 : 1);
    }

    /** Each that is named, or all if none is, with a server of its own; each row is printed as soon as it is there. */
    static List<Finding> run(SoakSize size, Set<String> names) throws Exception {
        List<Finding> findings = new ArrayList<>();
        try (Soak soak = new Soak(size)) {
            Map<String, Run> runs = new LinkedHashMap<>();
            runs.put("idle", soak::idleAndActive);
            runs.put("new", soak::newcomers);
            runs.put("slow", soak::slowSenders);
            runs.put("guess", soak::guessing);
            runs.put("plain", site -> soak.refusedLogins(site, Mechanism.PLAIN));
            runs.put("scram", site -> soak.refusedLogins(site, Mechanism.SCRAM_SHA_256));
            if (!runs.keySet().containsAll(names)) {
                throw new IllegalArgumentException("there are " + runs.keySet() + ", not all of " + names);
            }
            System.out.println("| what | figures | |\n|---|---|---|");
            for (Map.Entry<String, Run> run : runs.entrySet()) {
                if (names.isEmpty() || names.contains(run.getKey())) {
                    findings.add(one(run.getKey(), run.getValue()));
                }
            }
        }
        return findings;
    }

    private static Finding one(String name, Run run) throws Exception {
        // Beside slow senders it is the server that is measured, not what the disk does meanwhile.
        String durability = name.equals("slow") ? "process" : "power";
        try (Site site = new Site("--durability", durability)) {
            Finding finding = run.at(site);
            System.out.println(finding.row());
            return finding;
        }
    }

    private interface Run {
        Finding at(Site site) throws Exception;
    }

    /** Many that are idle, some that send, and every message that was taken found again. */
    Finding idleAndActive(Site site) throws Exception {
        Sources idle = Sources.spread(IDLE, IDLE_NETWORKS);
        int warmUp = Math.max(1, size.idle() / 50); // classes, code and pools are there before it is counted
        List<Idler> warm = clients.gather(site.mx(), idle, warmUp, Idler::new);
        EhloServer.Memory before = site.server().memory();
        List<Idler> all = new ArrayList<>(clients.gather(site.mx(), idle, size.idle() - warmUp, Idler::new));
        EhloServer.Memory still = site.server().memory();
        all.addAll(warm);
        Load load = new Load(clients, site.mx(), Sources.spread(Site.RELAYING, 64), size.active(), site.ledger());
        load.run(size.perSecond(), Math.max(1, size.seconds() / 4));
        int early = site.ledger().awaitArrivals(ARRIVAL);
        EhloServer.Memory from = site.server().memory();
        Load.Result result = load.run(size.perSecond(), size.seconds());
        int missing = early + site.ledger().awaitArrivals(ARRIVAL);
        EhloServer.Memory to = site.server().memory();
        long lost = all.stream().filter(Dialogue::isGone).count() + load.lost();
        all.forEach(Dialogue::leave);
        Finding.Checks checks = new Finding.Checks();
        checks.holds(lost == 0, lost + " connections were lost");
        checks.holds(result.isAllTaken(), "messages ended with " + result.ends());
        checks.holds(missing == 0, missing + " of " + site.ledger().acknowledged() + " acknowledged never arrived");
        checks.holds(site.ledger().twice() == 0, site.ledger().twice() + " arrived twice");
        checks.holds(to.heap() <= from.heap() + HEAP_SLACK_OCTETS, "the heap grows");
        healthy(site, checks);
        int counted = size.idle() - warmUp;
        return checks.finding(
                size.idle() + " idle and " + size.active() + " active connections",
                String.format(
                        Locale.ROOT,
                        "%,d octets of heap and %,d resident an idle one; %,d messages acknowledged, %,d of them arrived;"
                                + " %.0f/s for %d s taken in %s; heap %.1f to %.1f MiB, resident %d MiB",
                        (still.heap() - before.heap()) / Math.max(1, counted),
                        (still.resident() - before.resident()) / Math.max(1, counted),
                        site.ledger().acknowledged(),
                        site.ledger().acknowledged() - missing,
                        size.perSecond(),
                        size.seconds(),
                        result.times(),
                        from.heap() / 1048576.0,
                        to.heap() / 1048576.0,
                        to.resident() >> 20));
    }

    /** Connections that come, say EHLO and QUIT, and go. */
    Finding newcomers(Site site) throws Exception {
        Sources sources = Sources.spread(NEW, NEW_NETWORKS);
        Tally ends = new Tally();
        Times times = new Times();
        Semaphore places = new Semaphore(size.mostNew());
        EhloServer.Memory from = site.server().memory();
        Pace.run(size.newPerSecond(), (long) size.newPerSecond() * size.newSeconds(), due -> {
            places.acquireUninterruptibly();
            Newcomer newcomer = new Newcomer(due, ends, times);
            newcomer.gone().whenComplete((cause, error) -> places.release());
            clients.connect(site.mx(), sources, null, newcomer);
        });
        Clients.acquire(places, size.mostNew());
        EhloServer.Memory to = site.server().memory();
        Finding.Checks checks = new Finding.Checks();
        checks.holds(ends.of("221") == ends.all(), "connections ended otherwise");
        checks.holds(to.heap() <= from.heap() + 2 * HEAP_SLACK_OCTETS, "the heap grows");
        healthy(site, checks);
        return checks.finding(
                size.newPerSecond() + " new connections a second for " + size.newSeconds() + " s",
                String.format(
                        Locale.ROOT,
                        "ended with %s; from due to 221 in %s; heap %.1f to %.1f MiB",
                        ends,
                        times,
                        from.heap() / 1048576.0,
                        to.heap() / 1048576.0));
    }

    /** The same load without slow senders and beside them, in turns; what counts is the middle of the turns. */
    Finding slowSenders(Site site) throws Exception {
        Load load = new Load(
                clients, site.mx(), Sources.spread(Site.RELAYING, 64), size.besideConnections(), site.ledger());
        load.run(size.besidePerSecond(), size.besideSeconds()); // warms up
        Sources sources = Sources.spread(SLOW, SLOW_NETWORKS);
        Tally ends = new Tally();
        Tally slowEnds = new Tally();
        Times alone = new Times();
        Times beside = new Times();
        double[] ratios = new double[size.besideTurns()];
        long away = 0;
        for (int turn = 0; turn < ratios.length; turn++) {
            Load.Result without = load.run(size.besidePerSecond(), size.besideSeconds());
            SlowCrowd crowd = new SlowCrowd(clients, site.mx(), sources, slowEnds, size.slow());
            Load.Result with = load.run(size.besidePerSecond(), size.besideSeconds());
            away += size.slow() - crowd.stop();
            ratios[turn] = with.times().millis(0.99) / without.times().millis(0.99);
            alone.addAll(without.times());
            beside.addAll(with.times());
            ends.addAll(without.ends());
            ends.addAll(with.ends());
        }
        Arrays.sort(ratios);
        int missing = site.ledger().awaitArrivals(ARRIVAL);
        Finding.Checks checks = new Finding.Checks();
        checks.holds(ends.of("250") == ends.all(), "messages ended with " + ends);
        checks.holds(missing == 0, missing + " acknowledged never arrived");
        checks.holds(away == 0, "slow senders that could not come back: " + away);
        checks.isQuick(ratios[ratios.length / 2] <= WORST_RATIO, "99 % take longer");
        healthy(site, checks);
        return checks.finding(
                size.slow() + " slow senders beside " + (int) size.besidePerSecond() + " messages a second",
                String.format(
                        Locale.ROOT,
                        "taken in %s without them, %s beside them; time of 99 %%: %.2f times (%.2f to %.2f in %d turns);"
                                + " of the slow ones ended: %s",
                        alone,
                        beside,
                        ratios[ratios.length / 2],
                        ratios[0],
                        ratios[ratios.length - 1],
                        ratios.length,
                        slowEnds));
    }

    /** Users who know their passwords, before passwords are guessed and meanwhile. */
    Finding guessing(Site site) throws Exception {
        Logins before = new Logins(clients, site.submissions(), tls, OTHERS, OWNER);
        before.run(size.loginsPerSecond(), size.quietSeconds());
        Logins meanwhile = new Logins(clients, site.submissions(), tls, OTHERS, OWNER);
        Tally guesses;
        try (Guessing guessing = new Guessing(site.submissions(), tls, Site.VICTIM.name(), size.guessesPerSecond())) {
            guesses = guessing.answers();
            meanwhile.run(size.loginsPerSecond(), size.guessingSeconds());
            guessing.awaitAnswer();
        }
        Finding.Checks checks = new Finding.Checks();
        checks.holds(before.isAllLoggedIn(), "logins before: " + before);
        checks.holds(meanwhile.isAllLoggedIn(), "logins meanwhile: " + meanwhile);
        checks.holds(guesses.of("235") == 0, "a guess was let in");
        healthy(site, checks);
        return checks.finding(
                (int) size.guessesPerSecond() + " guesses a second for " + size.guessingSeconds() + " s",
                String.format(
                        Locale.ROOT,
                        "%.0f answered a second: %s; logins before: %s; meanwhile: %s",
                        (double) guesses.all() / size.guessingSeconds(),
                        guesses,
                        before,
                        meanwhile));
    }

    /** A user there is and one there is not. */
    Finding refusedLogins(Site site, Mechanism mechanism) throws Exception {
        LoginTimes refused = new LoginTimes(clients, site.submissions(), tls, mechanism);
        refused.warmUp(size.warmUpPairs());
        refused.measure(size.pairs());
        Finding.Checks checks = new Finding.Checks();
        checks.holds(!refused.times().differ(), "time tells who is known");
        checks.holds(refused.isAnsweredAlike(), "replies tell who is known");
        checks.holds(refused.answered(504) == 0, "not offered");
        return checks.finding(mechanism.saslName() + " refused, known and unknown user", refused.toString());
    }

    private static void healthy(Site site, Finding.Checks checks) throws Exception {
        List<String> errors = site.server().errors();
        checks.holds(errors.isEmpty(), "the server logs " + errors);
    }

    @Override
    public void close() {
        clients.close();
    }
}
