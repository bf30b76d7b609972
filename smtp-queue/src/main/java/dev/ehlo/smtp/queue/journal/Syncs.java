package dev.ehlo.smtp.queue.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.LongAdder;

/**
 * Makes files durable, and counts how often; or leaves it to the system when it writes them, which the end of a process
 * does not hinder. Shared between threads.
 */
final class Syncs {
    private final boolean waits;
    private final LongAdder count = new LongAdder();

    Syncs(boolean waits) {
        this.waits = waits;
    }

    /** @param metadata whether more than what is needed to read the file back, as for a folder */
    void force(FileChannel channel, boolean metadata) throws IOException {
        if (waits) {
            count.increment();
            channel.force(metadata);
        }
    }

    long count() {
        return count.sum();
    }
}
