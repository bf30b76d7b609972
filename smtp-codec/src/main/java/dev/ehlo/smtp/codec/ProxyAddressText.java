package dev.ehlo.smtp.codec;

import java.nio.ByteBuffer;

/**
 * The numbers and addresses of a PROXY line, taken in one form only: decimal numbers without leading zeros, IPv6 with
 * one {@code ::} at most, its last two groups as IPv4 if need be. Reused; allocates nothing.
 */
final class ProxyAddressText {
    private static final int GROUPS = 8;

    private final int[] groups = new int[GROUPS];
    /** The first 8 octets of what was read last. */
    long high;
    /** The last 8 octets of what was read last; an IPv4 address is in the last 4. */
    long low;

    /** Reads {@code from} to {@code to}, all of it; false if that is no IPv4 address. */
    boolean ipv4(ByteBuffer in, int from, int to) {
        high = 0;
        low = ipv4Value(in, from, to);
        return low >= 0;
    }

    /** Reads {@code from} to {@code to}, all of it; false if that is no IPv6 address. */
    boolean ipv6(ByteBuffer in, int from, int to) {
        int count = 0;
        int gap = -1;
        int at = from;
        if (to - from >= 2 && in.get(from) == ':' && in.get(from + 1) == ':') {
            gap = 0;
            at += 2;
        }
        while (at < to) {
            int end = indexOf(in, at, to, ':');
            end = end < 0 ? to : end;
            if (end == to && count <= GROUPS - 2 && indexOf(in, at, to, '.') >= 0) {
                long ipv4 = ipv4Value(in, at, to);
                if (ipv4 < 0) {
                    return false;
                }
                groups[count++] = (int) (ipv4 >>> 16);
                groups[count++] = (int) ipv4 & 0xffff;
                break;
            }
            int group = hexadecimal(in, at, end);
            if (group < 0 || count == GROUPS) {
                return false;
            }
            groups[count++] = group;
            at = end;
            if (at < to && ++at == to) {
                return false;
            }
            if (at < to && in.get(at) == ':') {
                if (gap >= 0) {
                    return false;
                }
                gap = count;
                at++;
            }
        }
        if (gap < 0 ? count < GROUPS : count == GROUPS) {
            return false;
        }
        join(count, gap < 0 ? count : gap);
        return true;
    }

    /** Puts the groups before the gap at the front, and those after it at the end. */
    private void join(int count, int gap) {
        int behind = GROUPS - (count - gap);
        high = 0;
        low = 0;
        for (int i = 0; i < GROUPS; i++) {
            int group = i < gap ? groups[i] : i < behind ? 0 : groups[i - GROUPS + count];
            high = high << 16 | low >>> 48;
            low = low << 16 | group;
        }
    }

    private static long ipv4Value(ByteBuffer in, int from, int to) {
        long address = 0;
        int at = from;
        for (int i = 0; i < 4; i++) {
            int end = i < 3 ? indexOf(in, at, to, '.') : to;
            int number = decimal(in, at, end, 0xff);
            if (number < 0) {
                return -1;
            }
            address = address << 8 | number;
            at = end + 1;
        }
        return address;
    }

    /** The number at {@code from} to {@code to}, or -1 if there is none, one above {@code max}, or a leading zero. */
    static int decimal(ByteBuffer in, int from, int to, int max) {
        if (to <= from || in.get(from) == '0' && to > from + 1) {
            return -1;
        }
        int value = 0;
        for (int at = from; at < to; at++) {
            int digit = in.get(at) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
            if (value > max) {
                return -1;
            }
        }
        return value;
    }

    private static int hexadecimal(ByteBuffer in, int from, int to) {
        if (to <= from || to - from > 4) {
            return -1;
        }
        int value = 0;
        for (int at = from; at < to; at++) {
            int digit = Character.digit(in.get(at), 16);
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    /** Where the octet is next, or -1. */
    static int indexOf(ByteBuffer in, int from, int to, char octet) {
        for (int at = from; at < to; at++) {
            if (in.get(at) == octet) {
                return at;
            }
        }
        return -1;
    }
}
