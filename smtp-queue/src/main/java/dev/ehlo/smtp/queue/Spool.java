package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Where messages are kept from the moment they are accepted until their last recipient is settled. Shared between
 * threads.
 *
 * <p>After a failed sync a spool is at fault: it accepts and records nothing more, and what it holds waits for
 * {@link #resume} or a new start. While it has no room to record what became of recipients it is at fault too, until
 * there is.
 *
 * <p><b>Ownership.</b> A store may be shared between processes, each with a spool of its own. A message has one owner at
 * a time: the process that completed it, and later the one whose {@link SpoolOwner#owns} was called for it. An owner is
 * alive as long as its spool renews a lease, which is the spool's own matter, as is on which thread. What every
 * implementation promises:
 *
 * <ul>
 *   <li>Whoever closes its spool, or does not renew in time, is dead, and one of the others adopts its messages. Two
 *       never both own one.
 *   <li>A spool whose lease is out is at fault, takes and loads nothing, so that no new attempt is made of what another
 *       may own by now. Once it is renewed, {@code lost} is called for each message that another has adopted, before
 *       {@code owns} is for any; the others are its own still.
 *   <li>An attempt in flight does not end with the lease; its recipients may get the message twice. What became of them is
 *       recorded by {@link #crossOff} whoever owns the message: that they have it is so. To {@link #defer} what one does
 *       not own does nothing: the owner's schedule is what counts.
 *   <li>Clocks that jump cost duplicates at worst, and never a message.
 * </ul>
 */
public interface Spool extends AutoCloseable {
    /**
     * A spool in a directory, which is made if it is not there, used by one process at a time. What is acknowledged
     * survives a loss of power, as far as the disk keeps what it said it has synced.
     */
    static Spool directory(Path directory) {
        return directory(directory, Durability.POWER);
    }

    /** As {@link #directory(Path)}, where what is acknowledged survives this much. */
    static Spool directory(Path directory, Durability durability) {
        return new JournalSpool(directory, durability);
    }

    /**
     * A spool that lives as long as the object: what it holds is lost with the process. It takes a quarter of the heap at
     * most, and can be closed and started again.
     */
    static Spool memory() {
        return new MemorySpool(new MemoryStore(Clock.systemUTC(), null, MemoryStore.MOST_OCTETS));
    }

    /**
     * Takes the spool and recovers what it holds. Called once, before anything else.
     *
     * @param owner hears of each message that this process owns from now on, oldest first, before this method returns;
     *     from a store that processes share later too, of those of an owner that died
     * @throws IOException if the spool can't be used, or is in use
     */
    void start(SpoolOwner owner) throws IOException;

    /**
     * Makes room for a message.
     *
     * @param arrival from when its age counts
     * @throws IOException if there is no room (the SIZE parameter is regarded, RFC 1870 §6.1), or the spool is at fault
     *     or closed
     * @throws IllegalArgumentException if the envelope has no recipient
     */
    SpoolWriter open(Envelope envelope, Instant arrival) throws IOException;

    /**
     * Reads a message back, with the recipients that are not settled now. The stage fails with a
     * {@link MessageLostException} if it is damaged, and the spool forgets it; with another {@link IOException} if it is
     * not in the spool (any more), is another's, or can't be read for now.
     */
    CompletionStage<SpooledMessage> load(QueueId id);

    /**
     * Records that recipients are settled, and forgets the message once all are. Settling one again, or one of an
     * unknown message, does nothing, so that it can be repeated. The stage completes when the record is durable; until
     * then a crash lets the recipients be tried again.
     *
     * @param recipients their indexes in the envelope
     * @param status how: {@link DeliveryStatus#RELAYED} or {@link DeliveryStatus#FAILED}
     */
    CompletionStage<Void> crossOff(QueueId id, Collection<Integer> recipients, DeliveryStatus status);

    /**
     * Records that recipients are to be tried again, so that a restart keeps their age. Does nothing to those that are
     * settled, and to a message that is unknown or another's. Stage as for {@link #crossOff}.
     *
     * @param recipients their indexes in the envelope
     */
    CompletionStage<Void> defer(QueueId id, Collection<Integer> recipients, Deferral deferral);

    /** Why the spool takes nothing more, for an operator to read; empty while it is sound. */
    Optional<String> fault();

    /**
     * Goes on after a fault, which an operator has looked into. Waits for what that takes; does nothing to a spool that is
     * sound. What was failed because of the fault stays so: it does not come back at the next start.
     *
     * @throws IOException if the fault is there still; nothing has changed then
     */
    void resume() throws IOException;

    /** What it has done since the start. */
    SpoolCounts counts();

    /**
     * Waits for what is being written and gives the spool free. Content being received is given up.
     *
     * @throws IOException if the files can't be closed; the spool is free nevertheless
     */
    @Override
    void close() throws IOException;
}
