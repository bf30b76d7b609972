package dev.ehlo.smtp;

import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;

/** Content in memory, in one piece or more. */
final class BufferSource implements MessageSource {
    private final ByteBuffer[] pieces;
    private final long octets;

    /** From position to limit of each, as they are now; their octets are not copied. */
    BufferSource(ByteBuffer... pieces) {
        this.pieces = new ByteBuffer[pieces.length];
        long all = 0;
        for (int i = 0; i < pieces.length; i++) {
            this.pieces[i] = pieces[i].slice().asReadOnlyBuffer();
            all += this.pieces[i].capacity();
        }
        this.octets = all;
    }

    @Override
    public long octets() {
        return octets;
    }

    @Override
    public ReadableByteChannel open() {
        return new Reader();
    }

    private final class Reader implements ReadableByteChannel {
        private int next;
        private int from;
        private boolean closed;

        @Override
        public int read(ByteBuffer to) throws ClosedChannelException {
            if (closed) {
                throw new ClosedChannelException();
            }
            int room = to.remaining();
            while (next < pieces.length && (to.hasRemaining() || pieces[next].capacity() == from)) {
                ByteBuffer piece = pieces[next];
                int count = Math.min(to.remaining(), piece.capacity() - from);
                to.put(to.position(), piece, from, count).position(to.position() + count);
                from += count;
                if (from == piece.capacity()) {
                    next++;
                    from = 0;
                }
            }
            int count = room - to.remaining();
            return count == 0 && room > 0 ? -1 : count;
        }

        @Override
        public boolean isOpen() {
            return !closed;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    @Override
    public boolean isInMemory() {
        return true;
    }
}
