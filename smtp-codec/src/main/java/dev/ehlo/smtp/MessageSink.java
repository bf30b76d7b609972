package dev.ehlo.smtp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Where the content of one message goes in: written in slices, then completed or aborted, each at most once. Used by
 * one thread at a time.
 */
public interface MessageSink {
    /**
     * A sink that takes nothing, and says why before any content is asked for.
     *
     * @throws IllegalArgumentException if the reply is not 4yz or 5yz
     */
    static MessageSink refusing(Reply reply) {
        return new RefusingSink(reply);
    }

    /** Why no content is wanted, asked before 354; empty to go on. RFC 5321 §4.1.1.4. */
    default Optional<Reply> refusal() {
        return Optional.empty();
    }

    /**
     * Takes the octets between position and limit, all of them. The slice is the caller's: it may be read during this
     * call only, and to keep octets is to copy them.
     *
     * @throws IOException if the content can't be taken; the caller then aborts, and refuses the message for now
     */
    void write(ByteBuffer slice) throws IOException;

    /**
     * The content is whole. The stage completes, on any thread, with the reply to end of data: positive once the
     * message is the receiver's responsibility (RFC 5321 §4.2.5), otherwise why it is not. A stage that fails is
     * answered as {@code 451 4.3.0}.
     */
    CompletionStage<Reply> complete();

    /** There will be no more: forget what was written. Does nothing after {@link #complete()}. */
    void abort();
}
