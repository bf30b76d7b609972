package dev.ehlo.smtp.queue.journal;

import java.nio.ByteBuffer;

/** The record at which a scan of a segment, or of its index, stands. */
public interface Records {
    /** The type of the record. */
    byte type();

    /** Where in the segment it begins. */
    long offset();

    /** Where in the segment it ends. */
    long end();

    /** What it says, in an index perhaps without what is not needed there; valid until the next one. */
    ByteBuffer payload();
}
