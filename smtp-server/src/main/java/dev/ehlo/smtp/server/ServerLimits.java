package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Rate;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * How much the clients of a server may have of it together, and each of them: over all sessions, where {@link
 * SessionLimits} are for one. Of no RFC, but for what RFC 5321 §7.8 says of resistance to attacks. Immutable.
 *
 * <p>An address here is one of IPv4, or the first 64 bits of one of IPv6; a network is the 24 or 48 bits around it. The
 * client is whom a trusted proxy names, where there is one.
 *
 * <pre>{@code
 * ServerLimits.STANDARD.maxConnections(2_000).connectionsPerAddress(20)
 *         .perAddress(ClientRates.UNLIMITED.connections(Rate.perMinute(60)))
 *         .deny(List.of(Network.parse("192.0.2.0/24")));
 * }</pre>
 */
public final class ServerLimits {
    /**
     * 10,000 connections, 100 of an address, 1,000 of a network; 1,200 connections a minute from an address, 6,000 from a
     * network; of messages and recipients any number from an address and a network, since nobody knows how much another
     * server has to deliver, and 10,000 messages and 50,000 recipients an hour from a login, which may be stolen; 5
     * failed logins of a login and 20 of a network before lock-outs, of 15 minutes at most; nobody allowed or denied.
     */
    public static final ServerLimits STANDARD = new ServerLimits(new Parts());

    private static final Duration LEAST_LOCK_OUT = Duration.ofSeconds(1);
    private static final Duration MOST_LOCK_OUT = Duration.ofDays(1);
    private static final int MOST_FAILED_LOGINS = 1000;

    private static final class Parts implements Cloneable {
        int maxConnections = 10_000;
        int connectionsPerAddress = 100;
        int connectionsPerNetwork = 1000;
        ClientRates perAddress = new ClientRates(Rate.perMinute(1200), Rate.UNLIMITED, Rate.UNLIMITED);
        ClientRates perNetwork = new ClientRates(Rate.perMinute(6000), Rate.UNLIMITED, Rate.UNLIMITED);
        ClientRates perLogin = new ClientRates(Rate.UNLIMITED, Rate.perHour(10_000), Rate.perHour(50_000));
        int failedLoginsPerLogin = 5;
        int failedLoginsPerNetwork = 20;
        Duration longestLockOut = Duration.ofMinutes(15);
        Networks allowed = Networks.NONE;
        Networks denied = Networks.NONE;

