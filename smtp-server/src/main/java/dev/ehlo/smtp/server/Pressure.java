package dev.ehlo.smtp.server;

import dev.ehlo.smtp.server.driver.MemoryLoad;
import java.util.function.DoubleSupplier;

/**
 * One thing that a server may run short of, and from when on it sheds load for it: first new connections are told {@code
 * 421 4.3.2}, then new transactions {@code 452 4.3.1}; a transaction that has begun is never touched. RFC 5321 §3.8,
 * §4.2.3.
 *
 * <pre>{@code
 * Pressure.of("database", () -> waiting.get() / 1000.0).sheddingAt(0.8, 0.95)
 * }</pre>
 *
 * <p>A server looks after its own memory and the backlog of its handlers without being told. Once it sheds it goes on until
 * the load is {@link #RELIEF} below where that began, so that it does not flap. Immutable; the load is asked for four times
 * a second, on one thread.
 */
public final class Pressure {
    /** How far the load has to fall. */
    public static final double RELIEF = 0.05;

    private final String name;
    private final DoubleSupplier load;
    private final double connectionsAt;
    private final double transactionsAt;

    private Pressure(String name, DoubleSupplier load, double connectionsAt, double transactionsAt) {
        this.name = name;
        this.load = load;
        this.connectionsAt = connectionsAt;
        this.transactionsAt = transactionsAt;
    }

    /**
     * Whatever this tells of, from 0, nothing of it taken, to 1, all of it; connections are shed at 0.9, and
     * transactions at 0.95.
     *
     * @param name for log and metrics
     * @param load must not block for long; what it throws is logged, and the load stands as it was
     */
    public static Pressure of(String name, DoubleSupplier load) {
        return new Pressure(name, load, 0.9, 0.95);
    }

    /** The heap: what was live after the last collection, of what the JVM may have. */
    static Pressure heap() {
        return of("heap", MemoryLoad.ofHeap(System::nanoTime));
    }

    /** Memory outside the heap, where the octets of sockets and files are. */
    static Pressure buffers() {
        return of("buffers", MemoryLoad.ofBuffers());
    }

    /**
     * This pressure, shedding at other loads.
     *
     * @param connections from which load on; infinite for never
     * @param transactions from which load on; infinite for never
     * @throws IllegalArgumentException if either is not above {@link #RELIEF}, or transactions are shed first
     */
    public Pressure sheddingAt(double connections, double transactions) {
        if (!(connections > RELIEF) || !(transactions >= connections)) {
            throw new IllegalArgumentException("shedding of " + name + " at " + connections + ", " + transactions);
        }
        return new Pressure(name, load, connections, transactions);
    }

    /** By which it is told apart. */
    public String name() {
        return name;
    }

    /** How much is taken now. */
    public double load() {
        return load.getAsDouble();
    }

    /** What is shed at that load, if that was shed before. */
    public Shedding shedding(double atLoad, Shedding before) {
        if (atLoad >= transactionsAt - (before == Shedding.TRANSACTIONS ? RELIEF : 0)) {
            return Shedding.TRANSACTIONS;
        }
        return atLoad >= connectionsAt - (before == Shedding.NOTHING ? 0 : RELIEF)
                ? Shedding.CONNECTIONS
                : Shedding.NOTHING;
    }

    @Override
    public String toString() {
        return name + " shedding at " + connectionsAt + ", " + transactionsAt;
    }
}
