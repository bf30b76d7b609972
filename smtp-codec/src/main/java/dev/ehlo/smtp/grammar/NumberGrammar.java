package dev.ehlo.smtp.grammar;

import java.nio.ByteBuffer;

/** Values that are decimal numbers: SIZE, HOLDFOR, BY, MT-PRIORITY. */
final class NumberGrammar {
    /** RFC 1870 §3. */
    private static final int MAX_SIZE_DIGITS = 20;
    /** Digits of seconds. RFC 4865 §3, RFC 2852 §4. */
    private static final int MAX_SECONDS_DIGITS = 9;

    private static final long ZEROS = '0' * Words.ONES;
    /** Takes what is above 9 to the top bit. */
    private static final long ABOVE_NINE = (0x7f - 9) * Words.ONES;

    private NumberGrammar() {}

    /** {@code 1*20DIGIT}. A number that no long holds is malformed, since nothing can be done with it. */
    static long size(ByteBuffer in, int from, int to) {
        int digits = to - from;
        if (digits <= Long.BYTES) {
            return eightDigits(in, from, to);
        }
        return digits <= MAX_SIZE_DIGITS ? number(in, from, to) : ParameterGrammar.MALFORMED;
    }

    /**
     * Up to eight digits at once: what each is worth, behind zeros in place of the digits that are not there. The first
     * octet of a word is the lowest, so that digits of higher value are in lower octets; neighbours are added up in
     * lanes that double: 8 digits, 4 numbers of 2, 2 of 4, 1 of 8.
     */
    private static long eightDigits(ByteBuffer in, int from, int to) {
        long word = (Words.load(in, from, to) ^ ZEROS) << 8 * (Long.BYTES - (to - from));
        // An octet above 9 gets its top bit here, or has it; a carry comes only from one that has it.
        if (((word + ABOVE_NINE | word) & Words.TOPS) != 0) {
            return ParameterGrammar.MALFORMED;
        }
        word = (word & 0x00ff00ff00ff00ffL) * 10 + (word >>> 8 & 0x00ff00ff00ff00ffL);
        word = (word & 0x0000ffff0000ffffL) * 100 + (word >>> 16 & 0x0000ffff0000ffffL);
        return (word & 0xffffffffL) * 10_000 + (word >>> 32);
    }

    /** {@code %x31-39 *8DIGIT} seconds. RFC 4865 §3. */
    static long holdFor(ByteBuffer in, int from, int to) {
        return to - from <= MAX_SECONDS_DIGITS && in.get(from) != '0'
                ? number(in, from, to)
                : ParameterGrammar.MALFORMED;
    }

    /** {@code ["-" / "+"] 1*9DIGIT ";" ("N" / "R") ["T"]}; R wants a time to come. RFC 2852 §4. */
    static long deliverBy(ByteBuffer in, int from, int to) {
        boolean trace = (in.get(to - 1) & 0xdf) == 'T';
        int mode = to - (trace ? 2 : 1);
        int sign = in.get(from);
        int digits = sign == '-' || sign == '+' ? from + 1 : from;
        int end = mode - 1;
        if (end <= digits || end - digits > MAX_SECONDS_DIGITS || in.get(end) != ';') {
            return ParameterGrammar.MALFORMED;
        }
        long seconds = number(in, digits, end);
        int letter = in.get(mode) & 0xdf;
        boolean valid = seconds >= 0 && (letter == 'N' || letter == 'R' && seconds > 0 && sign != '-');
        return valid ? 0 : ParameterGrammar.MALFORMED;
    }

    /** {@code (["-"] %x31-39) / "0"}. RFC 6710 §7. */
    static long priority(ByteBuffer in, int from, int to) {
        boolean negative = in.get(from) == '-';
        int digit = in.get(to - 1) - '0';
        if (to - from != (negative ? 2 : 1) || digit < (negative ? 1 : 0) || digit > 9) {
            return ParameterGrammar.MALFORMED;
        }
        return negative ? -digit : digit;
    }

    /** Digits and nothing else, at least one; MALFORMED if no long holds the number. */
    private static long number(ByteBuffer in, int from, int to) {
        long number = 0;
        for (int at = from; at < to; at++) {
            int digit = in.get(at) - '0';
            if (digit < 0 || digit > 9 || number > (Long.MAX_VALUE - digit) / 10) {
                return ParameterGrammar.MALFORMED;
            }
            number = number * 10 + digit;
        }
        return number;
    }
}
