package dev.ehlo.smtp.queue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;

/**
 * The content of one message on its way into a spool: written in slices, then completed or aborted, each at most once.
 * Used by one thread at a time.
 */
public interface SpoolWriter {
    /** The name the message will have. */
    QueueId id();

    /**
     * Takes the octets between position and limit, all of them; the slice is read during this call only.
     *
     * @throws IOException if the content can't be taken; the caller then aborts
     */
    void write(ByteBuffer slice) throws IOException;

    /** Tells that no line begins with a dot and each ends with CRLF, the last one too; before completion, if at all. */
    default void needsNoStuffing() {}

    /**
     * The content is whole. The stage completes, on a thread of the spool, once the message would survive what the
     * spool protects against; it fails with an {@link IOException} if the spool does not have it.
     */
    CompletionStage<SpooledMessage> complete();

    /** Forgets what was written. Does nothing after {@link #complete()}. */
    void abort();
}
