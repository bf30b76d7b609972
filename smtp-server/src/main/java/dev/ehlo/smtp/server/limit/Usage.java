package dev.ehlo.smtp.server.limit;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * What one address, network or login uses of a server: connections at a time, and a bucket of each {@link Pace}. Held by
 * the connections that count for it. Thread-safe, without locks.
 */
final class Usage extends Entry {
    static final AtomicLongFieldUpdater<Usage> CONNECTION_RATE =
            AtomicLongFieldUpdater.newUpdater(Usage.class, "connectionsFull");
    static final AtomicLongFieldUpdater<Usage> MESSAGES =
            AtomicLongFieldUpdater.newUpdater(Usage.class, "messagesFull");
    static final AtomicLongFieldUpdater<Usage> RECIPIENTS =
            AtomicLongFieldUpdater.newUpdater(Usage.class, "recipientsFull");

    private static final AtomicIntegerFieldUpdater<Usage> CONNECTIONS =
            AtomicIntegerFieldUpdater.newUpdater(Usage.class, "connections");

    private volatile int connections;
    private volatile long connectionsFull;
    private volatile long messagesFull;
    private volatile long recipientsFull;

    Usage(long key, long now) {
        super(key);
        connectionsFull = now;
        messagesFull = now;
        recipientsFull = now;
    }

    @Override
    long forgottenAt() {
        return later(connectionsFull, later(messagesFull, recipientsFull));
    }

    /** Counts one more connection, unless that is one too many. */
    boolean enter(int most) {
        for (int seen = connections; seen < most; seen = connections) {
            if (CONNECTIONS.compareAndSet(this, seen, seen + 1)) {
                return true;
            }
        }
        return false;
    }

    void leave() {
        CONNECTIONS.decrementAndGet(this);
    }
}
