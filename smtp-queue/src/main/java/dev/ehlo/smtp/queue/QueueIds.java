package dev.ehlo.smtp.queue;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Gives out ids, each greater than every one before it, whatever the clock does. Shared between threads.
 */
final class QueueIds {
    private final AtomicLong last = new AtomicLong();

    QueueId next(Instant now) {
        long floor = now.toEpochMilli() << QueueId.COUNTER_BITS;
        return new QueueId(last.updateAndGet(previous -> Math.max(previous + 1, floor)));
    }

    /** Nothing given out from now on is at or below {@code id}. */
    void passed(long id) {
        last.accumulateAndGet(id, Math::max);
    }

    long last() {
        return last.get();
    }
}
