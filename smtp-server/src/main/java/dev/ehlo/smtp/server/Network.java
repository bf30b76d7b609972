package dev.ehlo.smtp.server;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A network in CIDR notation, IPv4 or IPv6. RFC 4632 §3.1, RFC 4291 §2.3. */
public final class Network {
    private final byte[] address;
    private final int prefix;

    private Network(byte[] address, int prefix) {
        this.address = address;
        this.prefix = prefix;
        for (int i = 0; i < address.length; i++) {
            int within = Math.max(0, Math.min(8, prefix - 8 * i));
            address[i] &= (byte) (0xff00 >> within);
        }
    }

    /** The network of that many bits that the address lies in; null if it has not so many. */
    static @Nullable Network around(InetAddress address, int prefix) {
        byte[] octets = address.getAddress();
        return prefix > 8 * octets.length ? null : new Network(octets, prefix);
    }

    int prefix() {
        return prefix;
    }

    /**
     * The network that the text says: {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or one address. Bits beyond the prefix
     * are forgotten; names are not looked up.
     *
     * @throws IllegalArgumentException if it says none
     */
    public static Network parse(String text) {
        int slash = text.indexOf('/');
        byte[] address = octets(slash < 0 ? text : text.substring(0, slash));
        int prefix = slash < 0 ? 8 * address.length : number(text.substring(slash + 1), 8 * address.length);
        if (address.length == 0 || prefix < 0) {
            throw new IllegalArgumentException("not a network: " + text);
        }
        return new Network(address, prefix);
    }

    /** Whether the address lies within. */
    public boolean contains(InetAddress other) {
        byte[] octets = other.getAddress();
        if (octets.length != address.length) {
            return false;
        }
        for (int bit = 0; bit < prefix; bit += 8) {
            int mask = 0xff00 >> Math.min(8, prefix - bit);
            if (((octets[bit / 8] ^ address[bit / 8]) & mask & 0xff) != 0) {
                return false;
            }
        }
        return true;
    }

    private static byte[] octets(String text) {
        if (text.indexOf(':') < 0) {
            return ipv4(text);
        }
        try {
            // With a colon it is a literal or an error, never a name to look up.
            InetAddress literal = text.indexOf('%') < 0 ? InetAddress.getByName(text) : null;
            return literal == null || literal instanceof Inet4Address ? new byte[0] : literal.getAddress();
        } catch (UnknownHostException e) {
            return new byte[0];
        }
    }

    private static byte[] ipv4(String text) {
        String[] parts = text.split("\\.", -1);
        byte[] octets = new byte[4];
        if (parts.length != 4) {
            return new byte[0];
        }
        for (int i = 0; i < 4; i++) {
            int value = number(parts[i], 255);
            if (value < 0) {
                return new byte[0];
            }
            octets[i] = (byte) value;
        }
        return octets;
    }

    /** The decimal number, or -1 if it is none or above {@code max}. */
    private static int number(String digits, int max) {
        boolean plain =
                !digits.isEmpty() && digits.length() <= 3 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        int value = plain ? Integer.parseInt(digits) : -1;
        return value > max ? -1 : value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Network that && prefix == that.prefix && Arrays.equals(address, that.address);
    }

    @Override
    public int hashCode() {
        return 31 * prefix + Arrays.hashCode(address);
    }

    @Override
    public String toString() {
        try {
            return InetAddress.getByAddress(address).getHostAddress() + '/' + prefix;
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of 4 or 16 octets", e);
        }
    }
}
