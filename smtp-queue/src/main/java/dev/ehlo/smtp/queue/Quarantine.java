package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.journal.SegmentName;
import dev.ehlo.smtp.queue.journal.Storage;
import dev.ehlo.smtp.queue.journal.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folder {@code corrupt}: what can't be read, for people to look at, and to delete when they have. */
record Quarantine(Storage storage) {
    private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);
    private static final String FOLDER = "corrupt";
    private static final int COPY_OCTETS = 1 << 20;

    /** Tells how much is in it. Nothing is ever deleted there but by people. */
    void report() throws IOException {
        long octets = 0;
        List<String> names = storage.list(FOLDER);
        for (String name : names) {
            octets += Math.max(0, storage.size(FOLDER + '/' + name));
        }
        if (!names.isEmpty()) {
            LOG.warn(
                    "spool {}: {} files with {} octets in {}/, to be looked at", storage, names.size(), octets, FOLDER);
        }
    }

    /** Copies a part of a segment, as far as it goes, durably; answers with the name of the copy. */
    String copy(SegmentName segment, StorageFile file, long from, long to) throws IOException {
        long end = Math.max(from, Math.min(to, file.size()));
        String name = FOLDER + '/' + segment.stem() + '-' + from;
        // An earlier start may have been ended in the middle of it.
        storage.delete(name);
        try (StorageFile copy = storage.create(name)) {
            ByteBuffer octets = ByteBuffer.allocate((int) Math.min(COPY_OCTETS, end - from));
            for (long at = from; at < end; at += octets.limit()) {
                octets.clear().limit((int) Math.min(octets.capacity(), end - at));
                while (octets.hasRemaining()) {
                    if (file.read(octets, at + octets.position()) < 0) {
                        throw new IOException("segment became shorter while it was read");
                    }
                }
                octets.flip();
                copy.append(List.of(octets.duplicate()));
            }
            copy.force();
        }
        storage.syncFolder(FOLDER);
        return name;
    }

    /** Takes a file in, if it is there. */
    void move(String from, String name) throws IOException {
        if (storage.size(from) >= 0) {
            storage.move(from, FOLDER + '/' + name);
        }
    }
}
