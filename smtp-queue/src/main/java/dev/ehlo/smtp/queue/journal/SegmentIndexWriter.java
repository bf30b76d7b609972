package dev.ehlo.smtp.queue.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/** Writes what {@link SegmentIndex} reads, into a new file. Used by one thread. */
public final class SegmentIndexWriter implements Closeable {
    private static final int BUFFER = 64 << 10;

    private final StorageFile file;
    private final CRC32C sum = new CRC32C();
    private ByteBuffer buffer = ByteBuffer.allocate(BUFFER);

    /** Creates the file. */
    public SegmentIndexWriter(Storage storage, String path, long segmentOctets) throws IOException {
        file = storage.create(path);
        buffer.putLong(SegmentIndex.VERSION).putLong(segmentOctets);
    }

    /** Adds the record at which another scan stands, with this payload. */
    public void add(Records at, ByteBuffer payload) throws IOException {
        int count = SegmentIndex.RECORD + payload.remaining();
        if (buffer.remaining() < count) {
            flush();
            if (buffer.capacity() < count) {
                buffer = ByteBuffer.allocate(count);
            }
        }
        buffer.put(at.type())
                .putLong(at.offset())
                .putInt((int) (at.end() - at.offset()))
                .putInt(payload.remaining())
                .put(payload);
    }

    /** Ends the file and makes it durable; its name is the caller's affair. */
    public void complete() throws IOException {
        flush();
        buffer.putInt((int) sum.getValue());
        flush();
        file.force();
    }

    private void flush() throws IOException {
        buffer.flip();
        sum.update(buffer.duplicate());
        file.append(List.of(buffer));
        buffer.clear();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
