package dev.ehlo.smtp.queue;

import java.util.List;

/**
 * Who delivers the messages of a spool, and hears which are its own. Called from any thread, one call at a time, maybe
 * while the spool holds a lock: it must not block, and not call the spool. Of one message the calls alternate, but that it
 * may hear of the loss of one that it has settled itself meanwhile.
 */
public interface SpoolOwner {
    /**
     * A message belongs to this process from now on: it is attempted by nobody else until it is settled, or lost.
     *
     * @param pending the recipients not settled, in the order of the envelope, which {@link Spool#load} gives
     */
    void owns(QueueId id, List<PendingRecipient> pending);

    /** As {@link #owns(QueueId, List)}, from a spool that knows something of its addresses without reading it. */
    default void owns(QueueId id, List<PendingRecipient> pending, MessageTraits traits) {
        owns(id, pending);
    }

    /**
     * A message is no more this process's: it belongs to another, which held this one for dead, or the one to which it
     * belonged before has settled it. It is not to be attempted any more. What becomes of an attempt in flight is recorded
     * nevertheless.
     */
    void lost(QueueId id);
}
