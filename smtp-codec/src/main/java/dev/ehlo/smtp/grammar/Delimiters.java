package dev.ehlo.smtp.grammar;

import java.nio.ByteBuffer;

/**
 * Where in a line the octets are that are neither letter nor digit: an index, made while the line is looked through for
 * its end, and then walked by the grammar, which so goes from delimiter to delimiter and never octet by octet.
 *
 * <p>What this buys is independence: to find the next delimiter from the one before would chain a load, a dozen
 * operations and a count of zeros for each, while here the words are classified one beside the other and the walk
 * chains nothing but the clearing of a bit.
 *
 * <p>A bit for each octet, counted from the beginning of the line. Reused from line to line; used by one thread.
 */
public final class Delimiters {
    private static final long BLANKS = ' ' * Words.ONES;
    /** Times marks brought to the lowest bits it gathers them, one from each octet, in the top octet. */
    private static final long GATHER = 0x0102040810204080L;

    private final long[] bits;
    private int place;
    /** The word that the last look ended in. */
    private long last;
    /** Where the 64 octets are in which the walk is. */
    int base;
    /** The delimiters among them that are still ahead. A loop keeps it in a variable, which it gives back. */
    long left;

    /** An index of lines of that many octets; what lies behind is not indexed. */
    public Delimiters(int octets) {
        bits = new long[(octets >> 6) + 1];
    }

    /** Indexes {@code from} to {@code to}, with a delimiter at {@code to}, and begins to walk there. */
    void index(ByteBuffer in, int from, int to) {
        for (int at = words(in, from, from, to); at < to; at++) {
            octet(at - from, in.get(at));
        }
        octet(to - from, 0);
        walk(from, from);
    }

    /**
     * Indexes whole words from {@code at} on, which is a multiple of eight from {@code start}.
     *
     * @return the first octet that is a control character or above 127, up to which the index is right; {@code limit}
     *     if there is none
     */
    public int words(ByteBuffer in, int start, int at, int limit) {
        int from = at;
        int next = from - start >> 6;
        long gathered = (from - start & 63) == 0 || next >= bits.length ? 0 : bits[next] & (1L << from - start) - 1;
        for (; from <= limit - 8; from += 8) {
            long word = Words.whole(in, from);
            long flagged = flagged(word);
            gathered |= gather(word) << from - start;
            if (flagged != 0) {
                return ended(next, gathered, word, from, flagged);
            }
            if ((from - start & 63) == 56) {
                put(next++, gathered);
                gathered = 0;
            }
        }
        // Zeros behind the limit are flagged, and so end the last word.
        long word = Words.load(in, from, limit);
        return ended(next, gathered | gather(word) << from - start, word, from, flagged(word));
    }

    private int ended(int next, long gathered, long word, int from, long flagged) {
        put(next, gathered);
        last = word;
        return from + Words.first(flagged);
    }

    private static long flagged(long word) {
        return (word - BLANKS | word) & Words.TOPS;
    }

    /**
     * Marks what is no letter and no digit, up to the first octet that is flagged. With letters in one case, the four
     * bounds of the two ranges are each crossed by an addition; an octet is inside where it has crossed an odd number
     * of them. RFC 5321's Let-dig.
     */
    private static long gather(long word) {
        long low = word | Words.CASE;
        long marks = ~(low + (0x80 - '0') * Words.ONES
                        ^ low + (0x7f - '9') * Words.ONES
                        ^ low + (0x80 - 'a') * Words.ONES
                        ^ low + (0x7f - 'z') * Words.ONES)
                & Words.TOPS;
        return (marks >>> 7) * GATHER >>> 56;
    }

    /** The first octet that is a control character or above 127, of a line that needs no index; {@code limit} if none. */
    public int scan(ByteBuffer in, int at, int limit) {
        int from = at;
        for (; from <= limit - 8; from += 8) {
            long word = Words.whole(in, from);
            long flagged = flagged(word);
            if (flagged != 0) {
                last = word;
                return from + Words.first(flagged);
            }
        }
        last = Words.load(in, from, limit);
        return from + Words.first(flagged(last));
    }

    /** The octets from that place of the last word on, as a word. */
    public long last(int place) {
        return last >>> (place << 3);
    }

    private void put(int index, long gathered) {
        if (index < bits.length) {
            bits[index] = gathered;
        }
    }

    /** Indexes one octet, at that place of the line, whatever it is. */
    public void octet(int offset, int octet) {
        int index = offset >> 6;
        if (index < bits.length) {
            long bit = 1L << offset;
            boolean inside =
                    octet >= '0' && octet <= '9' || octet >= 'A' && octet <= 'Z' || octet >= 'a' && octet <= 'z';
            bits[index] = inside ? bits[index] & ~bit : bits[index] | bit;
        }
    }

    /** Begins, or goes on, to walk at {@code at} in the line that begins at {@code start}. */
    public void walk(int start, int at) {
        int offset = at - start;
        base = at - (offset & 63);
        place = offset >> 6;
        left = bits[place] & -1L << offset;
    }

    /**
     * The next delimiter, which has to be there: the end of the line is one.
     *
     * @return its absolute place in the buffer
     */
    public int next() {
        if (left == 0) {
            more();
        }
        int at = base + Long.numberOfTrailingZeros(left);
        left &= left - 1;
        return at;
    }

    /**
     * The next delimiter that may not stand in the value of an ESMTP parameter, or {@code to} if that comes first. RFC
     * 5321 §4.1.2 excludes blanks, controls and {@code =}; RFC 6531 §3.3 lets octets above 127 in.
     */
    public int nextOutsideValue(ByteBuffer in, int to) {
        long ahead = left;
        while (true) {
            if (ahead == 0) {
                ahead = more();
            }
            int at = base + Long.numberOfTrailingZeros(ahead);
            ahead &= ahead - 1;
            int octet = at < to ? in.get(at) : 0;
            if (octet >= 0 && octet <= ' ' || octet == '=' || octet == 0x7f) {
                left = ahead;
                return Math.min(at, to);
            }
        }
    }

    /** Goes on to the next 64 octets that have a delimiter among them. */
    long more() {
        do {
            base += 64;
            left = bits[++place];
        } while (left == 0);
        return left;
    }
}
