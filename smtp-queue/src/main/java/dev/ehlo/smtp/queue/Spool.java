package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Where messages are kept from the moment they are accepted until their last recipient is settled. Shared between
 * threads. A message has one owner at a time: the process to which {@link #start} gave it, or that appended it.
 *
 * <p>After a failed sync a spool is at fault: it accepts and records nothing more, and what it holds waits for
 * {@link #resume} or a new start. While it has no room to record what became of recipients it is at fault too, until there is.
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

    /** A spool that lives as long as the object, for tests; it can be closed and started again. */
    static Spool memory() {
        return new MemorySpool();
    }

    /**
     * Takes the spool and recovers what it holds. Called once, before anything else.
     *
     * @param owner hears of each message that this process owns from now on, oldest first, before this method returns;
     *     from a spool shared between processes later too, from any thread, of those of an owner that died
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
     * Reads a message back. The stage fails with a {@link MessageLostException} if it is damaged, and the spool forgets
     * it; with another {@link IOException} if it is not in the spool (any more), or can't be read for now.
     */
    CompletionStage<SpooledMessage> load(QueueId id);

    /**
     * Records that recipients are settled, and forgets the message once all are. Settling one again, or one of an
     * unknown message, does nothing. The stage completes when the record is durable; until then a crash lets the
     * recipients be tried again.
     *
     * @param recipients their indexes in the envelope
     * @param status how: {@link DeliveryStatus#RELAYED} or {@link DeliveryStatus#FAILED}
     */
    CompletionStage<Void> crossOff(QueueId id, Collection<Integer> recipients, DeliveryStatus status);

    /**
     * Records that recipients are to be tried again, so that a restart keeps their age. Stage as for
     * {@link #crossOff}.
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
