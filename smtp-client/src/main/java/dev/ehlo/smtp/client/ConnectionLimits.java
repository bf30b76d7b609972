package dev.ehlo.smtp.client;

import java.time.Duration;

/**
 * How many connections a client has at a time, and who may wait for one. A destination is one address of a host, with
 * what is asked of its TLS and the login. These are bounds for the client as a whole, however many loops it has.
 *
 * @param perDestination connections that stand, are being made or are being left
 * @param inAll the same for all destinations; where they are all taken, one that is idle is left for another destination
 * @param patience how long a delivery waits for a connection of its destination before it is not sent
 * @param waiting how many deliveries wait for connections of one destination; one more is not sent at once
 */
public record ConnectionLimits(int perDestination, int inAll, Duration patience, int waiting) {
    /** 20 are what Postfix makes for a destination. */
    private static final ConnectionLimits STANDARD = new ConnectionLimits(20, 500, Duration.ofMinutes(5), 10_000);

    /** @throws IllegalArgumentException if a number is not positive, or the time is not, or longer than a day */
    public ConnectionLimits {
        if (patience.isNegative() || patience.isZero() || patience.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("not a time limit: " + patience);
        }
        for (int number : new int[] {perDestination, inAll, waiting}) {
            if (number < 1) {
                throw new IllegalArgumentException("not a number of connections or deliveries: " + number);
            }
        }
    }

    /** 20 connections for each destination and 500 in all; 10,000 deliveries wait for a destination, five minutes each. */
    public static ConnectionLimits standard() {
        return STANDARD;
    }

    /**
     * The same with so many connections for each destination.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public ConnectionLimits perDestination(int connections) {
        return new ConnectionLimits(connections, inAll, patience, waiting);
    }

    /**
     * The same with so many connections in all.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public ConnectionLimits inAll(int connections) {
        return new ConnectionLimits(perDestination, connections, patience, waiting);
    }

    /**
     * The same with that many deliveries that wait that long.
     *
     * @throws IllegalArgumentException as the constructor
     */
    public ConnectionLimits waiting(int deliveries, Duration longest) {
        return new ConnectionLimits(perDestination, inAll, longest, deliveries);
    }
}
