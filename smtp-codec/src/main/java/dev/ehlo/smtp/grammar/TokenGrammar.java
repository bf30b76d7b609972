package dev.ehlo.smtp.grammar;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Values that are words, in letters of either case: BODY, RET, NOTIFY. Four octets are compared at once; the bit that
 * tells the cases apart is cleared where a letter is wanted, and only a letter can become one so.
 */
final class TokenGrammar {
    private static final VarHandle WORD = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int LETTERS = 0xdfdfdfdf;
    private static final int LETTERS_BUT_THE_FIRST = 0xdfdfdfff;

    private static final int LETTERS_BUT_THE_LAST = 0xffdfdfdf;

    private static final int RFC8 = word("RFC8");
    private static final int TYPE_END = word("822;");
    private static final int SEVEN_BIT = word("7BIT");
    private static final int EIGHT_BIT = word("8BIT");
    private static final int MIME = word("MIME");
    private static final int BINA = word("BINA");
    private static final int RYMI = word("RYMI");
    private static final int FULL = word("FULL");
    private static final int HDRS = word("HDRS");
    private static final int NEVE = word("NEVE");
    private static final int SUCC = word("SUCC");
    private static final int CESS = word("CESS");
    private static final int FAIL = word("FAIL");
    private static final int LURE = word("LURE");
    private static final int DELA = word("DELA");

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

    private static int word(String four) {
        return four.charAt(0) | four.charAt(1) << 8 | four.charAt(2) << 16 | four.charAt(3) << 24;
    }

    private static int upper(ByteBuffer in, int at) {
        return (int) WORD.get(in, at) & LETTERS;
    }

    /** Whether {@code rfc822;} comes first, the type of nearly every address of ORCPT. */
    static boolean isRfc822(ByteBuffer in, int from, int to) {
        return to - from >= 7
                && ((int) WORD.get(in, from) & LETTERS_BUT_THE_LAST) == RFC8
                && (int) WORD.get(in, from + 3) == TYPE_END;
    }

    /** {@code "7BIT" / "8BITMIME" / "BINARYMIME"}; others may come to be, and mean nothing here. RFC 6152 §3, RFC 3030 §3. */
    static long body(ByteBuffer in, int from, int to) {
        int octets = to - from;
        if (octets == 8) {
            boolean known =
                    ((int) WORD.get(in, from) & LETTERS_BUT_THE_FIRST) == EIGHT_BIT && upper(in, from + 4) == MIME;
            return known ? EIGHT_BIT_TYPE : ParameterGrammar.UNKNOWN;
        }
        if (octets == 4) {
            boolean known = ((int) WORD.get(in, from) & LETTERS_BUT_THE_FIRST) == SEVEN_BIT;
            return known ? SEVEN_BIT_TYPE : ParameterGrammar.UNKNOWN;
        }
        boolean binary =
                octets == 10 && upper(in, from) == BINA && upper(in, from + 4) == RYMI && upper(in, from + 6) == MIME;
        return binary ? BINARY_TYPE : ParameterGrammar.UNKNOWN;
    }

    /** {@code "FULL" / "HDRS"}. RFC 3461 §4.3. */
    static long dsnReturn(ByteBuffer in, int from, int to) {
        if (to - from == 4) {
            int word = upper(in, from);
            if (word == HDRS) {
                return HDRS_RETURN;
            }
            if (word == FULL) {
                return FULL_RETURN;
            }
        }
        return ParameterGrammar.MALFORMED;
    }

    /** {@code "NEVER" / 1#("SUCCESS" / "FAILURE" / "DELAY")}; what is said twice is said. RFC 3461 §4.1. */
    static long dsnNotify(ByteBuffer in, int from, int to) {
        int set = 0;
        int at = from;
        while (to - at >= 5) {
            int word = upper(in, at);
            if ((word == SUCC || word == FAIL) && to - at >= 7) {
                if (upper(in, at + 3) != (word == SUCC ? CESS : LURE)) {
                    return ParameterGrammar.MALFORMED;
                }
                set |= word == SUCC ? SUCCESS : FAILURE;
                at += 7;
            } else {
                int fifth = in.get(at + 4) & 0xdf;
                boolean never = word == NEVE && fifth == 'R' && to - from == 5;
                if (!never && (word != DELA || fifth != 'Y')) {
                    return ParameterGrammar.MALFORMED;
                }
                set |= never ? NEVER : DELAY;
                at += 5;
            }
            if (at == to) {
                return set;
            }
            if (in.get(at++) != ',') {
                return ParameterGrammar.MALFORMED;
            }
        }
        return ParameterGrammar.MALFORMED;
    }
}
