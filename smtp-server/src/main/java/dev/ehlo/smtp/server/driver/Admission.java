package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.tls.reactor.Connection;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how many connections there are, since each may hold buffers: in all, and from one client, which is an IPv4
 * address or an IPv6 network of 64 bits, where one host has all addresses to itself. Thread-safe.
 */
public final class Admission {
    private static final int CLIENT_PREFIX_OCTETS = 8;

    private final int maxConnections;
    private final int maxPerClient;
    private final List<Network> trusted;
    private final AtomicInteger connections = new AtomicInteger();
    private final ConcurrentMap<ByteBuffer, Integer> perClient = new ConcurrentHashMap<>();

    /** These bounds, of which the second is not for clients of the trusted networks. */
    public Admission(int maxConnections, int maxPerClient, List<Network> trusted) {
        this.maxConnections = maxConnections;
        this.maxPerClient = maxPerClient;
        this.trusted = List.copyOf(trusted);
    }

    /** A place for a connection from there; null if there is none left. */
    @Nullable
    Place admit(InetAddress address) {
        Place place = admitUnnamed();
        if (place != null && !place.countFor(address)) {
            place.giveBack();
            return null;
        }
        return place;
    }

    /** A place for a connection whose client is to be named yet, and is counted then; null if there is none left. */
    @Nullable
    Place admitUnnamed() {
        if (connections.incrementAndGet() > maxConnections) {
            leave();
            return null;
        }
        return new Place(this);
    }

    /** Whether a client of that address may have so many connections only. */
    boolean isBounded(InetAddress address) {
        return trusted.stream().noneMatch(network -> network.contains(address));
    }

    /** Tells a client why it is not served, and ends its connection. */
    static void refuse(Connection connection, EncodedReply reply) {
        reply.writeTo(connection.output(reply.length()));
        connection.flush();
        connection.close();
    }

    static ByteBuffer client(InetAddress address) {
        byte[] octets = address.getAddress();
        return ByteBuffer.wrap(octets, 0, Math.min(octets.length, CLIENT_PREFIX_OCTETS));
    }

    /** Counts one more of the client, unless that is one too many. */
    boolean enter(ByteBuffer client) {
        if (perClient.merge(client, 1, Integer::sum) > maxPerClient) {
            leave(client);
            return false;
        }
        return true;
    }

    void leave(ByteBuffer client) {
        perClient.computeIfPresent(client, (key, count) -> count == 1 ? null : count - 1);
    }

    void leave() {
        connections.decrementAndGet();
    }
}
