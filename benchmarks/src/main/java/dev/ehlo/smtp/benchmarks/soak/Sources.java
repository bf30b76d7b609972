package dev.ehlo.smtp.benchmarks.soak;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.atomic.AtomicInteger;

/** Addresses to connect from, in turns, so that no limit on one client is met unless it is meant to be. Thread-safe. */
final class Sources {
    private static final int LOOPBACK = 127;
    private static final int OCTET = 256;
    private static final int LAST_HOST = 254;

    private final int second;
    private final int networks;
    private final int hosts;
    private final AtomicInteger next = new AtomicInteger();

    private Sources(int second, int networks, int hosts) {
        this.second = second;
        this.networks = networks;
        this.hosts = hosts;
    }

    /**
     * So many networks of 24 bits, one address after the other in each.
     *
     * @param second of the four numbers of the first address, 1 to 255; each 256 networks take one more
     */
    static Sources spread(int second, int networks) {
        if (second < 1 || networks < 1 || second + (networks - 1) / OCTET >= OCTET) {
            throw new IllegalArgumentException("networks: " + networks + " from 127." + second);
        }
        return new Sources(second, networks, LAST_HOST);
    }

    /** All addresses of 127.{@code second}.0.0/24. */
    static Sources network(int second) {
        return spread(second, 1);
    }

    /** 127.{@code second}.0.1 alone. */
    static Sources address(int second) {
        return new Sources(second, 1, 1);
    }

    /** With a port that the system chooses. */
    InetSocketAddress next() {
        int turn = next.getAndIncrement() & Integer.MAX_VALUE;
        int network = turn % networks;
        int host = 1 + turn / networks % hosts;
        byte[] octets = {
            LOOPBACK, (byte) (second + network / OCTET), (byte) (network % OCTET), (byte) host,
        };
        try {
            return new InetSocketAddress(InetAddress.getByAddress(octets), 0);
        } catch (UnknownHostException e) {
            throw new AssertionError("four octets", e);
        }
    }
}
