package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what happens, and tells those who listen; nothing is made for them where there are none. Belongs to the
 * scheduler thread.
 */
final class Events {
    private static final Logger LOG = LoggerFactory.getLogger(Events.class);

    private final QueueCounts counts;
    private final List<QueueEvents> listeners;

    Events(QueueCounts counts, List<QueueEvents> listeners) {
        this.counts = counts;
        this.listeners = List.copyOf(listeners);
    }

    void accepted(SpooledMessage message) {
        counts.accepted.increment();
        if (!listeners.isEmpty()) {
            tell(to -> to.accepted(message.id(), message.envelope()));
        }
    }

    /** @param started in milliseconds since 1970, as {@code now} */
    void attempted(Delivery delivery, List<RecipientOutcome> outcomes, long started, long now) {
        counts.attempts.increment();
        if (delivery.attempts == 1) {
            counts.commitToFirstAttempt.add(nanos(started - since(delivery)));
        }
        if (!listeners.isEmpty()) {
            QueueId id = delivery.queueId();
            String lane = delivery.lane == null ? "" : delivery.lane.name;
            int attempt = delivery.attempts;
            Duration took = Duration.ofMillis(Math.max(0, now - started));
            tell(to -> to.attempted(id, lane, attempt, took, outcomes));
        }
    }

    void relayed(Delivery delivery, int recipients, long now) {
        counts.relayed.add(recipients);
        if (delivery.lane != null) {
            delivery.lane.relayed += recipients;
        }
        counts.commitToDelivered.add(nanos(now - since(delivery)));
        settled(delivery, recipients, DeliveryStatus.RELAYED);
    }

    void failed(Delivery delivery) {
        counts.failed.add(delivery.recipients.length);
        settled(delivery, delivery.recipients.length, DeliveryStatus.FAILED);
    }

    private void settled(Delivery delivery, int recipients, DeliveryStatus status) {
        if (!listeners.isEmpty()) {
            QueueId id = delivery.queueId();
            tell(to -> to.settled(id, recipients, status));
        }
    }

    void deferred(Delivery delivery) {
        counts.deferred.increment();
        if (!listeners.isEmpty()) {
            QueueId id = delivery.queueId();
            int recipients = delivery.recipients.length;
            Instant next = Instant.ofEpochMilli(delivery.next);
            tell(to -> to.deferred(id, recipients, next));
        }
    }

    void notified(QueueId id, int recipients, QueueId notification) {
        counts.notifications.increment();
        if (!listeners.isEmpty()) {
            tell(to -> to.notified(id, recipients, notification));
        }
    }

    void laneSuspended(String lane, long until, Reply reply) {
        if (!listeners.isEmpty()) {
            Instant end = Instant.ofEpochMilli(until);
            tell(to -> to.laneSuspended(lane, end, reply));
        }
    }

    void laneRestarted(String lane) {
        if (!listeners.isEmpty()) {
            tell(to -> to.laneRestarted(lane));
        }
    }

    /** When it was due first, as long as that is known; its id tells when it was opened, a trifle before. */
    private static long since(Delivery delivery) {
        return delivery.attempts <= 1 && delivery.next > delivery.queueMillis()
                ? delivery.next
                : delivery.queueMillis();
    }

    private static long nanos(long millis) {
        return millis * 1_000_000;
    }

    private void tell(Consumer<QueueEvents> event) {
        for (QueueEvents listener : listeners) {
            try {
                event.accept(listener);
            } catch (RuntimeException | Error e) {
                LOG.error("defect in a listener of the queue", e);
            }
        }
    }
}
