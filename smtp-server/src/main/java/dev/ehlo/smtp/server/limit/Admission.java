package dev.ehlo.smtp.server.limit;

import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.ServerLimits;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets clients in as {@link ServerLimits} has it: each connection takes a {@link Place}, which counts for its address, its
 * network and its login. What is remembered of those has an upper bound, some 70 octets for each of four times as many
 * addresses, and networks, as there may be connections. Thread-safe.
 */
public final class Admission {
    /** Of addresses and networks, for each connection there may be. */
    private static final int PLACES_PER_CONNECTION = 4;
    /** Of addresses and networks, so that rates are kept where few connections are. */
    private static final int LEAST_PLACES = 1 << 14;

    private static final int MOST_PLACES = 1 << 20;
    private static final int LOGINS = 1 << 14;

    final ServerLimits limits;
    final LongSupplier clock;
    final Paces perAddress;
    final Paces perNetwork;
    final Paces perLogin;
    final BoundedTable<Usage> addresses;
    final BoundedTable<Usage> networks;
    final BoundedTable<Usage> logins = new BoundedTable<>(LOGINS, Usage::new);
    final NameHash names = new NameHash();
    private final List<Network> trusted;
    private final AtomicInteger connections = new AtomicInteger();

    /**
     * Nobody is there yet.
     *
     * @param trusted networks that are free of what is limited for an address or a network, beside the allowed ones
     * @param nanoTime as {@link System#nanoTime}
     */
    public Admission(ServerLimits limits, List<Network> trusted, LongSupplier nanoTime) {
        this.limits = limits;
        this.clock = nanoTime;
        this.trusted = List.copyOf(trusted);
        this.perAddress = new Paces(limits.perAddress());
        this.perNetwork = new Paces(limits.perNetwork());
        this.perLogin = new Paces(limits.perLogin());
        int places = (int)
                Math.min(MOST_PLACES, Math.max(LEAST_PLACES, (long) PLACES_PER_CONNECTION * limits.maxConnections()));
        this.addresses = new BoundedTable<>(places, Usage::new);
        this.networks = new BoundedTable<>(places, Usage::new);
    }

    /** A place not yet taken, of one connection. */
    public Place place() {
        return new Place(this);
    }

    /** Why that client is not to be served at all, whatever there is of it; null if it may be. */
    @Nullable
    Refusal denial(InetAddress client) {
        return limits.isDenied(client) ? Refusal.DENIED : null;
    }

    /** Whether what is limited for an address or a network is limited for that client. */
    boolean isLimited(InetAddress client) {
        for (Network network : trusted) {
            if (network.contains(client)) {
                return false;
            }
        }
        return !limits.isAllowed(client);
    }

    /** One connection more, unless that is one too many. */
    boolean enter() {
        if (connections.incrementAndGet() > limits.maxConnections()) {
            leave();
            return false;
        }
        return true;
    }

    void leave() {
        connections.decrementAndGet();
    }
}
