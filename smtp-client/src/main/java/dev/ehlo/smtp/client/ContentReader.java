package dev.ehlo.smtp.client;

import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.codec.DataEncoder;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The content of one message on its way into output buffers, read in blocks and framed as DATA wants it, or as it is. */
final class ContentReader implements Closeable {
    /** Octets read at a time at most: what one read may hold up the loop for. */
    static final int MAX_BLOCK = 64 * 1024;
    /** The room that {@link #readInto} needs to get on. */
    static final int ROOM = 1024;

    private static final Logger LOG = LoggerFactory.getLogger(ContentReader.class);

    private final ReadableByteChannel channel;
    private final ByteBuffer block;
    private final @Nullable DataEncoder encoder;
    private long unread;

    /** @param binary whether the octets go as they are, and nothing ends them */
    ContentReader(MessageSource content, boolean binary) throws IOException {
        this.encoder = binary ? null : new DataEncoder();
        this.channel = content.open();
        this.unread = content.octets();
        this.block = ByteBuffer.allocate((int) Math.max(1, Math.min(MAX_BLOCK, unread)))
                .flip();
    }

    /** Whether any octet of the content is beyond ASCII; reads it up to that octet. */
    static boolean hasEightBit(MessageSource content) throws IOException {
        try (ContentReader reader = new ContentReader(content, true)) {
            while (reader.fill()) {
                while (reader.block.hasRemaining()) {
                    if (reader.block.get() < 0) {
                        return true;
                    }
                }
            }
            return false;
        }
    }

    /**
     * Puts as much as there is room for.
     *
     * @return whether that was the last, with end of data behind it unless it is binary
     * @throws IOException if the content can't be read, or is not as long as it is said to be
     */
    boolean readInto(ByteBuffer out) throws IOException {
        DataEncoder lines = encoder;
        if (lines == null) {
            return copyInto(out);
        }
        do {
            lines.encode(block, out);
            if (out.remaining() < DataEncoder.FINISH_ROOM) {
                return false;
            }
        } while (fill());
        lines.finish(out);
        return true;
    }

    private boolean copyInto(ByteBuffer out) throws IOException {
        do {
            int octets = Math.min(block.remaining(), out.remaining());
            out.put(out.position(), block, block.position(), octets);
            out.position(out.position() + octets);
            block.position(block.position() + octets);
            if (block.hasRemaining()) {
                return false;
            }
        } while (fill());
        return true;
    }

    /** Reads another block; false if there is none. */
    private boolean fill() throws IOException {
        if (unread == 0) {
            return false;
        }
        block.clear();
        block.limit((int) Math.min(block.capacity(), unread));
        int octets = channel.read(block);
        if (octets <= 0) {
            throw new IOException("content ends " + unread + " octets early");
        }
        unread -= octets;
        block.flip();
        return true;
    }

    /** What was read stays good, whatever comes of closing. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("content can't be closed", e);
        }
    }
}
