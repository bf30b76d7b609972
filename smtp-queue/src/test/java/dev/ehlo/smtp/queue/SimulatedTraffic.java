package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Envelope;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Who sends what when: people and businesses all the time, one bulk sender half of all mail in one campaign a day.
 * Recipients are numbered, and known by their numbers.
 */
final class SimulatedTraffic {
    private static final long HOUR = 3_600_000;
    private static final long DAY = 24 * HOUR;
    private static final long CAMPAIGN_STARTS = 9 * HOUR;
    /** Of a campaign, between two messages. */
    private static final long CAMPAIGN_PACE = 5;

    /** A kind of sender. */
    enum Sender {
        PEOPLE(5000),
        BUSINESS(100),
        BULK(1);

        final int count;

        Sender(int count) {
            this.count = count;
        }
    }

    private final Simulation simulation;
    private final SimulatedWorld world;
    private final SimulationSize size;
    private final RandomGenerator random;

    private int recipients;
    private long[] arrivals = new long[1024];
    private int[] domains = new int[1024];
    private Sender[] senders = new Sender[1024];

    SimulatedTraffic(Simulation simulation, SimulatedWorld world) {
        this.simulation = simulation;
        this.world = world;
        this.size = world.size;
        this.random = new SplittableRandom(size.seed() + 1);
    }

    void start() {
        quarter(Sender.PEOPLE, 0);
        quarter(Sender.BUSINESS, 0);
        for (int day = 0; day < size.days(); day++) {
            campaign(day * DAY + CAMPAIGN_STARTS, size.recipients() / 2 / size.days());
        }
    }

    /** One message, and then the next one, until the time is over. */
    private void quarter(Sender sender, long from) {
        double mean = size.days() * DAY / (size.recipients() / 4.0) * (sender == Sender.PEOPLE ? 1.3 : 1);
        long at = from + Math.max(1, (long) (mean * random.nextExponential()));
        if (at < size.days() * DAY) {
            simulation.at(at, () -> {
                boolean several = sender == Sender.PEOPLE && random.nextInt(10) == 0;
                send(sender, several ? 2 + random.nextInt(5) : 1, at);
                quarter(sender, at);
            });
        }
    }

    private void campaign(long at, int left) {
        if (left > 0) {
            simulation.at(at, () -> {
                send(Sender.BULK, 1, at);
                campaign(at + CAMPAIGN_PACE, left - 1);
            });
        }
    }

    private void send(Sender sender, int count, long now) {
        String[] to = new String[count];
        for (int i = 0; i < count; i++) {
            int domain = world.domain(random);
            to[i] = recipients + "@d" + domain + ".test";
            if (recipients == arrivals.length) {
                arrivals = Arrays.copyOf(arrivals, 2 * recipients);
                domains = Arrays.copyOf(domains, 2 * recipients);
                senders = Arrays.copyOf(senders, 2 * recipients);
            }
            arrivals[recipients] = now;
            domains[recipients] = domain;
            senders[recipients] = sender;
            world.hostOf(domain).waiting++;
            recipients++;
        }
        int who = random.nextInt(sender.count);
        simulation.accept(Envelope.from("u@" + sender.name() + who + ".test").to(to));
    }

    int recipients() {
        return recipients;
    }

    long arrival(int recipient) {
        return arrivals[recipient];
    }

    /** Whether it came in the hour after a campaign began. */
    boolean isDuringCampaign(int recipient) {
        long ofDay = arrivals[recipient] % DAY;
        return ofDay >= CAMPAIGN_STARTS && ofDay < CAMPAIGN_STARTS + HOUR;
    }

    int domain(int recipient) {
        return domains[recipient];
    }

    Sender sender(int recipient) {
        return senders[recipient];
    }
}
