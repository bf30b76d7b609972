package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Delivers by the first of several ways that is open: where a network blocks one port, by another. Goes on only where a
 * way ended before anybody could know who we are or have the mail: no connection, no greeting, no TLS. What a host said
 * by a reply stands, and so does a certificate that was refused: to hide that would be to hide an attack. What worked
 * is tried first for a while. Thread-safe.
 */
final class ChainAgent implements SmtpAgent.Way {
    /** How long another way than the first is tried first, because it worked. */
    static final long REMEMBERED_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final Transport transport;
    private final List<SmarthostAgent> ways;
    private Worked worked;

    /** Which way did, and since when that is remembered. */
    private record Worked(int way, long since) {}

    /** By those, one at least. */
    ChainAgent(Transport transport, List<Smarthost> ways) {
        this.transport = transport;
        this.ways =
                ways.stream().map(each -> new SmarthostAgent(transport, each)).toList();
        this.worked = new Worked(0, transport.nanoTime());
    }

    @Override
    public void deliver(Envelope envelope, Content content, OpenReport report) {
        // From here on the time limit is that of each part.
        if (report.begin()) {
            int first = first();
            List<Integer> order = IntStream.concat(
                            IntStream.of(first), IntStream.range(0, ways.size()).filter(i -> i != first))
                    .boxed()
                    .toList();
            attempt(envelope, content, report, order, 0, null);
        }
    }

    /** The way to begin with. */
    private synchronized int first() {
        Worked last = worked;
        long now = transport.nanoTime();
        if (last.way() == 0 || now - last.since() < REMEMBERED_NANOS) {
            return last.way();
        }
        // One delivery goes and sees whether the first way is open again, and the others need not wait with it.
        worked = new Worked(last.way(), now);
        return 0;
    }

    private synchronized void worked(int way) {
        if (worked.way() != way) {
            worked = new Worked(way, transport.nanoTime());
        }
    }

    /** @param best what tells most of why the ways before were not open; null if there were none */
    private void attempt(
            Envelope envelope,
            Content content,
            OpenReport whole,
            List<Integer> order,
            int at,
            @Nullable DeliveryReport best) {
        OpenReport part = transport.openPart(envelope, whole);
        Then.then(whole, part, (done, error) -> {
            if (whole.isCancelled()) {
                part.cancel(false);
            }
        });
        int way = order.get(at);
        Then.then(part, whole, (report, error) -> {
            if (report == null) {
                whole.completeExceptionally(DnsLookUps.cause(error));
            } else if (!isClosed(report)) {
                worked(way);
                whole.complete(report);
            } else {
                DeliveryReport telling = best == null || cameFarther(report, best) ? report : best;
                boolean isOver = part.isCertificateRefused()
                        || at + 1 == order.size()
                        || whole.isDone()
                        || whole.remaining(transport.nanoTime()) <= 0;
                if (isOver) {
                    whole.complete(part.isCertificateRefused() ? report : telling);
                } else {
                    attempt(envelope, content, whole, order, at + 1, telling);
                }
            }
        });
        ways.get(way).deliver(envelope, content, part);
    }

    /** Whether the delivery ended before it could come to a login. */
    private static boolean isClosed(DeliveryReport report) {
        return !report.outcomes().isEmpty()
                && report.outcomes().stream()
                        .allMatch(each -> each.status() == DeliveryStatus.NOT_SENT
                                && (each.phase() == null || each.phase().compareTo(DeliveryPhase.AUTH) < 0));
    }

    private static boolean cameFarther(DeliveryReport report, DeliveryReport other) {
        DeliveryPhase phase = report.outcomes().get(0).phase();
        DeliveryPhase before = other.outcomes().get(0).phase();
        return phase != null && (before == null || phase.compareTo(before) > 0);
    }
}