        Parts copy() {
            try {
                return (Parts) clone();
            } catch (CloneNotSupportedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private final Parts parts;

    private ServerLimits(Parts parts) {
        this.parts = parts;
    }

    private ServerLimits with(Consumer<Parts> change) {
        Parts changed = parts.copy();
        change.accept(changed);
        return new ServerLimits(changed);
    }

    private static int atLeastOne(String what, int count) {
        if (count < 1) {
            throw new IllegalArgumentException(what + ": " + count);
        }
        return count;
    }

    /**
     * These limits with that many connections at a time in all, those in a handshake included; one more is told 421 4.7.0
     * and closed. RFC 5321 §3.8.
     *
     * @throws IllegalArgumentException if less than 1
     */
    public ServerLimits maxConnections(int inAll) {
        atLeastOne("connections", inAll);
        return with(p -> p.maxConnections = inAll);
    }

    /**
     * These limits with that many connections at a time from one address; one more is told 421 4.7.0 and closed.
     *
     * @throws IllegalArgumentException if less than 1
     */
    public ServerLimits connectionsPerAddress(int connections) {
        atLeastOne("connections of an address", connections);
        return with(p -> p.connectionsPerAddress = connections);
    }

    /**
     * These limits with that many connections at a time from one network; one more is told 421 4.7.0 and closed.
     *
     * @throws IllegalArgumentException if less than 1
     */
    public ServerLimits connectionsPerNetwork(int connections) {
        atLeastOne("connections of a network", connections);
        return with(p -> p.connectionsPerNetwork = connections);
    }

    /** These limits with other rates for each address: of connections, messages and recipients. */
    public ServerLimits perAddress(ClientRates rates) {
        return with(p -> p.perAddress = rates);
    }

    /** These limits with other rates for each network: of connections, messages and recipients. */
    public ServerLimits perNetwork(ClientRates rates) {
        return with(p -> p.perNetwork = rates);
    }

    /** These limits with other rates for each login, of messages and recipients. */
    public ServerLimits perLogin(ClientRates rates) {
        return with(p -> p.perLogin = rates);
    }

    /**
     * These limits with other numbers of failed logins that lock nobody out: of one login, from wherever it is not at
     * home, and of one network.
     *
     * @throws IllegalArgumentException if either is not 1 to 1000
     */
    public ServerLimits failedLogins(int perLogin, int perNetwork) {
        if (Math.min(perLogin, perNetwork) < 1 || Math.max(perLogin, perNetwork) > MOST_FAILED_LOGINS) {
            throw new IllegalArgumentException("failed logins: " + perLogin + ", of a network: " + perNetwork);
        }
        return with(p -> {
            p.failedLoginsPerLogin = perLogin;
            p.failedLoginsPerNetwork = perNetwork;
        });
    }

    /**
     * These limits with another time after which a lock-out ends, however many logins failed.
     *
     * @throws IllegalArgumentException if it is not a second to a day
     */
    public ServerLimits longestLockOut(Duration time) {
        if (time.compareTo(LEAST_LOCK_OUT) < 0 || time.compareTo(MOST_LOCK_OUT) > 0) {
            throw new IllegalArgumentException("lock-out: " + time);
        }
        return with(p -> p.longestLockOut = time);
    }

    /**
     * These limits with these networks free of all that is limited for an address or a network: for other servers of
     * one's own, and for proxies that name nobody. Connections in all and what a login may have are limited for them too.
     * Replaces those of before.
     */
    public ServerLimits allow(Collection<Network> networks) {
        return with(p -> p.allowed = Networks.of(networks));
    }

    /**
     * These limits with clients from these networks told 554 5.7.1 and closed, or closed without a word before the
     * handshake of implicit TLS. Where allowed and denied networks have an address in common, the narrower one counts,
     * and of two alike the one that denies. Replaces those of before. RFC 5321 §3.1, §7.8.
     */
    public ServerLimits deny(Collection<Network> networks) {
        return with(p -> p.denied = Networks.of(networks));
    }

    /** Connections at a time in all. */
    public int maxConnections() {
        return parts.maxConnections;
    }

    /** Connections at a time from one address. */
    public int connectionsPerAddress() {
        return parts.connectionsPerAddress;
    }

    /** Connections at a time from one network. */
    public int connectionsPerNetwork() {
        return parts.connectionsPerNetwork;
    }

    /** Rates for each address. */
    public ClientRates perAddress() {
        return parts.perAddress;
    }

    /** Rates for each network. */
    public ClientRates perNetwork() {
        return parts.perNetwork;
    }

    /** Rates for each login. */
    public ClientRates perLogin() {
        return parts.perLogin;
    }

    /** Failed logins of one login that lock nobody out. */
    public int failedLoginsPerLogin() {
        return parts.failedLoginsPerLogin;
    }

    /** Failed logins of one network that lock nobody out. */
    public int failedLoginsPerNetwork() {
        return parts.failedLoginsPerNetwork;
    }

    /** After which a lock-out has ended. */
    public Duration longestLockOut() {
        return parts.longestLockOut;
    }

    /** The networks that are allowed, in no order. Unmodifiable. */
    public List<Network> allowed() {
        return parts.allowed.all();
    }

    /** The networks that are denied, in no order. Unmodifiable. */
    public List<Network> denied() {
        return parts.denied.all();
    }

    /** Whether a client of that address is free of what is limited for each of them. */
    public boolean isAllowed(InetAddress client) {
        int prefix = parts.allowed.narrowest(client);
        return prefix >= 0 && prefix > parts.denied.narrowest(client);
    }

    /** Whether a client of that address is turned away. */
    public boolean isDenied(InetAddress client) {
        int prefix = parts.denied.narrowest(client);
        return prefix >= 0 && prefix >= parts.allowed.narrowest(client);
    }
}
