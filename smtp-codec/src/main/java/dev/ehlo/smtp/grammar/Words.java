package dev.ehlo.smtp.grammar;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Eight octets at a time, from heap and direct buffers of whatever byte order: the first octet is the lowest of the
 * word. What is found is marked by the top bit of its octet, so that {@link #run} and {@link #first} count octets by
 * counting zeros. Unless it says otherwise a method marks each octet exactly, and none above 127.
 *
 * <p>The additions never carry from one octet into the next: seven bits and an addend below 128 fit in eight.
 */
public final class Words {
    /** The lowest bit of each octet; times an octet it is a word full of that octet. */
    public static final long ONES = 0x0101010101010101L;
    /** The top bit of each octet. */
    public static final long TOPS = 0x8080808080808080L;
    /** All bits but the top one of each octet. */
    public static final long SEVENS = 0x7f7f7f7f7f7f7f7fL;
    /** What is off in an upper-case letter, and on in a lower-case one. */
    public static final long CASE = 0x2020202020202020L;

    private static final VarHandle WORD = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Words() {}

    /**
     * The word that {@link #load} makes of these octets.
     *
     * @param ascii 8 octets at the most
     */
    public static long of(String ascii) {
        long word = 0;
        for (int i = ascii.length() - 1; i >= 0; i--) {
            word = word << 8 | ascii.charAt(i);
        }
        return word;
    }

    /**
     * The eight octets from {@code at} on; those from {@code to} on are zero, whatever stands there. The last octets of
     * a line are loaded with those before them, which are shifted out again: one load, and no branch to mispredict.
     */
    public static long load(ByteBuffer in, int at, int to) {
        int from = Math.min(at, to - 8);
        if (from < 0) {
            return few(in, at, to);
        }
        int before = at - from;
        return before < 8 ? whole(in, from) >>> (before << 3) : 0;
    }

    /** The eight octets from {@code at} on, all of which lie below the buffer's limit. */
    public static long whole(ByteBuffer in, int at) {
        return (long) WORD.get(in, at);
    }

    private static long few(ByteBuffer in, int at, int to) {
        long word = 0;
        for (int i = to - 1; i >= at; i--) {
            word = word << 8 | in.get(i) & 0xff;
        }
        return word;
    }

    /** Marks the octets from {@code low} to {@code high}, both 1 to 127. */
    public static long between(long word, int low, int high) {
        long seven = word & SEVENS;
        return seven + (0x80 - low) * ONES & ~(seven + (0x7f - high) * ONES) & ~word & TOPS;
    }

    /** Marks the octets that are this one, 0 to 127. */
    public static long equal(long word, int octet) {
        long other = word ^ octet * ONES;
        return ~((other & SEVENS) + SEVENS | other) & TOPS;
    }

    /** Marks the letters A to Z and a to z. */
    public static long letters(long word) {
        return between(word | CASE, 'a', 'z');
    }

    /** Marks the digits. */
    public static long digits(long word) {
        return between(word, '0', '9');
    }

    /** Marks what is neither a blank nor a control character: all from 33 to 126, and all above 127. */
    public static long graphic(long word) {
        long seven = word & SEVENS;
        return (seven + (0x80 - '!') * ONES & ~(seven + ONES) | word) & TOPS;
    }

    /** How many octets from the first on are marked, 0 to 8. */
    public static int run(long marks) {
        return first(~marks & TOPS);
    }

    /** The place of the first mark, 0 to 7; 8 if there is none. */
    public static int first(long marks) {
        return Long.numberOfTrailingZeros(marks) >> 3;
    }

    /** The first octets of the word, 0 to 8 of them, and zeros behind. */
    public static long head(long word, int octets) {
        return octets == 8 ? word : word & (1L << (octets << 3)) - 1;
    }

    /** The word with a to z as A to Z, as long as all its octets are letters, digits, hyphens or zeros. */
    public static long upper(long word) {
        return word & ~CASE;
    }
}
