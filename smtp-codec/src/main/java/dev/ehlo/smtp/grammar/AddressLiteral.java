package dev.ehlo.smtp.grammar;

import java.nio.ByteBuffer;

/** Address literals: {@code [192.0.2.1]}, {@code [IPv6:2001:db8::1]}, {@code [tag:content]}. RFC 5321 §4.1.3. */
final class AddressLiteral {
    private AddressLiteral() {}

    /** The octet after the literal that begins at {@code from} with its bracket, or -1. */
    static int end(ByteBuffer in, int from, int to) {
        int close = from + 1;
        int colon = -1;
        while (close < to && in.get(close) != ']') {
            int octet = in.get(close);
            if (octet < 33 || octet > 126 || octet == '[' || octet == '\\') {
                return -1;
            }
            if (octet == ':' && colon < 0) {
                colon = close;
            }
            close++;
        }
        if (close >= to) {
            return -1;
        }
        boolean valid;
        if (colon < 0) {
            valid = isIpv4(in, from + 1, close);
        } else if (isIpv6Tag(in, from + 1, colon)) {
            valid = isIpv6(in, colon + 1, close);
        } else {
            valid = isTag(in, from + 1, colon) && close > colon + 1;
        }
        return valid ? close + 1 : -1;
    }

    private static boolean isIpv6Tag(ByteBuffer in, int from, int to) {
        return to - from == 4
                && (in.get(from) | 0x20) == 'i'
                && (in.get(from + 1) | 0x20) == 'p'
                && (in.get(from + 2) | 0x20) == 'v'
                && in.get(from + 3) == '6';
    }

    /** {@code Standardized-tag}: a letters-digits-hyphens string that does not end with a hyphen. */
    private static boolean isTag(ByteBuffer in, int from, int to) {
        for (int at = from; at < to; at++) {
            int c = in.get(at);
            boolean alphanumeric = c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
            if (!alphanumeric && (c != '-' || at == to - 1)) {
                return false;
            }
        }
        return to > from;
    }

    static boolean isIpv4(ByteBuffer in, int from, int to) {
        int numbers = 0;
        int at = from;
        while (at < to) {
            int value = 0;
            int digits = 0;
            while (at < to && in.get(at) >= '0' && in.get(at) <= '9') {
                value = value * 10 + in.get(at++) - '0';
                if (++digits > 3) {
                    return false;
                }
            }
            if (digits == 0 || value > 255) {
                return false;
            }
            numbers++;
            if (at < to && (in.get(at++) != '.' || numbers == 4 || at == to)) {
                return false;
            }
        }
        return numbers == 4;
    }

    /** Eight groups, or fewer around one {@code ::}; the last two groups may be an IPv4 address. */
    static boolean isIpv6(ByteBuffer in, int from, int to) {
        int groups = 0;
        boolean gap = false;
        int at = from;
        if (to - from >= 2 && in.get(from) == ':') {
            if (in.get(from + 1) != ':') {
                return false;
            }
            gap = true;
            at = from + 2;
        }
        while (at < to) {
            int start = at;
            while (at < to && Character.digit(in.get(at), 16) >= 0) {
                at++;
            }
            if (at < to && in.get(at) == '.') {
                groups += 2;
                return isIpv4(in, start, to) && (gap ? groups <= 7 : groups == 8);
            }
            if (at == start || at - start > 4) {
                return false;
            }
            groups++;
            if (at == to) {
                break;
            }
            if (in.get(at++) != ':' || at == to) {
                return false;
            }
            if (in.get(at) == ':') {
                if (gap) {
                    return false;
                }
                gap = true;
                at++;
            }
        }
        return gap ? groups <= 7 : groups == 8;
    }
}
