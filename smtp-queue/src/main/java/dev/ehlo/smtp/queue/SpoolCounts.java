package dev.ehlo.smtp.queue;

/**
 * What a spool has done since its start. Divided by each other they tell how many share a sync.
 *
 * @param messages how many messages were accepted
 * @param syncs how often it waited for the disk to have something; at once for files and folders
 */
public record SpoolCounts(long messages, long syncs) {
    static final SpoolCounts NONE = new SpoolCounts(0, 0);
}
