package dev.ehlo.smtp.queue.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;

/** An open file of a {@link Storage}. One thread appends; any may read, at a position each. */
public interface StorageFile extends Closeable {
    /** How many octets the file has. */
    long size() throws IOException;

    /** Writes all that is between position and limit of each buffer at the end of the file. */
    void append(List<ByteBuffer> buffers) throws IOException;

    /** Reads into the buffer from a position: as many octets as fit and are there, or -1 at the end of the file. */
    int read(ByteBuffer into, long position) throws IOException;

    /** The file to be read at positions, by whoever can have the system do so. */
    FileChannel channel();

    /** Returns when what was appended is durable. */
    void force() throws IOException;

    /** Cuts the file to a size. */
    void truncate(long size) throws IOException;

    /** Whether it can still be read: an interrupt of a reading thread closes the file for all. */
    boolean isOpen();
}
