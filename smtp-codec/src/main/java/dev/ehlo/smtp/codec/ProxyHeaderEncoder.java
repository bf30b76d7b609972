package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.codec.ProxyHeader.Family;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * PROXY headers to octets, for a client behind a proxy and for tests. Each method puts a whole header or throws and
 * puts nothing; what the parser would refuse is the caller's mistake.
 */
public final class ProxyHeaderEncoder {
    private static final int STREAM = 1;

    private ProxyHeaderEncoder() {}

    /**
     * Version 1: {@code PROXY TCP4 192.0.2.1 192.0.2.2 40000 25}.
     *
     * @throws IllegalArgumentException if the addresses are of two families, or not resolved
     * @throws java.nio.BufferOverflowException if there is no room
     */
    public static void version1(ByteBuffer out, InetSocketAddress source, InetSocketAddress destination) {
        Family family = family(source, destination);
        line(
                out,
                (family == Family.INET ? "PROXY TCP4 " : "PROXY TCP6 ")
                        + text(source.getAddress())
                        + ' '
                        + text(destination.getAddress())
                        + ' '
                        + source.getPort()
                        + ' '
                        + destination.getPort());
    }

    /**
     * Version 1 without addresses: {@code PROXY UNKNOWN}.
     *
     * @throws java.nio.BufferOverflowException if there is no room
     */
    public static void version1Unknown(ByteBuffer out) {
        line(out, "PROXY UNKNOWN");
    }

    /**
     * Version 2 over TCP.
     *
     * @param tlvs at most {@link ProxyTlvs#MAX_TLVS}, none of a registered type twice
     * @throws IllegalArgumentException if the addresses are of two families or not resolved, or the TLVs could not be
     *     parsed back
     * @throws java.nio.BufferOverflowException if there is no room
     */
    public static void version2(
            ByteBuffer out, InetSocketAddress source, InetSocketAddress destination, List<ProxyTlv> tlvs) {
        Family family = family(source, destination);
        ByteBuffer addresses = ByteBuffer.allocate(ProxyBlockGrammar.addressOctets(family))
                .put(source.getAddress().getAddress())
                .put(destination.getAddress().getAddress())
                .putShort((short) source.getPort())
                .putShort((short) destination.getPort());
        block(out, family, addresses.array(), tlvs);
    }

    /**
     * Version 2 over Unix sockets.
     *
     * @param source the path, of 108 octets at most and without a zero at its end
     * @param destination likewise
     * @param tlvs as {@link #version2}
     * @throws IllegalArgumentException if a path or the TLVs could not be parsed back
     * @throws java.nio.BufferOverflowException if there is no room
     */
    public static void version2Unix(ByteBuffer out, byte[] source, byte[] destination, List<ProxyTlv> tlvs) {
        ByteBuffer addresses = ByteBuffer.allocate(ProxyBlockGrammar.addressOctets(Family.UNIX))
                .put(0, checkedPath(source))
                .put(ProxyHeader.UNIX_PATH, checkedPath(destination));
        block(out, Family.UNIX, addresses.array(), tlvs);
    }

    /**
     * Version 2 by which a proxy speaks for itself, as for a check of health.
     *
     * @throws java.nio.BufferOverflowException if there is no room
     */
    public static void version2Local(ByteBuffer out) {
        out.put(ByteBuffer.allocate(ProxyHeaderParser.FIXED)
                .put(ProxyHeaderParser.signature())
                .put((byte) ProxyHeaderParser.LOCAL)
                .rewind());
    }

    private static void block(ByteBuffer out, Family family, byte[] addresses, List<ProxyTlv> tlvs) {
        int octets =
                addresses.length + tlvs.stream().mapToInt(ProxyTlv::wireOctets).sum();
        if (octets > ProxyHeaderParser.MAX_BLOCK) {
            throw new IllegalArgumentException("too long for a PROXY header: " + octets);
        }
        ByteBuffer header = ByteBuffer.allocate(ProxyHeaderParser.FIXED + octets)
                .put(ProxyHeaderParser.signature())
                .put((byte) ProxyHeaderParser.PROXY)
                .put((byte) (family.number << 4 | STREAM))
                .putShort((short) octets)
                .put(addresses);
        int sum = -1;
        for (ProxyTlv tlv : tlvs) {
            tlv.writeTo(header);
            sum = tlv.type() == ProxyTlv.CRC32C ? header.position() - Integer.BYTES : sum;
        }
        if (sum >= 0) {
            CRC32C checksum = new CRC32C();
            checksum.update(header.putInt(sum, 0).array());
            header.putInt(sum, (int) checksum.getValue());
        }
        ProxyHeader view = new ProxyHeader();
        if (new ProxyHeaderParser().parse(header.flip(), view) != ParseResult.COMPLETE) {
            throw new IllegalArgumentException("not fields of a PROXY header (" + view.error() + "): " + tlvs);
        }
        out.put(header.rewind());
    }

    private static void line(ByteBuffer out, String line) {
        out.put((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static Family family(InetSocketAddress source, InetSocketAddress destination) {
        if (source.isUnresolved() || destination.isUnresolved()) {
            throw new IllegalArgumentException("not resolved: " + source + ", " + destination);
        }
        boolean inet = source.getAddress() instanceof Inet4Address;
        if (inet != destination.getAddress() instanceof Inet4Address) {
            throw new IllegalArgumentException("of two families: " + source + ", " + destination);
        }
        return inet ? Family.INET : Family.INET6;
    }

    private static byte[] checkedPath(byte[] path) {
        if (path.length > ProxyHeader.UNIX_PATH || path.length > 0 && path[path.length - 1] == 0) {
            throw new IllegalArgumentException("not the path of a Unix socket, of octets: " + path.length);
        }
        return path;
    }

    /** As the JDK says it, without a scope: eight groups for IPv6. */
    private static String text(InetAddress address) {
        String text = address.getHostAddress();
        int scope = text.indexOf('%');
        return scope < 0 ? text : text.substring(0, scope);
    }
}
