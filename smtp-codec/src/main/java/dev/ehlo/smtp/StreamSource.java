package dev.ehlo.smtp;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;

/** Content that streams yield, whose number of octets is held against what was said of it. */
final class StreamSource implements MessageSource {
    /** What is read at a time at most where the octets do not go into an array. */
    private static final int BLOCK_OCTETS = 16 * 1024;

    private final long octets;
    private final Streams streams;

    /** @throws IllegalArgumentException if the number is negative */
    StreamSource(long octets, Streams streams) {
        if (octets < 0) {
            throw new IllegalArgumentException("not a number of octets: " + octets);
        }
        this.octets = octets;
        this.streams = streams;
    }

    @Override
    public long octets() {
        return octets;
    }

    @Override
    public ReadableByteChannel open() throws IOException {
        return new Reader(streams.open());
    }

    private final class Reader implements ReadableByteChannel {
        private final InputStream stream;
        private long unread = octets;
        private boolean ended;
        private boolean closed;

        Reader(InputStream stream) {
            this.stream = stream;
        }

        @Override
        public int read(ByteBuffer to) throws IOException {
            if (closed) {
                throw new ClosedChannelException();
            }
            int count = (int) Math.min(to.remaining(), unread);
            if (count > 0) {
                count = to.hasArray() ? intoArray(to, count) : byBlock(to, Math.min(count, BLOCK_OCTETS));
                unread -= count;
            }
            // Before the last octets are given away: once the reader has those, the message passes for whole.
            if (unread == 0 && !ended) {
                if (stream.read() >= 0) {
                    throw new IOException("content is longer than the " + octets + " octets it was said to have");
                }
                ended = true;
            }
            return count == 0 && to.hasRemaining() ? -1 : count;
        }

        private int intoArray(ByteBuffer to, int most) throws IOException {
            int count = read(to.array(), to.arrayOffset() + to.position(), most);
            to.position(to.position() + count);
            return count;
        }

        private int byBlock(ByteBuffer to, int most) throws IOException {
            byte[] block = new byte[most];
            int count = read(block, 0, most);
            to.put(block, 0, count);
            return count;
        }

        private int read(byte[] block, int from, int most) throws IOException {
            int count = stream.read(block, from, most);
            if (count <= 0) {
                throw new IOException("content ends " + unread + " octets early, of " + octets);
            }
            return count;
        }

        @Override
        public boolean isOpen() {
            return !closed;
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                stream.close();
            }
        }
    }
}
