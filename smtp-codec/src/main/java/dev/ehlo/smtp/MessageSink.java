package dev.ehlo.smtp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Where the content of one message goes in: written in slices, then completed, in one way or the other, or aborted, each
 * at most once. Used by one thread at a time.
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
     * Tells, before completion, what the receiver knows from the way in: no line begins with a dot, and each ends with
     * CRLF, the last one too, so that the content can be sent by DATA as it is. RFC 5321 §4.5.2.
     */
    default void needsNoStuffing() {}

    /**
     * The content is whole. The stage completes, on any thread, with the reply to end of data: positive once the
     * message is the receiver's responsibility (RFC 5321 §4.2.5), otherwise why it is not. A stage that fails is
     * answered as {@code 451 4.3.0}.
     */
    CompletionStage<Reply> complete();

    /**
     * As {@link #complete()}, where the client hears of each recipient by itself: the replies of those in the envelope, in
     * their order, one for each. Unless overridden what holds for one holds for all. RFC 2033 §4.2.
     *
     * @param recipients how many there are
     */
    default CompletionStage<List<Reply>> completeForEach(int recipients) {
        return complete().thenApply(reply -> Collections.nCopies(recipients, reply));
    }

    /** There will be no more: forget what was written. Does nothing after {@link #complete()}. */
    void abort();
}
