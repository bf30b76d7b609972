package dev.ehlo.smtp.grammar;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The arithmetic of Punycode with the parameters of IDNA, encoding and checking. RFC 3492 §5, §6. Allocates nothing.
 */
final class Punycode {
    /** A label has 63 octets, RFC 1035 §2.3.4, of which {@code xn--} takes four. */
    static final int MAX_OCTETS = 59;
    /**
     * U+10FFFF behind as many others as there can be, an octet each: a sum above it stands for nothing. RFC 3492 §6.4.
     */
    private static final long MAX_SUM = 0x110000L * (MAX_OCTETS + 1);

    private static final int BASE = 36;
    private static final int FIRST = 0x80;
    private static final int INITIAL_BIAS = 72;
    private static final int T_MIN = 1;
    private static final int T_MAX = 26;
    private static final int SKEW = 38;
    private static final int DAMP = 700;

    private Punycode() {}

    /**
     * Whether the octets, which are at most {@link #MAX_OCTETS} letters, digits and hyphens, the last one no hyphen,
     * decode to a label; which is not ASCII alone then. RFC 3492 §6.2. Where the code points stand in it is of no
     * interest here, and so nothing has to be kept of them.
     */
    static boolean isDecodable(ByteBuffer in, int from, int to) {
        int basic = basicCodePoints(in, from, to);
        int at = from + basic + (basic > 0 ? 1 : 0);
        long codePoint = FIRST;
        int bias = INITIAL_BIAS;
        long place = 0;
        for (int count = basic + 1; at < to; count++) {
            long before = place;
            // Who goes on has a digit that is not 0, so that the weight stays within 36 times the sum's bound.
            long weight = 1;
            for (int k = BASE; ; k += BASE) {
                int digit = at < to ? digit(in.get(at++)) : -1;
                if (digit < 0) {
                    return false;
                }
                place += digit * weight;
                if (place > MAX_SUM) {
                    return false;
                }
                int threshold = threshold(k, bias);
                if (digit < threshold) {
                    break;
                }
                weight *= BASE - threshold;
            }
            bias = adapt(place - before, count, count == basic + 1);
            codePoint += place / count;
            if (codePoint > Character.MAX_CODE_POINT || codePoint >= 0xd800 && codePoint <= 0xdfff) {
                return false;
            }
            place = place % count + 1;
        }
        return true;
    }

    /** How many octets stand before the last hyphen, which parts them from the digits; 0 if there is none. */
    private static int basicCodePoints(ByteBuffer in, int from, int to) {
        int at = to - 1;
        while (at > from && in.get(at) != '-') {
            at--;
        }
        return Math.max(at - from, 0);
    }

    /** What the octet is worth, or -1. RFC 3492 §5. */
    private static int digit(int octet) {
        int letter = octet | 0x20;
        return octet >= '0' && octet <= '9' ? octet - '0' + 26 : letter >= 'a' && letter <= 'z' ? letter - 'a' : -1;
    }

    /** Digits below it end a number. RFC 3492 §3.3. */
    private static int threshold(int k, int bias) {
        return Math.max(T_MIN, Math.min(k - bias, T_MAX));
    }

    /** RFC 3492 §6.1. */
    private static int adapt(long difference, int count, boolean first) {
        long delta = first ? difference / DAMP : difference / 2;
        delta += delta / count;
        int k = 0;
        while (delta > (BASE - T_MIN) * T_MAX / 2) {
            delta /= BASE - T_MIN;
            k += BASE;
        }
        return (int) (k + (BASE - T_MIN + 1) * delta / (delta + SKEW));
    }

    /**
     * Encodes a label in UTF-8, of 255 octets at most, which is why no sum can overflow. RFC 3492 §6.3.
     *
     * @param out where to, or null to count only
     * @return how many octets it has, or -1 if there are more than {@link #MAX_OCTETS}; as many may be in {@code out}
     *     then
     */
    static int encode(ByteBuffer in, int from, int to, @Nullable StringBuilder out) {
        int count = 0;
        int done = 0;
        for (int at = from; at < to; at++) {
            int octet = in.get(at);
            if (octet >= 0) {
                append(octet, out);
                done++;
            }
            // Each code point has one octet that continues none.
            count += (octet & 0xc0) == 0x80 ? 0 : 1;
        }
        int octets = done;
        if (done > 0) {
            append('-', out);
            octets++;
        }
        boolean first = true;
        int next = FIRST;
        int bias = INITIAL_BIAS;
        long delta = 0;
        while (done < count && octets <= MAX_OCTETS) {
            int least = leastFrom(next, in, from, to);
            delta += (long) (least - next) * (done + 1);
            next = least;
            for (int at = from; at < to; at += Utf8.octets(in, at)) {
                int codePoint = Utf8.codePoint(in, at);
                if (codePoint < next) {
                    delta++;
                } else if (codePoint == next) {
                    octets += number(delta, bias, out);
                    bias = adapt(delta, ++done, first);
                    first = false;
                    delta = 0;
                }
            }
            delta++;
            next++;
        }
        return octets <= MAX_OCTETS ? octets : -1;
    }

    /** The least code point of the label that is not less than the bound. */
    private static int leastFrom(int bound, ByteBuffer in, int from, int to) {
        int least = Integer.MAX_VALUE;
        for (int at = from; at < to; at += Utf8.octets(in, at)) {
            int codePoint = Utf8.codePoint(in, at);
            if (codePoint >= bound && codePoint < least) {
                least = codePoint;
            }
        }
        return least;
    }

    /** A number in digits of a base that varies; how many there are. RFC 3492 §3.3. */
    private static int number(long value, int bias, @Nullable StringBuilder out) {
        long rest = value;
        int digits = 1;
        for (int k = BASE; ; k += BASE) {
            int threshold = threshold(k, bias);
            if (rest < threshold) {
                append(letter((int) rest), out);
                return digits;
            }
            append(letter((int) (threshold + (rest - threshold) % (BASE - threshold))), out);
            rest = (rest - threshold) / (BASE - threshold);
            digits++;
        }
    }

    private static int letter(int digit) {
        return digit < 26 ? 'a' + digit : '0' + digit - 26;
    }

    private static void append(int octet, @Nullable StringBuilder out) {
        if (out != null) {
            out.append((char) octet);
        }
    }
}
