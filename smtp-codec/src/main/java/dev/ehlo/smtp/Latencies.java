package dev.ehlo.smtp;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long things took, counted in buckets that are at most 1/128 of their value wide: a few thousand numbers, however
 * many things there were. To count one waits for nobody and allocates nothing: threads have a part each, as far as there
 * are processors. Thread-safe.
 *
 * <pre>
 *     bits of the value   ≤ 8              a bucket for each value
 *                         9, 10, 11, …     128 buckets for each length: the first 8 bits tell which
 * </pre>
 */
public final class Latencies {
    private static final int PRECISION_BITS = 8;
    private static final int BUCKETS_PER_LENGTH = 1 << PRECISION_BITS - 1;
    private static final int BUCKETS = (Long.SIZE - PRECISION_BITS + 1) * BUCKETS_PER_LENGTH;
    /** Behind the buckets: the sum of all, and the most. */
    private static final int TOTAL = BUCKETS;

    private static final int MOST = BUCKETS + 1;
    private static final int MAX_PARTS = 16;

    /** A power of two of them, each of 57 KiB. */
    private final AtomicLongArray[] parts = new AtomicLongArray
            [Math.min(MAX_PARTS, Integer.highestOneBit(2 * Runtime.getRuntime().availableProcessors() - 1))];

    /** Of nothing yet. */
    public Latencies() {
        for (int i = 0; i < parts.length; i++) {
            parts[i] = new AtomicLongArray(BUCKETS + 2);
        }
    }

    /** Counts one; a clock that went back counts as no time. */
    public void add(long nanos) {
        long value = Math.max(0, nanos);
        AtomicLongArray part = parts[(int) Thread.currentThread().getId() & parts.length - 1];
        part.getAndIncrement(bucket(value));
        part.getAndAdd(TOTAL, value);
        for (long most = part.get(MOST); value > most; most = part.get(MOST)) {
            if (part.compareAndSet(MOST, most, value)) {
                break;
            }
        }
    }

    /** What was counted until about now; what is counted meanwhile may be in part of it. */
    public Snapshot snapshot() {
        long[] buckets = new long[BUCKETS];
        long count = 0;
        long total = 0;
        long most = 0;
        for (AtomicLongArray part : parts) {
            for (int i = 0; i < BUCKETS; i++) {
                long counted = part.get(i);
                buckets[i] += counted;
                count += counted;
            }
            total += part.get(TOTAL);
            most = Math.max(most, part.get(MOST));
        }
        return new Snapshot(buckets, count, total, most);
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

    /** What was counted up to one moment. Immutable. */
    public static final class Snapshot {
        private final long[] buckets;
        private final long count;
        private final long total;
        private final long most;

        private Snapshot(long[] buckets, long count, long total, long most) {
            this.buckets = buckets;
            this.count = count;
            this.total = total;
            this.most = most;
        }

        /** How many there were. */
        public long count() {
            return count;
        }

        /** All of them together, in nanoseconds. */
        public long total() {
            return total;
        }

        /** The longest, in nanoseconds; 0 if there was none. */
        public long most() {
            return most;
        }

        /**
         * The least time, in nanoseconds, within which that share of all was done, or up to 1/128 more; 0 if there was
         * none.
         *
         * @param share from 0 to 1
         */
        public long within(double share) {
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

        /** How many took that many nanoseconds at most; of those that took up to 1/128 more, some are left out. */
        public long upTo(long nanos) {
            long seen = 0;
            for (int i = 0; i < buckets.length && last(i) <= nanos; i++) {
                seen += buckets[i];
            }
            return seen;
        }
    }
}
