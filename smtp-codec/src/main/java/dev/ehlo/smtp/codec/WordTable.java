package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.grammar.Words;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Tells which of a few names, whatever their case, a word begins, by one multiplication and one comparison: a perfect hash, found by trial
 * when the table is made. Immutable.
 */
final class WordTable {
    /** Bits of a slot's number: so many slots for a few names that a trial in ten or so meets no collision. */
    private static final int BITS = 6;

    private final long multiplier;
    private final long[] words = new long[1 << BITS];
    private final byte[] places = new byte[1 << BITS];

    /** A table of the names of these, in their order. */
    static <T> WordTable of(T[] values, Function<T, String> name) {
        return new WordTable(Arrays.stream(values).map(name).toList());
    }

    /**
     * A table of the first eight octets of each name.
     *
     * @throws IllegalArgumentException if two names begin alike
     */
    private WordTable(List<String> names) {
        long[] keys = names.stream()
                .mapToLong(name -> Words.upper(Words.of(name.substring(0, Math.min(8, name.length())))))
                .toArray();
        if (Arrays.stream(keys).distinct().count() < keys.length) {
            throw new IllegalArgumentException("names that begin alike: " + names);
        }
        long trial = 1;
        do {
            trial = trial * 0x5851f42d4c957f2dL + 0x14057b7ef767814fL;
        } while (!fill(keys, trial | 1));
        multiplier = trial | 1;
    }

    private boolean fill(long[] keys, long trial) {
        Arrays.fill(words, 0);
        Arrays.fill(places, (byte) -1);
        for (int i = 0; i < keys.length; i++) {
            int slot = slot(keys[i], trial);
            if (places[slot] >= 0) {
                return false;
            }
            words[slot] = keys[i];
            places[slot] = (byte) i;
        }
        return true;
    }

    /** The place of the name in the list, or -1. The word has letters of either case, digits, hyphens and zeros. */
    int find(long word) {
        long key = Words.upper(word);
        int slot = slot(key, multiplier);
        return words[slot] == key ? places[slot] : -1;
    }

    private static int slot(long word, long multiplier) {
        return (int) (word * multiplier >>> Long.SIZE - BITS);
    }
}
