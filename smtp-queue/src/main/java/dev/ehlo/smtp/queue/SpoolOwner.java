package dev.ehlo.smtp.queue;

import java.util.List;

/**
 * Who delivers the messages of a spool, and hears which are its own. Called from any thread, one call at a time; it
 * must not block.
 */
public interface SpoolOwner {
    /**
     * A message belongs to this process from now on: it is attempted by nobody else until it is settled, or lost.
     *
     * @param pending the recipients not settled, in the order of the envelope, which {@link Spool#load} gives
     */
    void owns(QueueId id, List<PendingRecipient> pending);

    /**
     * A message belongs to another process now, which held this one for dead: it is not to be attempted any more. What
     * becomes of an attempt in flight is recorded nevertheless.
     */
    void lost(QueueId id);
}
