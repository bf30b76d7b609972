package dev.ehlo.smtp;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
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

    /** The content of these octets, which must not change from now on. */
    static MessageSource of(byte[] content) {
        return new MessageSource() {
            @Override
            public long octets() {
                return content.length;
            }

            @Override
            public ReadableByteChannel open() {
                return Channels.newChannel(new ByteArrayInputStream(content));
            }
        };
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
