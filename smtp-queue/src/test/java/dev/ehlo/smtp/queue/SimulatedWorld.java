package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Rate;
import dev.ehlo.smtp.queue.SimulatedHost.Answer;
import dev.ehlo.smtp.queue.SimulatedHost.Outage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The destinations of the simulation: domains whose shares of the mail follow Zipf's law, and the hosts that take their
 * mail. The same for the same seed and size.
 */
final class SimulatedWorld {
    private static final long HOUR = 3_600_000;
    /** Domains at one of so many hosts together, which limit them together. */
    private static final int PROVIDERS = 5;
    /** So many have hosts that take more, and tell how much. */
    private static final int LARGE = 20;

    final SimulationSize size;
    final List<SimulatedHost> hosts = new ArrayList<>();
    private final SimulatedHost[] hostOf;
    private final double[] shares;
    private final Map<String, SimulatedHost> telling = new HashMap<>();

    SimulatedWorld(SimulationSize size) {
        this.size = size;
        RandomGenerator random = new SplittableRandom(size.seed());
        hostOf = new SimulatedHost[size.domains()];
        shares = new double[size.domains()];
        List<SimulatedHost> providers = new ArrayList<>();
        for (int i = 0; i < PROVIDERS; i++) {
            SimulatedHost provider = new SimulatedHost("mx" + i + ".provider.test", 10, 300, 400, 0);
            addOutages(provider, random, 1);
            providers.add(provider);
        }
        hosts.addAll(providers);
        providers.forEach(provider -> telling.put(provider.name.name(), provider));
        double sum = 0;
        for (int i = 0; i < hostOf.length; i++) {
            sum += 1.0 / (i + 1);
            shares[i] = sum;
            if (i >= size.domains() / 100 && random.nextInt(10) < 3) {
                hostOf[i] = providers.get(random.nextInt(PROVIDERS));
            } else {
                hostOf[i] = host(i, random);
                hosts.add(hostOf[i]);
                if (i < LARGE) {
                    telling.put(hostOf[i].name.name(), hostOf[i]);
                }
            }
        }
        for (int i = 0; i < shares.length; i++) {
            shares[i] /= sum;
        }
    }

    private SimulatedHost host(int rank, RandomGenerator random) {
        double share = 1.0 / (rank + 1) / (1 + Math.log(size.domains()));
        double perMinute = share * size.recipients() / (size.days() * 24 * 60);
        boolean large = rank < LARGE;
        int connections = large ? 10 + random.nextInt(21) : 2 + random.nextInt(9);
        int most = (int) (perMinute * 20) + (large ? 60 : 20) + random.nextInt(30);
        int latency = 100 + random.nextInt(1400);
        long greylisting = !large && random.nextInt(4) == 0 ? random.nextInt(2) == 0 ? 60_000 : 300_000 : 0;
        SimulatedHost host = new SimulatedHost("mx.d" + rank + ".test", connections, most, latency, greylisting);
        if (!large && random.nextInt(100) == 0) {
            host.outages.add(outage(0, Long.MAX_VALUE, random));
        } else {
            int least = large && rank % 2 == 0 ? 1 : 0;
            addOutages(host, random, random.nextDouble() < size.outagesPerHost() ? 1 : least);
        }
        return host;
    }

    private void addOutages(SimulatedHost host, RandomGenerator random, int count) {
        long from = 0;
        for (int i = 0; i < count; i++) {
            from += (long) (random.nextDouble() * size.days() * 24 * HOUR);
            // As many between one hour and eight as between eight and sixty-four.
            long to = from + (long) (HOUR * Math.pow(size.longestOutageHours(), random.nextDouble()));
            host.outages.add(outage(from, to, random));
            from = to + HOUR;
        }
    }

    private static Outage outage(long from, long to, RandomGenerator random) {
        return switch (random.nextInt(4)) {
            case 0 -> new Outage(from, to, Answer.CLOSED, 200);
            case 1 -> new Outage(from, to, Answer.UNREACHABLE, 50);
            default -> new Outage(from, to, Answer.UNREACHABLE, 30_000);
        };
    }

    /** A domain, large ones more often. */
    int domain(RandomGenerator random) {
        int at = Arrays.binarySearch(shares, random.nextDouble());
        return Math.min(at < 0 ? -at - 1 : at, shares.length - 1);
    }

    /** The host of a domain; the domain of a sender is its own. */
    String laneOf(String domain) {
        return domain.matches("d[0-9]+\\.test")
                ? hostOf[Integer.parseInt(domain.substring(1, domain.indexOf('.')))].name.name()
                : domain;
    }

    /** The limits of a host that tells them. */
    LanePolicy policyOf(String lane) {
        SimulatedHost host = telling.get(lane);
        return host == null
                ? LanePolicy.STANDARD
                : LanePolicy.STANDARD
                        .window(Math.min(5, host.connections), 1, host.connections)
                        .rates(new Rate(host.perMinute, Duration.ofMinutes(1)), Rate.UNLIMITED);
    }

    /** How often a host that tells its limits had to turn somebody away. */
    int turnedAwayByTelling() {
        return telling.values().stream().mapToInt(host -> host.turnedAway).sum();
    }

    SimulatedHost hostOf(int domain) {
        return hostOf[domain];
    }
}
