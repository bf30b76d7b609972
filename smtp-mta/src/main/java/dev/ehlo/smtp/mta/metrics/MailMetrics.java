package dev.ehlo.smtp.mta.metrics;

import dev.ehlo.smtp.Latencies;
import dev.ehlo.smtp.mta.metrics.MetricText.Kind;
import dev.ehlo.smtp.queue.QueueCounts;
import dev.ehlo.smtp.queue.QueueDepth;
import dev.ehlo.smtp.queue.QueueHealth;
import dev.ehlo.smtp.queue.SpoolCounts;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.ServerMetrics;
import dev.ehlo.smtp.tls.LoopHealth;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What can be counted of a mail server: of its sessions, its queue and its loops. No label has a value that a peer chooses,
 * so that there are as many series as there are here. Thread-safe.
 *
 * @param server what its sessions come to
 * @param queue how the queue is
 * @param counts what the queue has done
 * @param ages how old what is in the queue is; empty if it is not known
 * @param spool what the spool has done
 * @param loops how the server's event loops are
 */
public record MailMetrics(
        ServerMetrics server,
        Supplier<QueueHealth> queue,
        Supplier<QueueCounts.Snapshot> counts,
        Supplier<List<QueueDepth.Age>> ages,
        Supplier<SpoolCounts> spool,
        Supplier<List<LoopHealth>> loops) {

    /** Bounds of the buckets of each histogram, in milliseconds. */
    private static final long[] BOUNDS = {1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 60_000, 300_000
    };

    /** All of it now, in the format of OpenMetrics. */
    String text() {
        MetricText text = new MetricText();
        sessions(text, server.snapshot());
        queue(text, queue.get(), spool.get());
        ages(text, ages.get());
        deliveries(text, counts.get());
        loops(text, loops.get());
        return text.end();
    }

    private static void sessions(MetricText text, ServerMetrics.Snapshot now) {
        text.family("ehlo_sessions", Kind.COUNTER, "Connections that were let in.")
                .sample(now.connected());
        text.family("ehlo_sessions_open", Kind.GAUGE, "Those that are not over.")
                .sample(now.open());
        text.family("ehlo_session_ends", Kind.COUNTER, "Sessions that are over, by how they ended.");
        each(text, "end", now.ends(), MailMetrics::word);
        text.family("ehlo_connections_refused", Kind.COUNTER, "Connections that were not let in, by reason.");
        each(text, "reason", now.refused(), Refusal::word);
        text.family("ehlo_limits_met", Kind.COUNTER, "Limits met and rules broken within sessions, by reason.");
        each(text, "reason", now.limited(), Refusal::word);
        text.family("ehlo_logins", Kind.COUNTER, "Logins, by mechanism.");
        each(text, "mechanism", now.logins(), mechanism -> mechanism.saslName());
        text.family("ehlo_logins_failed", Kind.COUNTER, "Logins that failed, by reason.");
        each(text, "reason", now.loginsFailed(), Refusal::word);
        text.family("ehlo_replies", Kind.COUNTER, "Replies sent, by code.");
        each(text, "code", now.replies(), String::valueOf);
        text.family("ehlo_transactions", Kind.COUNTER, "Mail transactions that are over, by what they came to.");
        each(text, "outcome", now.transactions(), MailMetrics::word);
        text.family("ehlo_recipients", Kind.COUNTER, "Recipients of transactions that are over, by the answer.")
                .sample("answer", "taken", now.recipientsTaken())
                .sample("answer", "refused", now.recipientsRefused());
        text.family("ehlo_content_bytes", Kind.COUNTER, "Octets of content, accepted or not.")
                .sample(now.contentOctets());
        text.family("ehlo_session_bytes", Kind.COUNTER, "Octets of sessions that are over, without those of TLS.")
                .sample("direction", "in", now.octetsIn())
                .sample("direction", "out", now.octetsOut());
        text.family("ehlo_alerts", Kind.COUNTER, "Alerts, by kind.");
        each(text, "kind", now.alerts(), MailMetrics::word);
        text.family("ehlo_tls_handshakes_failed", Kind.COUNTER, "TLS handshakes that failed.")
                .sample(now.handshakesFailed());
        histogram(text, "ehlo_tls_handshake_seconds", "What TLS handshakes took.", now.handshakeTime());
        histogram(text, "ehlo_transaction_seconds", "From MAIL to the last reply.", now.transactionTime());
        histogram(text, "ehlo_session_seconds", "From the connection to its end.", now.sessionTime());
    }

    private static void queue(MetricText text, QueueHealth health, SpoolCounts counts) {
        text.family("ehlo_queue_sound", Kind.GAUGE, "1 while mail is accepted and delivered, 0 at a fault.")
                .sample(health.isSound() ? 1 : 0);
        text.family("ehlo_queue_held", Kind.GAUGE, "1 while an operator holds deliveries.")
                .sample(health.held() ? 1 : 0);
        text.family("ehlo_queue_messages", Kind.GAUGE, "Messages in the queue.").sample(health.messages());
        text.family("ehlo_queue_deliveries", Kind.GAUGE, "Deliveries that are due, in flight, or wait for their time.")
                .sample("state", "ready", health.ready())
                .sample("state", "attempted", health.attempts())
                .sample("state", "deferred", health.deferred());
        text.family("ehlo_spool_messages", Kind.COUNTER, "Messages that the spool has taken.")
                .sample(counts.messages());
        text.family("ehlo_spool_syncs", Kind.COUNTER, "How often the spool has waited for the disk.")
                .sample(counts.syncs());
    }

    private static void ages(MetricText text, List<QueueDepth.Age> ages) {
        if (ages.isEmpty()) {
            return;
        }
        text.family(
                "ehlo_queue_deliveries_by_age",
                Kind.GAUGE,
                "Deliveries in the queue for less than so many seconds, and no less than the next lower number.");
        for (QueueDepth.Age age : ages) {
            Duration below = age.below();
            text.sample("below", below == null ? "+Inf" : String.valueOf(below.toSeconds()), age.deliveries());
        }
    }

    private static void deliveries(MetricText text, QueueCounts.Snapshot now) {
        text.family(
                        "ehlo_queue_accepted",
                        Kind.COUNTER,
                        "Messages that were safe and to be delivered, with notifications.")
                .sample(now.accepted());
        text.family("ehlo_queue_attempts", Kind.COUNTER, "Delivery attempts that have ended.")
                .sample(now.attempts());
        text.family("ehlo_queue_deferrals", Kind.COUNTER, "Attempts after which recipients were to be tried again.")
                .sample(now.deferred());
        text.family("ehlo_queue_recipients", Kind.COUNTER, "Recipients that are settled, by how.")
                .sample("status", "relayed", now.relayed())
                .sample("status", "failed", now.failed());
        text.family("ehlo_queue_notifications", Kind.COUNTER, "Messages that told a sender of recipients.")
                .sample(now.notifications());
        text.family("ehlo_queue_notifications_left_out", Kind.COUNTER, "Those that would have been too many.")
                .sample(now.notificationsLeftOut());
        histogram(text, "ehlo_queue_commit_seconds", "From the end of the content to the disk.", now.acceptToCommit());
        histogram(
                text,
                "ehlo_queue_first_attempt_seconds",
                "From there, or from when it was due, to the first attempt.",
                now.commitToFirstAttempt());
        histogram(text, "ehlo_queue_delivery_seconds", "From there to where a host has it.", now.commitToDelivered());
    }

    private static void loops(MetricText text, List<LoopHealth> loops) {
        text.family("ehlo_loop_busy_seconds", Kind.COUNTER, "Time that an event loop has not spent in waiting.");
        loops.forEach(loop -> text.seconds("loop", loop.name(), loop.busyNanos()));
        text.family("ehlo_loop_longest_callback_seconds", Kind.GAUGE, "The longest that a loop was kept lately.");
        loops.forEach(loop -> text.seconds("loop", loop.name(), loop.longestCallbackNanos()));
        text.family("ehlo_loop_connections", Kind.GAUGE, "Connections on a loop.");
        loops.forEach(loop -> text.sample("loop", loop.name(), loop.connections()));
        text.family("ehlo_loop_buffers", Kind.GAUGE, "Buffers that connections of a loop hold.");
        loops.forEach(loop -> text.sample("loop", loop.name(), loop.buffersLent()));
    }

    private static <K> void each(MetricText text, String label, Map<K, Long> counts, Function<K, String> named) {
        counts.forEach((key, count) -> text.sample(label, named.apply(key), count));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static void histogram(MetricText text, String name, String help, Latencies.Snapshot times) {
        text.family(name, Kind.HISTOGRAM, help);
        for (long millis : BOUNDS) {
            long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
            text.bucket(nanos, times.upTo(nanos));
        }
        text.all(times.count(), times.total());
    }
}
