package dev.ehlo.smtp.mta;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Either end of a connection to a {@link ControlSocket}, with a time limit for each of its calls. Used by one thread. */
final class ControlConnection implements AutoCloseable {
    private static final int BUFFER = 8 << 10;

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final Duration longest;
    private long nanos;
    private final ByteBuffer unread = ByteBuffer.allocate(BUFFER).limit(0);
    private long start;

    /** Takes the channel over. */
    ControlConnection(SocketChannel channel, Duration longest) throws IOException {
        this.channel = channel;
        this.longest = longest;
        channel.configureBlocking(false);
        selector = Selector.open();
        key = channel.register(selector, 0);
    }

    /**
     * Reads up to a line feed or, without one, up to the end; empty at the end too.
     *
     * @throws IOException if that is more than so many octets, or takes too long
     */
    String readLine(int most) throws IOException {
        return read(most, true);
    }

    /** Reads up to the end, as {@link #readLine}. */
    String readAll(int most) throws IOException {
        return read(most, false);
    }

    private String read(int most, boolean line) throws IOException {
        begin(longest);
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        while (true) {
            int from = unread.position();
            int to = line ? lineFeed() : unread.limit();
            if (octets.size() + to - from > most) {
                throw new IOException("more than " + most + " octets");
            }
            octets.write(unread.array(), from, to - from);
            if (to < unread.limit()) {
                unread.position(to + 1);
                return octets.toString(StandardCharsets.UTF_8);
            }
            int count = channel.read(unread.clear());
            unread.flip();
            if (count < 0) {
                return octets.toString(StandardCharsets.UTF_8);
            } else if (count == 0) {
                await(SelectionKey.OP_READ);
            }
        }
    }

    /** Where the next one is; the end of what has been read without one. */
    private int lineFeed() {
        int at = unread.position();
        while (at < unread.limit() && unread.get(at) != '\n') {
            at++;
        }
        return at;
    }

    /** Writes all of the text. */
    void write(String text) throws IOException {
        write(text, longest);
    }

    /** As {@link #write(String)}, with another time limit. */
    void write(String text, Duration most) throws IOException {
        begin(most);
        ByteBuffer octets = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (octets.hasRemaining()) {
            if (channel.write(octets) == 0) {
                await(SelectionKey.OP_WRITE);
            }
        }
    }

    private void begin(Duration most) {
        nanos = most.toNanos();
        start = System.nanoTime();
    }

    private void await(int operation) throws IOException {
        long rest = nanos - (System.nanoTime() - start);
        if (rest <= 0) {
            throw new SocketTimeoutException("nothing for " + Duration.ofNanos(nanos));
        }
        key.interestOps(operation);
        selector.select(TimeUnit.NANOSECONDS.toMillis(rest) + 1);
        selector.selectedKeys().clear();
    }

    @Override
    public void close() throws IOException {
        try (selector) {
            channel.close();
        }
    }
}
