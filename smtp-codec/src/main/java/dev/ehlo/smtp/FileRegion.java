package dev.ehlo.smtp;

import java.io.Closeable;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;

/**
 * A channel whose octets are those of a file from one position to another, for who can have the system send them. Used
 * by one thread.
 */
public interface FileRegion extends ReadableByteChannel {
    /**
     * A part of a file. A read fails where the file has become shorter.
     *
     * @param closing what is closed, once, when the channel is: the file itself, or what lends it
     */
    static FileRegion of(FileChannel file, long position, long octets, Closeable closing) {
        return new FilePart(file, position, octets, closing);
    }

    /** The file, open as long as this channel is; to be read at positions only, and closed by nobody else. */
    FileChannel file();

    /** Where in the file the next octet stands. */
    long position();

    /** How many octets there are from there on. */
    long remaining();
}
