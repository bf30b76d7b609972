package dev.ehlo.smtp.server.limit;

import java.net.InetAddress;

/**
 * Where clients come from, as keys of tables. An address is one of IPv4, or the first 64 bits of one of IPv6, where one
 * host has all that follow to itself (RFC 4291 §2.5.1). Around it lies a network of 24 or 48 bits: the narrowest that
 * is routed between providers, and so the least that somebody else can have. No two have the same key, as long as nobody
 * has addresses in 0:ffff::/32, which is reserved.
 */
public final class Sites {
    private static final long IPV4 = 0x0000_ffff_0000_0000L;
    private static final long IPV4_NETWORK = ~0xffL;
    private static final long IPV6_NETWORK = ~0xffffL;
    private static final int OCTETS = 8;

    private Sites() {}

    /** The IPv4 address, or the IPv6 network of 64 bits. */
    public static long address(InetAddress client) {
        byte[] octets = client.getAddress();
        long key = 0;
        for (int i = 0; i < Math.min(OCTETS, octets.length); i++) {
            key = key << 8 | octets[i] & 0xff;
        }
        return octets.length < OCTETS ? IPV4 | key : key;
    }

    /** The network of 24 or 48 bits around what {@link #address} gave. */
    public static long network(long address) {
        return address & (isIpv4(address) ? IPV4_NETWORK : IPV6_NETWORK);
    }

    /** The network of 24 bits around an IPv4 address, an IPv6 network of 64 as it is. */
    static long hosts(long address) {
        return isIpv4(address) ? address & IPV4_NETWORK : address;
    }

    private static boolean isIpv4(long address) {
        return address >>> 32 == IPV4 >>> 32;
    }
}
