package dev.ehlo.smtp.tls.reactor;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where an {@link OutputQueue} empties itself into: the socket, or the TLS layer in front of it. */
interface OctetSink {
    /**
     * Takes octets from the first of these buffers on, whose positions say how many; keeps no buffer.
     *
     * @return how many; fewer than there are if it takes no more for now
     */
    long take(ByteBuffer[] buffers, int from, int count) throws IOException;

    /**
     * Takes octets of a file.
     *
     * @param atMost positive
     * @return how many; fewer than allowed and left if it takes no more for now
     * @throws UnreadableFileException if it is the file that fails
     */
    long take(FileRegion region, long atMost) throws IOException;
}
