package dev.ehlo.smtp.client;

import dev.ehlo.smtp.FileRegion;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.codec.DataEncoder;
import dev.ehlo.smtp.codec.DataTransfer;
import dev.ehlo.smtp.tls.reactor.Connection;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The content of one message on its way to a connection: framed as DATA wants it, or in a chunk as it is. Used on the
 * connection's loop.
 *
 * <pre>
 *     needs stuffing      → read in blocks, of which slices are written      Stuffed
 *                         → if it is small, copied into output buffers,      Encoded
 *                           out in one write with what is before and behind
 *     as it is, in a file → sent by the system, end of data once it is out   Transferred
 *     as it is, otherwise → read into output buffers, and if it is small     Copied
 *                           out in one write likewise
 * </pre>
 *
 * <p>Files are read by the loop: what is delivered was written lately, and is in the page cache mostly; where it is not,
 * the connections of the loop wait for the disk, for a block or piece at a time.
 */
abstract sealed class ContentOut implements Closeable {
    /** Octets of a file that are handed over at a time: each piece is progress, for which there is a time limit. */
    static final int PIECE_OCTETS = 256 * 1024;

    private static final byte[] END_OF_DATA = {'.', '\r', '\n'};
    /** Up to which it is not worth while to have content sent from its file: it goes in one write with end of data. */
    static final int SMALL_OCTETS = Connection.BUFFER_OCTETS - END_OF_DATA.length;

    private static final Logger LOG = LoggerFactory.getLogger(ContentOut.class);

    private ContentOut() {}

    /**
     * Opens the content.
     *
     * @param chunk whether the octets go as they are, and nothing ends them
     * @throws IOException if it can't be opened, or is not as long as it is said to be
     */
    static ContentOut open(Content content, boolean chunk, ContentBlocks blocks) throws IOException {
        MessageSource source = content.source();
        if (!chunk && content.needsStuffing()) {
            return content.octets() > SMALL_OCTETS ? new Stuffed(source, blocks) : new Encoded(source, blocks);
        }
        ReadableByteChannel channel = source.open();
        if (channel instanceof FileRegion region && content.octets() > SMALL_OCTETS) {
            if (region.remaining() < content.octets()) {
                region.close();
                throw endsEarly(content.octets() - region.remaining());
            }
            return new Transferred(region, content.octets(), chunk);
        }
        return new Copied(channel, content.octets(), chunk);
    }

    private static IOException endsEarly(long missing) {
        return new IOException("content ends " + missing + " octets early");
    }

    /**
     * Sends what there is room for; to be called again when the connection is writable.
     *
     * @return whether all was put, with end of data unless it goes in a chunk: what is unsent then follows by itself, and
     *     this can be closed
     * @throws IOException if the content can't be read, or is not as long as it is said to be; end of data was not put
     */
    abstract boolean sendTo(Connection connection) throws IOException;

    /** Whether it is a chunk with the connection to its end, which may be out as a whole before that is told. */
    boolean isHandedOver() {
        return false;
    }

    abstract void release() throws IOException;

    /** Lets go of the content; what was read stays good, whatever comes of closing. Not while the connection sends it. */
    @Override
    public final void close() {
        try {
            release();
        } catch (IOException e) {
            LOG.debug("content can't be closed", e);
        }
    }

    private static void putEnd(Connection connection, boolean chunk) {
        if (!chunk) {
            connection.output(END_OF_DATA.length).put(END_OF_DATA);
        }
    }

    private static final class Stuffed extends ContentOut {
        private final ContentBlocks blocks;
        private final ContentBlocks.Block block;
        private final DataTransfer transfer;

        Stuffed(MessageSource content, ContentBlocks blocks) throws IOException {
            this.blocks = blocks;
            this.block = blocks.take();
            try {
                this.transfer = new DataTransfer(content, block.octets(), block.slices());
            } catch (IOException | RuntimeException e) {
                blocks.give(block);
                throw e;
            }
        }

        @Override
        boolean sendTo(Connection connection) throws IOException {
            return transfer.writeTo(connection);
        }

        @Override
        void release() throws IOException {
            blocks.give(block);
            transfer.close();
        }
    }

    /** Nothing is put of content that can't be read. */
    private static final class Encoded extends ContentOut {
        private final MessageSource content;
        private final ContentBlocks blocks;

        Encoded(MessageSource content, ContentBlocks blocks) {
            this.content = content;
            this.blocks = blocks;
        }

        @Override
        boolean sendTo(Connection connection) throws IOException {
            ContentBlocks.Block block = blocks.take();
            try {
                encode(read(block.octets()), block.encoder(), connection);
                return true;
            } finally {
                blocks.give(block);
            }
        }

        private ByteBuffer read(ByteBuffer into) throws IOException {
            into.clear().limit((int) content.octets());
            try (ReadableByteChannel channel = content.open()) {
                while (into.hasRemaining()) {
                    if (channel.read(into) <= 0) {
                        throw endsEarly(into.remaining());
                    }
                }
            }
            return into.flip();
        }

        private static void encode(ByteBuffer octets, DataEncoder encoder, Connection connection) {
            encoder.reset();
            while (octets.hasRemaining()) {
                int room = octets.remaining() + DataEncoder.FINISH_ROOM;
                encoder.encode(octets, connection.output(Math.min(room, Connection.BUFFER_OCTETS)));
            }
            encoder.finish(connection.output(DataEncoder.FINISH_ROOM));
        }

        @Override
        void release() {}
    }

    private static final class Transferred extends ContentOut {
        private final FileRegion region;
        private final boolean chunk;
        private long position;
        private long left;
        private boolean inFlight;

        Transferred(FileRegion region, long octets, boolean chunk) {
            this.region = region;
            this.position = region.position();
            this.left = octets;
            this.chunk = chunk;
        }

        @Override
        boolean sendTo(Connection connection) {
            if (inFlight && connection.unsent() > 0 || connection.isClosing()) {
                return false;
            }
            if (left > 0) {
                long piece = Math.min(left, PIECE_OCTETS);
                inFlight = true;
                connection.transfer(region.file(), position, piece);
                position += piece;
                left -= piece;
                if (left > 0 || connection.unsent() > 0 || connection.isClosing()) {
                    return false;
                }
            }
            putEnd(connection, chunk);
            return true;
        }

        @Override
        boolean isHandedOver() {
            return chunk && left == 0;
        }

        @Override
        void release() throws IOException {
            region.close();
        }
    }

    private static final class Copied extends ContentOut {
        private final ReadableByteChannel channel;
        private final boolean chunk;
        private long left;

        Copied(ReadableByteChannel channel, long octets, boolean chunk) {
            this.channel = channel;
            this.left = octets;
            this.chunk = chunk;
        }

        @Override
        boolean sendTo(Connection connection) throws IOException {
            int room = (int) Math.min(left + END_OF_DATA.length, Connection.BUFFER_OCTETS);
            while (left > 0) {
                if (connection.isClosing() || connection.unsent() > Connection.UNSENT_BOUND) {
                    return false;
                }
                ByteBuffer out = connection.output(room);
                int limit = out.limit();
                out.limit((int) Math.min(limit, out.position() + left));
                int octets = channel.read(out);
                out.limit(limit);
                if (octets <= 0) {
                    throw endsEarly(left);
                }
                left -= octets;
            }
            putEnd(connection, chunk);
            return true;
        }

        @Override
        void release() throws IOException {
            channel.close();
        }
    }
}
