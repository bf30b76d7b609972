package dev.ehlo.smtp.grammar;

import java.nio.ByteBuffer;

/**
 * Values that are words, in letters of either case: BODY, RET, NOTIFY. Up to eight octets are compared at once; the bit
 * that tells the cases apart is cleared where a letter is wanted, and only a letter can become one so.
 */
final class TokenGrammar {
    private static final long RFC822 = Words.of("RFC822;");
    private static final long RFC822_MASK = Words.head(~Words.head(Words.CASE, 3), 7);
    private static final long SEVEN_BIT = Words.of("7BIT");
    private static final long EIGHT_BIT_MIME = Words.of("8BITMIME");
    private static final long ALL_BUT_THE_DIGIT = ~Words.CASE | 0xff;
    private static final long BINARYMI = Words.of("BINARYMI");
    private static final long ME = Words.of("ME");
    private static final long FULL = Words.of("FULL");
    private static final long HDRS = Words.of("HDRS");
    private static final long NEVER_WORD = Words.of("NEVER");
    private static final long SUCCESS_WORD = Words.of("SUCCESS");
    private static final long FAILURE_WORD = Words.of("FAILURE");
    private static final long DELAY_WORD = Words.of("DELAY");

    /** Where the constants stand in {@link dev.ehlo.smtp.BodyType}. */
    private static final int SEVEN_BIT_TYPE = 0;

    private static final int EIGHT_BIT_TYPE = 1;
    private static final int BINARY_TYPE = 2;

    /** Where the constants stand in {@link dev.ehlo.smtp.DsnReturn}. */
    private static final int FULL_RETURN = 0;

    private static final int HDRS_RETURN = 1;

    /** A bit for each constant of {@link dev.ehlo.smtp.DsnNotify}, in its order. */
    private static final int NEVER = 1;

    private static final int SUCCESS = 2;
    private static final int FAILURE = 4;
    private static final int DELAY = 8;

    private TokenGrammar() {}

    /** Whether {@code rfc822;} comes first, the type of nearly every address of ORCPT. */
    static boolean isRfc822(ByteBuffer in, int from, int to) {
        return (Words.load(in, from, to) & RFC822_MASK) == RFC822;
    }

    /**
     * {@code "7BIT" / "8BITMIME" / "BINARYMIME"}; others may come to be, and mean nothing here. RFC 6152 §3, RFC 3030
     * §3.
     */
    static long body(ByteBuffer in, int from, int to) {
        long word = Words.load(in, from, to);
        switch (to - from) {
            case 4:
                return (word & ALL_BUT_THE_DIGIT) == SEVEN_BIT ? SEVEN_BIT_TYPE : ParameterGrammar.UNKNOWN;
            case 8:
                return (word & ALL_BUT_THE_DIGIT) == EIGHT_BIT_MIME ? EIGHT_BIT_TYPE : ParameterGrammar.UNKNOWN;
            case 10:
                boolean binary = Words.upper(word) == BINARYMI && Words.upper(Words.load(in, from + 8, to)) == ME;
                return binary ? BINARY_TYPE : ParameterGrammar.UNKNOWN;
            default:
                return ParameterGrammar.UNKNOWN;
        }
    }

    /** {@code "FULL" / "HDRS"}. RFC 3461 §4.3. */
    static long dsnReturn(ByteBuffer in, int from, int to) {
        long word = to - from == 4 ? Words.upper(Words.load(in, from, to)) : 0;
        return word == FULL ? FULL_RETURN : word == HDRS ? HDRS_RETURN : ParameterGrammar.MALFORMED;
    }

    /** {@code "NEVER" / 1#("SUCCESS" / "FAILURE" / "DELAY")}; what is said twice is said. RFC 3461 §4.1. */
    static long dsnNotify(ByteBuffer in, int from, int to) {
        int set = 0;
        int at = from;
        while (true) {
            long word = Words.upper(Words.load(in, at, to));
            long five = Words.head(word, 5);
            long seven = Words.head(word, 7);
            if (five == DELAY_WORD) {
                set |= DELAY;
                at += 5;
            } else if (seven == FAILURE_WORD || seven == SUCCESS_WORD) {
                set |= seven == FAILURE_WORD ? FAILURE : SUCCESS;
                at += 7;
            } else {
                return five == NEVER_WORD && to - from == 5 ? NEVER : ParameterGrammar.MALFORMED;
            }
            if (at == to) {
                return set;
            }
            if (in.get(at++) != ',') {
                return ParameterGrammar.MALFORMED;
            }
        }
    }
}
