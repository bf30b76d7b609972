package dev.ehlo.smtp.codec;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One PROXY header, seen in place: whom the proxy in front of this server speaks for. A view on the buffer that
 * {@link ProxyHeaderParser} read, reused by each parse, and valid until the next parse or until the buffer changes (the
 * addresses of INET and INET6 alone stay). Methods whose name begins with {@code to} or {@code copy} lead out of it;
 * nothing else here allocates.
 */
public final class ProxyHeader {
    /** What the proxy did. */
    public enum Command {
        /** It speaks for itself, as for a check of health: the connection's own addresses count. */
        LOCAL,
        /** It speaks for the client that the header names. */
        PROXY
    }

    /** What kind of addresses the header has. */
    public enum Family {
        /** None that this side could use: the connection's own addresses count. */
        UNSPEC(0),
        /** IPv4. */
        INET(1),
        /** IPv6. */
        INET6(2),
        /** Paths of Unix sockets. */
        UNIX(3);

        /** On the wire. */
        final int number;

        Family(int number) {
            this.number = number;
        }
    }

    /** How the client speaks to the proxy. */
    public enum Transport {
        /** Not told. */
        UNSPEC,
        /** TCP, or its like among Unix sockets. */
        STREAM,
        /** UDP, or its like among Unix sockets. */
        DGRAM
    }

    /** Octets of the path of a Unix socket on the wire. */
    static final int UNIX_PATH = 108;

    @Nullable
    ProxyError error;

    int version;
    Command command = Command.LOCAL;
    Family family = Family.UNSPEC;
    Transport transport = Transport.UNSPEC;
    long sourceHigh;
    long sourceLow;
    int sourcePort;
    long destinationHigh;
    long destinationLow;
    int destinationPort;
    final ProxyTlvs tlvs = new ProxyTlvs();
    int sslClient = -1;
    int sslVerify;
    final ProxyTlvs sslTlvs = new ProxyTlvs();
    private @Nullable ByteBuffer in;
    private int paths;

    /** A view with nothing in it yet. */
    public ProxyHeader() {}

    void reset(int newVersion) {
        error = null;
        version = newVersion;
        command = Command.LOCAL;
        family = Family.UNSPEC;
        transport = Transport.UNSPEC;
        sourceHigh = 0;
        sourceLow = 0;
        sourcePort = 0;
        destinationHigh = 0;
        destinationLow = 0;
        destinationPort = 0;
        tlvs.clear();
        sslClient = -1;
        sslVerify = 0;
        sslTlvs.clear();
        in = null;
    }

    void paths(ByteBuffer buffer, int at) {
        in = buffer;
        paths = at;
    }

    /** Why there is no header; null after COMPLETE. */
    public @Nullable ProxyError error() {
        return error;
    }

    /** 1 for the line of text, 2 for the binary form. */
    public int version() {
        return version;
    }

    /** What the proxy did. */
    public Command command() {
        return command;
    }

    /** What kind of addresses there are; {@link Family#UNSPEC} after LOCAL, whatever stands in the header. */
    public Family family() {
        return family;
    }

    /** How the client speaks to the proxy. */
    public Transport transport() {
        return transport;
    }

    /** The first 8 octets of the client's IPv6 address, in network order; 0 for other families. */
    public long sourceHigh() {
        return sourceHigh;
    }

    /** The last 8 octets of the client's IPv6 address, or the 4 of its IPv4 address, in network order. */
    public long sourceLow() {
        return sourceLow;
    }

    /** The client's port, 0 to 65,535. */
    public int sourcePort() {
        return sourcePort;
    }

    /** As {@link #sourceHigh()}, of the address that the client connected to. */
    public long destinationHigh() {
        return destinationHigh;
    }

    /** As {@link #sourceLow()}, of the address that the client connected to. */
    public long destinationLow() {
        return destinationLow;
    }

    /** The port that the client connected to, 0 to 65,535. */
    public int destinationPort() {
        return destinationPort;
    }

    /**
     * The client, made without a look-up of names; empty if the connection's own address counts, or there are paths in
     * its place. An IPv4 address in the form of IPv6 ({@code ::ffff:192.0.2.1}) comes out as the IPv4 address that it
     * is, so that one client has one address.
     */
    public Optional<InetSocketAddress> toSource() {
        return address(sourceHigh, sourceLow, sourcePort);
    }

    /** As {@link #toSource()}, of what the client connected to. */
    public Optional<InetSocketAddress> toDestination() {
        return address(destinationHigh, destinationLow, destinationPort);
    }

    /** The path of the client's Unix socket, without the zeros that fill it up; empty for other families. */
    public byte[] copySourcePath() {
        return path(0);
    }

    /** As {@link #copySourcePath()}, of what the client connected to. */
    public byte[] copyDestinationPath() {
        return path(UNIX_PATH);
    }

    /** The fields beside the addresses; none in version 1, after LOCAL, or where the addresses are not told. */
    public ProxyTlvs tlvs() {
        return tlvs;
    }

    /** The bits of {@link ProxyTlv#CLIENT_SSL} and its like, 0 to 255; -1 if there is no SSL field. */
    public int sslClient() {
        return sslClient;
    }

    /** Whether the client gave a certificate, and the proxy verified it. */
    public boolean isSslVerified() {
        return sslClient > 0
                && (sslClient & (ProxyTlv.CLIENT_CERT_CONN | ProxyTlv.CLIENT_CERT_SESS)) != 0
                && sslVerify == 0;
    }

    /** What the proxy says of verification: 0 for a certificate that was given and is good. */
    public int sslVerify() {
        return sslVerify;
    }

    /** The fields within the SSL field. */
    public ProxyTlvs sslTlvs() {
        return sslTlvs;
    }

    private Optional<InetSocketAddress> address(long high, long low, int port) {
        if (family != Family.INET && family != Family.INET6) {
            return Optional.empty();
        }
        return Optional.of(new InetSocketAddress(family == Family.INET ? ipv4(low) : ipv6(high, low), port));
    }

    /** The address of the last 4 octets. */
    static InetAddress ipv4(long low) {
        return address(ByteBuffer.allocate(4).putInt((int) low).array());
    }

    static InetAddress ipv6(long high, long low) {
        return address(ByteBuffer.allocate(16).putLong(high).putLong(low).array());
    }

    private static InetAddress address(byte[] octets) {
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 octets are an address", e);
        }
    }

    private byte[] path(int offset) {
        ByteBuffer buffer = in;
        if (family != Family.UNIX || buffer == null) {
            return new byte[0];
        }
        int from = paths + offset;
        int to = from + UNIX_PATH;
        while (to > from && buffer.get(to - 1) == 0) {
            to--;
        }
        byte[] path = new byte[to - from];
        buffer.get(from, path);
        return path;
    }
}
