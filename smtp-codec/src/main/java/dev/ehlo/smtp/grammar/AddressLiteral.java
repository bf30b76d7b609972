package dev.ehlo.smtp.grammar;

import java.nio.ByteBuffer;

/**
 * Address literals: {@code [192.0.2.1]}, {@code [IPv6:2001:db8::1]}, {@code [tag:content]}. RFC 5321 §4.1.3. Each form
 * is gone through once.
 */
final class AddressLiteral {
    private static final int TAG_OCTETS = 5;
    private static final long IPV6_TAG = Words.of("IPV6:");
    /** The letters of the tag in either case, the rest as it is. */
    private static final long TAG_MASK = Words.head(~Words.head(Words.CASE, 3), TAG_OCTETS);

    private AddressLiteral() {}

    /** The octet after the literal that begins at {@code from} with its bracket, or -1. RFC 5321 §4.5.3.1.2. */
    static int end(ByteBuffer in, int from, int to) {
        int limit = Math.min(to, from + PathGrammar.MAX_DOMAIN);
        int close;
        if ((Words.load(in, from + 1, limit) & TAG_MASK) == IPV6_TAG) {
            close = ipv6(in, from + 1 + TAG_OCTETS, limit);
        } else {
            close = ipv4(in, from + 1, limit);
            if (close < 0) {
                close = general(in, from + 1, limit);
            }
        }
        return close >= 0 && close < limit && in.get(close) == ']' ? close + 1 : -1;
    }

    /**
     * {@code Standardized-tag}, which is a letters-digits-hyphens string not ending in a hyphen, colon, {@code
     * dcontent}.
     */
    private static int general(ByteBuffer in, int from, int to) {
        int at = from;
        while (at < to && (Octets.isAlphanumeric(in.get(at)) || in.get(at) == '-')) {
            at++;
        }
        if (at == from || at == to || in.get(at) != ':' || in.get(at - 1) == '-') {
            return -1;
        }
        int content = ++at;
        while (at < to && isContent(in.get(at))) {
            at++;
        }
        return at > content ? at : -1;
    }

    private static boolean isContent(int octet) {
        return octet > ' ' && octet < 0x7f && (octet < '[' || octet > ']');
    }

    /** The octet after four numbers of one to three digits, each up to 255, or -1. */
    private static int ipv4(ByteBuffer in, int from, int to) {
        int at = from;
        for (int number = 0; number < 4; number++) {
            if (number > 0 && (at == to || in.get(at++) != '.')) {
                return -1;
            }
            int start = at;
            int value = 0;
            while (at < to && at - start < 3 && in.get(at) >= '0' && in.get(at) <= '9') {
                value = value * 10 + in.get(at++) - '0';
            }
            if (at == start || value > 255) {
                return -1;
            }
        }
        return at;
    }

    /**
     * The octet after an IPv6 address, or -1: eight groups, or six at most beside one {@code ::}, which stands for two
     * or more; the last two may be an IPv4 address.
     */
    private static int ipv6(ByteBuffer in, int from, int to) {
        int at = from;
        int groups = 0;
        boolean gap = at < to - 1 && in.get(at) == ':' && in.get(at + 1) == ':';
        if (gap) {
            at += 2;
        }
        while (true) {
            int start = at;
            while (at < to && at - start < 4 && isHex(in.get(at))) {
                at++;
            }
            if (at == start) {
                // The address may end with its gap. Before the first octet here stand the tag and its colon.
                return in.get(at - 1) == ':' && in.get(at - 2) == ':' && isWhole(groups, gap) ? at : -1;
            }
            if (at < to && in.get(at) == '.') {
                groups += 2;
                return isWhole(groups, gap) ? ipv4(in, start, to) : -1;
            }
            groups++;
            if (groups == 8 || at == to || in.get(at) != ':') {
                return isWhole(groups, gap) ? at : -1;
            }
            at++;
            if (at < to && in.get(at) == ':') {
                if (gap) {
                    return -1;
                }
                gap = true;
                at++;
            }
        }
    }

    private static boolean isWhole(int groups, boolean gap) {
        return gap ? groups <= 6 : groups == 8;
    }

    private static boolean isHex(int octet) {
        return octet >= '0' && octet <= '9' || (octet | 0x20) >= 'a' && (octet | 0x20) <= 'f';
    }
}
