package dev.ehlo.smtp.queue;

import java.io.IOException;

/**
 * Something that waits to be durable. It is written with others in one go, and then either applied to the journal's
 * index and done, or failed. All methods are called by the commit thread.
 */
interface Commit {
    /** How many octets it will write, about. */
    default long octets() {
        return 0;
    }

    /** Whether it is written later where there is no room for it now, rather than failed. */
    default boolean waitsForRoom() {
        return false;
    }

    /** Puts what is to be written, framed; nothing if there is nothing to record. */
    default void write(Journal journal, RecordOutput out) throws IOException {}

    /** It is durable, at that offset of the segment. */
    default void apply(Journal journal, Segment segment, long offset, int octets) {}

    /** Tells those who wait. */
    void done();

    /** Tells those who wait that it did not become durable. */
    void failed(IOException cause);
}
