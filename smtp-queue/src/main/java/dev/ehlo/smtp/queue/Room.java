package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.journal.Storage;
import java.io.IOException;

/**
 * What is free on the disk of the spool, less what is promised to messages on their way: they would otherwise all be
 * let in on the same room. Shared between threads.
 */
final class Room {
    private final Storage storage;
    private final long reserve;
    private long promised;

    Room(Storage storage, long reserve) {
        this.storage = storage;
        this.reserve = reserve;
    }

    /**
     * Sets octets aside for one message, until they are given back.
     *
     * @param expected what it needs in all, as far as is known
     * @throws IOException if there is no room for what it needs; none are set aside
     */
    synchronized void promise(long expected, long octets) throws IOException {
        check(promised, expected);
        promised += octets;
    }

    /** Promised octets are on the disk, or will not come. */
    synchronized void giveBack(long octets) {
        promised -= octets;
    }

    /** Whether what is promised can be kept, when others too write to the disk. */
    void checkReserve(long octets) throws IOException {
        check(0, octets);
    }

    private void check(long others, long octets) throws IOException {
        if (octets > storage.usableOctets() - reserve - others) {
            throw new IOException("less than " + reserve + " octets would stay free on the disk of the spool");
        }
    }
}
