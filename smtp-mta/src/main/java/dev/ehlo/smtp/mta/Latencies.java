package dev.ehlo.smtp.mta;

/**
 * How long things took, counted in buckets that are at most 1/128 of their value wide: a few thousand numbers, however
 * many things there were. Used by one thread at a time.
 *
 * <pre>
 *     bits of the value   ≤ 8              a bucket for each value
 *                         9, 10, 11, …     128 buckets for each length: the first 8 bits tell which
 * </pre>
 */
final class Latencies {
    private static final int PRECISION_BITS = 8;
    private static final int BUCKETS_PER_LENGTH = 1 << PRECISION_BITS - 1;

    private final long[] buckets = new long[(Long.SIZE - PRECISION_BITS + 1) * BUCKETS_PER_LENGTH];
    private long count;
    private long most;

    /** Counts one; a clock that went back counts as no time. */
    void add(long nanos) {
        long value = Math.max(0, nanos);
        buckets[bucket(value)]++;
        count++;
        most = Math.max(most, value);
    }

    long most() {
        return most;
    }

    /**
     * The least time within which that share of all was done, or up to 1/128 more; 0 if there was none.
     *
     * @param share from 0 to 1
     */
    long within(double share) {
        long rank = Math.max(1, (long) Math.ceil(share * count));
        long seen = 0;
        for (int i = 0; i < buckets.length; i++) {
            seen += buckets[i];
            if (seen >= rank) {
                return Math.min(last(i), most);
            }
        }
        return most;
    }

    private static int bucket(long value) {
        int dropped = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(value) - PRECISION_BITS);
        return dropped * BUCKETS_PER_LENGTH + (int) (value >>> dropped);
    }

    /** The greatest value that goes into the bucket. */
    private static long last(int bucket) {
        int dropped = Math.max(0, bucket / BUCKETS_PER_LENGTH - 1);
        long first = bucket - (long) dropped * BUCKETS_PER_LENGTH;
        return (first + 1 << dropped) - 1;
    }
}
