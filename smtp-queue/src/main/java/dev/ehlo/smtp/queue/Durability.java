package dev.ehlo.smtp.queue;

/** What an acknowledged message survives. RFC 5321 §6.1 leaves it to the receiver; a sender relies on the first. */
public enum Durability {
    /** The loss of power: written and synced before it is acknowledged, as far as the disk keeps what it has synced. */
    POWER,
    /**
     * The end of the process, however it comes, but not of the system: written before it is acknowledged, and synced by
     * the system when it sees fit. After a loss of power acknowledged messages may be missing, and settled ones be back.
     */
    PROCESS
}
