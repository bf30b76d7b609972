package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.queue.MailQueue;
import dev.ehlo.smtp.queue.QueueDepth;
import dev.ehlo.smtp.queue.QueueHealth;
import dev.ehlo.smtp.queue.QueuedRecipient.State;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Answers {@code top}: how the queue is, and where to most waits. However many ask, the queue is looked at for a small part
 * of the time only; who asks in between is told what was seen last.
 */
final class QueueTop implements ControlSocket.Verb {
    private static final int MOST_ROWS = 200;
    /** From the end of one look to the next: so many times as long as the look took, and no less than that. */
    private static final int REST = 20;

    private static final long LEAST_NANOS = 500_000_000;

    private final MailQueue queue;
    private QueueDepth last = new QueueDepth(Instant.EPOCH, Map.of(), List.of(), List.of());
    private long next = System.nanoTime();

    QueueTop(MailQueue queue) {
        this.queue = queue;
    }

    @Override
    public void answer(List<String> arguments, ControlSocket.Lines lines) throws IOException {
        int rows = Integer.parseInt(ControlWords.read(arguments).getOrDefault("rows", "20"));
        QueueDepth depth = look();
        lines.say("totals", ControlWords.line(totals(depth)));
        for (QueueDepth.Age age : depth.ages()) {
            Duration below = age.below();
            lines.say(
                    "age",
                    ControlWords.line(Map.of(
                            "below",
                            below == null ? "older" : '<' + QueueRows.span(Instant.EPOCH, Instant.EPOCH.plus(below)),
                            "deliveries",
                            String.valueOf(age.deliveries()))));
        }
        for (QueueDepth.Destination each : depth.destinations()
                .subList(0, Math.min(Math.max(0, rows), depth.destinations().size()))) {
            lines.say("destination", ControlWords.line(words(each)));
        }
        lines.say(ControlSocket.END, "at=" + depth.at());
    }

    private synchronized QueueDepth look() throws IOException {
        long start = System.nanoTime();
        if (start - next >= 0) {
            last = QueueControl.await(queue.depth(MOST_ROWS));
            long end = System.nanoTime();
            next = end + Math.max(LEAST_NANOS, REST * (end - start));
        }
        return last;
    }

    private Map<String, String> totals(QueueDepth depth) {
        QueueHealth health = queue.health();
        Map<String, String> totals = new LinkedHashMap<>();
        String fault = health.fault();
        if (fault != null) {
            totals.put("fault", fault);
        }
        totals.put("held", String.valueOf(health.held()));
        totals.put("messages", String.valueOf(health.messages()));
        totals.put("ready", count(depth, State.READY));
        totals.put("in-flight", count(depth, State.IN_FLIGHT));
        totals.put(
                "deferred",
                String.valueOf(depth.states().getOrDefault(State.DEFERRED, 0L)
                        + depth.states().getOrDefault(State.SCHEDULED, 0L)));
        totals.put("on-hold", count(depth, State.HELD));
        return totals;
    }

    private static String count(QueueDepth depth, State state) {
        return String.valueOf(depth.states().getOrDefault(state, 0L));
    }

    private static Map<String, String> words(QueueDepth.Destination destination) {
        Map<String, String> words = new LinkedHashMap<>();
        words.put("domain", destination.domain());
        words.put("ready", String.valueOf(destination.ready()));
        words.put("in-flight", String.valueOf(destination.inFlight()));
        words.put("deferred", String.valueOf(destination.deferred()));
        words.put("held", String.valueOf(destination.held()));
        words.put("oldest", destination.oldest().toString());
        QueueDepth.Lane lane = destination.lane();
        if (lane != null) {
            words.put("lane", lane.name());
            words.put("window", String.valueOf(lane.window()));
            words.put("relayed", String.valueOf(lane.relayed()));
            words.put(
                    "suspended",
                    lane.suspended().isZero() ? "-" : lane.suspended().toSeconds() + "s");
            if (lane.reply() != null) {
                words.put("reply", lane.reply().toString());
            }
        }
        return words;
    }
}
