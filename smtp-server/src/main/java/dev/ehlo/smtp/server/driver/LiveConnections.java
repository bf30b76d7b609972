package dev.ehlo.smtp.server.driver;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The connections that were let in, in a handshake or past it, so that they can be told that the server goes down.
 * Thread-safe.
 */
public final class LiveConnections {
    /** What the loops have to bring about what they were told to abort. */
    private static final Duration ABORT_PATIENCE = Duration.ofSeconds(1);

    private final Set<LiveConnection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean draining;

    /** None yet. */
    public LiveConnections() {}

    void add(LiveConnection connection) {
        connections.add(connection);
        if (draining) {
            connection.drain();
        }
    }

    void remove(LiveConnection connection) {
        connections.remove(connection);
    }

    /** How many there are. */
    public int count() {
        return connections.size();
    }

    /**
     * Lets each end what it is about, and waits for that so long at most; what is left then is aborted.
     *
     * @param gone completes when none is left, and none comes any more
     */
    public void drain(CompletableFuture<?> gone, Duration patience) {
        draining = true;
        connections.forEach(LiveConnection::drain);
        if (!completes(gone, patience)) {
            connections.forEach(LiveConnection::abort);
            completes(gone, ABORT_PATIENCE);
        }
    }

    private static boolean completes(CompletableFuture<?> gone, Duration patience) {
        try {
            gone.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }
}
