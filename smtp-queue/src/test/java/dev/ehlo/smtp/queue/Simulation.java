package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.queue.SimulatedHost.Answer;
import dev.ehlo.smtp.queue.SimulatedHost.Outage;
import dev.ehlo.smtp.testkit.ManualClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * The scheduler with a spool in memory, before a world of destinations that is as troublesome as the real one: discrete
 * events on a manual clock, all on one thread. The same for the same size and policy.
 */
final class Simulation implements DeliveryAgent {
    private static final byte[] CONTENT = "Subject: hello\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final Reply HERE = Reply.of(250, "2.0.0", "delivered here");
    /** What nothing may outlast: the expiry of five days, and the notices after it. */
    private static final long LAST_MILLIS = Duration.ofDays(7).toMillis();

    private final ManualClock clock = new ManualClock(Mail.NOON);
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Spool spool = Spool.memory();
    private final SimulatedWorld world;
    private final SimulatedTraffic traffic;
    private final SimulationFigures figures;
    private final RandomGenerator random;
    private final Scheduler scheduler;
    private long now;
    private long eventNumber;

    private record Event(long at, long number, Runnable what) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(number, other.number);
        }
    }

    private Simulation(SimulationSize size, SimulationPolicy policy) throws IOException {
        world = new SimulatedWorld(size);
        traffic = new SimulatedTraffic(this, world);
        figures = new SimulationFigures(policy);
        random = new SplittableRandom(size.seed() + 2);
        MailQueueBuilder settings =
                MailQueue.builder().spool(spool).agent(this).clock(clock).hostname("queue.test");
        settings.knownSenders(envelope -> true).random(new SplittableRandom(size.seed() + 3));
        settings.boundaries = new SplittableRandom(size.seed() + 4);
        policy.apply(settings, world);
        scheduler = new Scheduler(spool, settings);
        spool.start(scheduler);
    }

    /** Simulates all of it, until nothing is queued any more. */
    static SimulationFigures run(SimulationSize size, SimulationPolicy policy) throws IOException {
        return new Simulation(size, policy).run();
    }

    private SimulationFigures run() throws IOException {
        long began = System.nanoTime();
        traffic.start();
        for (SimulatedHost host : world.hosts) {
            host.outages.stream().filter(o -> o.to() < Long.MAX_VALUE).forEach(o -> watch(host, o));
        }
        long wake = 0;
        long last = Duration.ofDays(world.size.days()).toMillis() + LAST_MILLIS;
        while (now < last && (!events.isEmpty() || scheduler.health().messages() > 0)) {
            Event next = events.peek();
            long to = next == null ? wake : Math.min(wake, next.at);
            clock.advance(Duration.ofMillis(to - now));
            now = to;
            for (; next != null && next.at <= now; next = events.peek()) {
                events.remove();
                next.what.run();
            }
            Duration idle = scheduler.run();
            while (idle.isZero()) {
                idle = scheduler.run();
            }
            wake = now + idle.toMillis();
        }
        figures.ended(world, traffic.recipients(), scheduler.health().messages(), System.nanoTime() - began);
        spool.close();
        return figures;
    }

    void at(long millis, Runnable what) {
        events.add(new Event(Math.max(now, millis), eventNumber++, what));
    }

    void accept(Envelope envelope) {
        try {
            SpoolWriter writer = spool.open(envelope, clock.instant());
            writer.write(ByteBuffer.wrap(CONTENT));
            scheduler.accept(writer.complete().toCompletableFuture().join());
        } catch (IOException e) {
            throw new IllegalStateException("the memory is full: a smaller size, or a larger heap", e);
        }
    }

    private void watch(SimulatedHost host, Outage outage) {
        at(outage.from(), () -> host.recovery = null);
        at(outage.to(), () -> {
            if (host.waiting > 0) {
                host.recovery = new SimulatedRecovery(now, traffic.recipients(), host.waiting);
            }
        });
    }

    @Override
    public CompletableFuture<DeliveryReport> deliver(Envelope envelope, MessageSource content) {
        CompletableFuture<DeliveryReport> end = new CompletableFuture<>();
        if (envelope.reversePath().isNull()) {
            figures.notified();
            end.complete(DeliveryReport.forEach(envelope, r -> RecipientOutcome.replied(r, HERE, "home.test")));
            return end;
        }
        SimulatedHost host =
                world.hostOf(traffic.domain(number(envelope.recipients().get(0))));
        long triple = 31L * envelope.reversePath().toString().hashCode() + host.hashCode();
        Answer answer = host.connect(now, triple);
        figures.attempted(answer);
        Outage outage = host.outage(now);
        long millis = outage != null
                ? outage.millis()
                : answer == Answer.TOO_MANY_CONNECTIONS
                        ? 100
                        : host.latency / 2
                                + random.nextInt(
                                        host.latency + envelope.recipients().size());
        List<RecipientOutcome> outcomes = new ArrayList<>();
        for (Recipient recipient : envelope.recipients()) {
            Answer own = answer;
            if (answer == Answer.TAKEN) {
                int chance = random.nextInt(100);
                own = chance == 0 ? Answer.FULL : chance < 3 ? Answer.UNKNOWN_USER : Answer.TAKEN;
            }
            outcomes.add(new RecipientOutcome(recipient, own.status, own.reply, host.name, own.phase));
        }
        at(now + millis, () -> {
            host.disconnect();
            for (RecipientOutcome outcome : outcomes) {
                ended(host, outcome);
            }
            end.complete(new DeliveryReport(outcomes));
        });
        return end;
    }

    private static int number(Recipient recipient) {
        return Integer.parseInt(recipient.mailbox().localPart());
    }

    private void ended(SimulatedHost host, RecipientOutcome outcome) {
        int number = number(outcome.recipient());
        if (outcome.status() == DeliveryStatus.RELAYED) {
            long arrival = traffic.arrival(number);
            boolean sound = host.wasSound(arrival, now);
            boolean campaign = sound && traffic.isDuringCampaign(number);
            figures.relayed(number, traffic.sender(number), now - arrival, sound, campaign);
        } else if (outcome.status() == DeliveryStatus.FAILED) {
            figures.refused(number);
        } else {
            return;
        }
        host.waiting--;
        SimulatedRecovery recovery = host.recovery;
        if (recovery != null && recovery.settled(number, now)) {
            host.recovery = null;
            figures.recovered(recovery);
        }
    }
}
