package dev.ehlo.smtp.queue;

/**
 * The sizes that shape a journal, in octets.
 *
 * @param inline content up to this is in the journal, larger content in a file of its own
 * @param segment a segment that has reached this is followed by another
 * @param reserve what must stay free on the disk whatever messages bring, for the records of what becomes of them
 * @param unindexed how many segments that are not written any more have no index, so that the next start reads them
 * @param spares how many files are kept ready for when no more can be made
 */
record JournalLimits(int inline, long segment, long reserve, int unindexed, int spares) {
    /** 256 KiB, 64 MiB, 64 MiB; 64 spare files, about as many large messages as are received at once. */
    static final JournalLimits STANDARD = new JournalLimits(256 << 10, 64L << 20, 64L << 20, 4, 64);

    /** Four without an index, and no spare files. */
    JournalLimits(int inline, long segment, long reserve) {
        this(inline, segment, reserve, 4);
    }

    /** No spare files. */
    JournalLimits(int inline, long segment, long reserve, int unindexed) {
        this(inline, segment, reserve, unindexed, 0);
    }

    /** What a message of undeclared size is thought to need, and one that grows beyond what is set aside for it. */
    long allowance() {
        return inline;
    }

    /** What is set aside for one message at most: a size that is only declared must not hold the whole disk. */
    long held() {
        return 16L * inline;
    }

    /** Dead segments are worth moving survivors only when there is more than this beside twice what is alive. */
    long slack() {
        return 4 * segment;
    }
}
