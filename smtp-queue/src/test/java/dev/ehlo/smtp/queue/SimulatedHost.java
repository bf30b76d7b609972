package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.Reply;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A host of the simulation that takes mail within limits of its own, and not always. It tells nobody of them but by its
 * answers. Times are in milliseconds of the simulation.
 */
final class SimulatedHost {
    private static final long MINUTE = 60_000;
    /** As long as mail may still be coming in that waited for an outage to end. */
    private static final long AFTERMATH = 24 * 60 * MINUTE;

    /** What an attempt comes to when all is well, or not. */
    enum Answer {
        TAKEN(DeliveryStatus.RELAYED, DeliveryPhase.END_OF_DATA, Reply.of(250, "2.0.0", "taken")),
        TOO_MANY_CONNECTIONS(
                DeliveryStatus.DEFERRED, DeliveryPhase.GREETING, Reply.of(421, "4.7.0", "too many connections")),
        TOO_MANY_MESSAGES(
                DeliveryStatus.DEFERRED, DeliveryPhase.MAIL, Reply.of(421, "4.7.0", "too many messages, try later")),
        CLOSED(DeliveryStatus.DEFERRED, DeliveryPhase.GREETING, Reply.of(421, "4.3.2", "service not available")),
        UNREACHABLE(DeliveryStatus.NOT_SENT, DeliveryPhase.CONNECT, Reply.of(451, "4.4.1", "can't be reached")),
        GREYLISTED(DeliveryStatus.DEFERRED, DeliveryPhase.RCPT, Reply.of(451, "4.7.1", "greylisted, try later")),
        FULL(DeliveryStatus.DEFERRED, DeliveryPhase.RCPT, Reply.of(452, "4.2.2", "mailbox full")),
        UNKNOWN_USER(DeliveryStatus.FAILED, DeliveryPhase.RCPT, Reply.of(550, "5.1.1", "no such user"));

        final DeliveryStatus status;
        final DeliveryPhase phase;
        final Reply reply;

        Answer(DeliveryStatus status, DeliveryPhase phase, Reply reply) {
            this.status = status;
            this.phase = phase;
            this.reply = reply;
        }
    }

    /** From one time to another it takes nothing; then how it fails, and after how long. */
    record Outage(long from, long to, Answer answer, long millis) {}

    final RemoteHost name;
    /** At a time. */
    final int connections;
    /** Messages in any sixty seconds. */
    final int perMinute;
    /** Of a transaction, about. */
    final int latency;
    /** How long who is unknown is put off; 0 for not at all. */
    final long greylisting;
    /** In order, apart from each other. */
    final List<Outage> outages = new ArrayList<>();
    /** Those that belong to no message yet settled. */
    int waiting;

    @Nullable
    SimulatedRecovery recovery;

    private int inFlight;
    int mostInFlight;
    int turnedAway;
    private long second = -1;
    private int inSecond;
    int mostInSecond;
    private final long[] lastTaken;
    private int taken;
    private final Map<Long, Long> known = new HashMap<>();

    SimulatedHost(String name, int connections, int perMinute, int latency, long greylisting) {
        this.name = RemoteHost.named(name);
        this.connections = connections;
        this.perMinute = perMinute;
        this.latency = latency;
        this.greylisting = greylisting;
        this.lastTaken = new long[perMinute];
        Arrays.fill(lastTaken, -MINUTE);
    }

    /** Whether nothing but its limits and the queue delayed what went there meanwhile. */
    boolean wasSound(long from, long to) {
        return greylisting == 0 && outages.stream().allMatch(o -> o.from > to || from - o.to > AFTERMATH);
    }

    @Nullable
    Outage outage(long now) {
        for (Outage outage : outages) {
            if (outage.from <= now && now < outage.to) {
                return outage;
            }
        }
        return null;
    }

    /** A connection comes, of somebody who wants to hand over one message. */
    Answer connect(long now, long triple) {
        inFlight++;
        mostInFlight = Math.max(mostInFlight, inFlight);
        inSecond = now / 1000 == second ? inSecond + 1 : 1;
        second = now / 1000;
        mostInSecond = Math.max(mostInSecond, inSecond);
        Outage outage = outage(now);
        if (outage != null) {
            return outage.answer;
        }
        if (recovery != null) {
            recovery.attempt(now);
        }
        if (inFlight > connections) {
            turnedAway++;
            return Answer.TOO_MANY_CONNECTIONS;
        }
        int oldest = taken % perMinute;
        if (now - lastTaken[oldest] < MINUTE) {
            turnedAway++;
            return Answer.TOO_MANY_MESSAGES;
        }
        lastTaken[oldest] = now;
        taken++;
        return isKnown(now, triple) ? Answer.TAKEN : Answer.GREYLISTED;
    }

    void disconnect() {
        inFlight--;
    }

    private boolean isKnown(long now, long triple) {
        if (greylisting == 0) {
            return true;
        }
        Long first = known.putIfAbsent(triple, now);
        return first != null && now - first >= greylisting;
    }
}
