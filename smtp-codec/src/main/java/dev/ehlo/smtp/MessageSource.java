package dev.ehlo.smtp;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Content that can be read, as often as needed, from its first octet: a message as RFC 5322 has it, not dot-stuffed and
 * without end of data. Shared between threads; each opened channel has one reader.
 */
public interface MessageSource {
    /** How many octets there are. */
    long octets();

    /**
     * A new channel at the first octet; the caller closes it. It yields exactly {@link #octets()} octets. One that is a
     * {@link FileRegion} can be sent without being read.
     *
     * @throws IOException if the content can't be read
     */
    ReadableByteChannel open() throws IOException;

    /**
     * Whether the content has to be gone through to be sent by DATA: unless somebody knows that no line begins with a
     * dot, and that each ends with CRLF, the last one too. RFC 5321 §4.5.2.
     */
    default boolean needsStuffing() {
        return true;
    }

    /** Whether it is all in memory, so that reading it takes no time and is never broken off. */
    default boolean isInMemory() {
        return false;
    }

    /** The content of these octets, which must not change from now on. */
    static MessageSource of(byte[] content) {
        return new BufferSource(ByteBuffer.wrap(content));
    }

    /**
     * The content of these buffers, one behind the other: each from its position to its limit, as they are at this call.
     * What they hold is not copied and must not change from now on; positions and limits may.
     */
    static MessageSource of(ByteBuffer... content) {
        return new BufferSource(content);
    }

    /**
     * The content that each of these streams yields. A stream that can be had only once is to be kept first: in memory
     * by {@code of(stream.readAllBytes())}, or in a file by {@link Files#copy(InputStream, Path,
     * java.nio.file.CopyOption...)}. One that yields another number of octets fails with an {@link IOException} before
     * the last octet is out, so that what was cut short or goes on never passes for the message.
     *
     * @param octets how many each of them yields
     * @param streams read by threads that serve connections: not for what waits for anything slower than a disk
     * @throws IllegalArgumentException if the number is negative
     */
    static MessageSource of(long octets, Streams streams) {
        return new StreamSource(octets, streams);
    }

    /** Streams of the same octets. Called from any thread. */
    @FunctionalInterface
    interface Streams {
        /**
         * A new stream at the first octet; whoever called closes it.
         *
         * @throws IOException if the content can't be read
         */
        InputStream open() throws IOException;
    }

    /**
     * The content of a file, which must not change while it is delivered. Its channels are {@link FileRegion}s.
     *
     * @throws IOException if there is no such file
     */
    static MessageSource of(Path file) throws IOException {
        return new FileSource(file, Files.size(file));
    }
}
