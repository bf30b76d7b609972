package dev.ehlo.smtp.tls.reactor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * Octets of a file on their way out. They are read when they go; a page that is not in memory holds up the loop until
 * the disk has brought it. Owned by an {@link OutputQueue}; the file stays its opener's.
 */
final class FileRegion {
    /** How many buffers go before it, counted as its queue counts them. */
    final int behind;
    /** The next one in the queue. */
    @Nullable
    FileRegion next;

    private final FileChannel file;
    private long position;
    private long left;

    FileRegion(FileChannel file, long position, long octets, int behind) {
        this.file = file;
        this.position = position;
        this.left = octets;
        this.behind = behind;
    }

    /** Octets that have not gone. */
    long left() {
        return left;
    }

    /** Sends octets past the heap where the system can; fewer than asked for if the socket takes no more for now. */
    long sendTo(WritableByteChannel socket, long atMost) throws IOException {
        long count;
        try {
            count = file.transferTo(position, Math.min(left, atMost), socket);
        } catch (IOException e) {
            probe();
            throw e;
        }
        if (count == 0) {
            probe(); // else a socket without room looks like the end of the file
        }
        advance(count);
        return count;
    }

    /** Reads so many octets, which are no more than are left. */
    void read(ByteBuffer to, int octets) throws UnreadableFileException {
        to.limit(to.position() + octets);
        while (to.hasRemaining()) {
            advance(readOnce(to));
        }
    }

    /** Fails if it is the file that has no more octets to give. */
    private void probe() throws UnreadableFileException {
        readOnce(ByteBuffer.allocate(1));
    }

    private int readOnce(ByteBuffer to) throws UnreadableFileException {
        int count;
        try {
            count = file.read(to, position);
        } catch (IOException e) {
            throw new UnreadableFileException("a file that is being sent can't be read", e);
        }
        if (count <= 0) {
            throw new UnreadableFileException("a file that is being sent ends " + left + " octets early");
        }
        return count;
    }

    private void advance(long count) {
        position += count;
        left -= count;
    }
}
