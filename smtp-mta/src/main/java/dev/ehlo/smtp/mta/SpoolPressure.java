package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.queue.MailQueue;
import dev.ehlo.smtp.server.Pressure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * By which the server knows that its queue is about to take no more: it turns away who comes before it has to turn away
 * what has been let in.
 */
final class SpoolPressure {
    /** What the spool leaves free in any case, and a little. */
    static final long RESERVE = 64L << 20;
    /** With so much more all is well; with a tenth of it connections are shed, two large messages before the end. */
    static final long COMFORT = 1L << 30;

    private SpoolPressure() {}

    /** Of a queue that is at fault: a full disk, a failed sync. */
    static Pressure fault(MailQueue queue) {
        return Pressure.of("queue", () -> queue.health().isSound() ? 0 : 1);
    }

    /** Of the disk below the spool. */
    static Pressure disk(Path spool) throws IOException {
        FileStore store = Files.getFileStore(spool);
        return disk(store.getTotalSpace(), () -> {
            try {
                return store.getUsableSpace();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Of a disk with so many octets in all, and so many free. */
    static Pressure disk(long total, LongSupplier usable) {
        // Half of a small disk is as good as a lot of a large one.
        double comfort = Math.max(1, Math.min(COMFORT, (total - RESERVE) / 2));
        return Pressure.of("disk", () -> Math.max(0, 1 - (usable.getAsLong() - RESERVE) / comfort));
    }
}
