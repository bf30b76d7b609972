package dev.ehlo.smtp.server.driver;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The connections that stand, so that they can be told that the server goes down. Thread-safe. */
public final class LiveConnections {
    private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
    private volatile CompletableFuture<Void> emptied = CompletableFuture.completedFuture(null);
    private volatile boolean draining;

    /** None yet. */
    public LiveConnections() {}

    void add(ServerConnection connection) {
        connections.add(connection);
        if (draining) {
            connection.drain();
        }
    }

    void remove(ServerConnection connection) {
        connections.remove(connection);
        if (connections.isEmpty()) {
            emptied.complete(null);
        }
    }

    /** How many there are. */
    public int count() {
        return connections.size();
    }

    /** Lets each end what it is about, and waits for that so long at most; what is left then is aborted. */
    public void drain(Duration patience) {
        draining = true;
        connections.forEach(ServerConnection::drain);
        if (!awaitNone(patience)) {
            connections.forEach(ServerConnection::abort);
            awaitNone(Duration.ofSeconds(1));
        }
    }

    private boolean awaitNone(Duration patience) {
        CompletableFuture<Void> none = new CompletableFuture<>();
        emptied = none;
        if (connections.isEmpty()) {
            return true;
        }
        try {
            none.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }
}
