package dev.ehlo.smtp.queue.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;

/** A file of the file system. */
record ChannelFile(FileChannel channel, Syncs syncs) implements StorageFile {
    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public void append(List<ByteBuffer> buffers) throws IOException {
        ByteBuffer[] all = buffers.toArray(ByteBuffer[]::new);
        int first = 0;
        while (first < all.length) {
            if (all[first].hasRemaining()) {
                // The system may take fewer buffers, or fewer octets, than it is given.
                channel.write(all, first, all.length - first);
            } else {
                first++;
            }
        }
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
        return channel.read(into, position);
    }

    @Override
    public void force() throws IOException {
        syncs.force(channel, false);
    }

    @Override
    public void truncate(long size) throws IOException {
        channel.truncate(size);
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
