package dev.ehlo.smtp;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;

/** What {@link FileRegion#of} gives. */
final class FilePart implements FileRegion {
    private final FileChannel file;
    private final Closeable closing;
    private final long end;
    private long position;
    private boolean closed;

    FilePart(FileChannel file, long position, long octets, Closeable closing) {
        this.file = file;
        this.position = position;
        this.end = position + octets;
        this.closing = closing;
    }

    @Override
    public FileChannel file() {
        return file;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public long remaining() {
        return end - position;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        if (position == end) {
            return -1;
        }
        int limit = into.limit();
        into.limit((int) Math.min(limit, into.position() + end - position));
        try {
            int octets = file.read(into, position);
            if (octets < 0) {
                throw new IOException("content is " + remaining() + " octets shorter than it was");
            }
            position += octets;
            return octets;
        } finally {
            into.limit(limit);
        }
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            closing.close();
        }
    }
}
