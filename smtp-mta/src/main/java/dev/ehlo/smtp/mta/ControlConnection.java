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
    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final long nanos;
    private long start;

    /** Takes the channel over. */
    ControlConnection(SocketChannel channel, Duration longest) throws IOException {
        this.channel = channel;
        nanos = longest.toNanos();
        channel.configureBlocking(false);
        selector = Selector.open();
        key = channel.register(selector, 0);
    }

    /**
     * Reads up to a line feed or, without one, up to the end.
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
        start = System.nanoTime();
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(most + 1);
        while (true) {
            int count = channel.read(buffer.clear());
            if (count < 0) {
                return octets.toString(StandardCharsets.UTF_8);
            } else if (count == 0) {
                await(SelectionKey.OP_READ);
            }
            for (int i = 0; i < count; i++) {
                if (line && buffer.get(i) == '\n') {
                    return octets.toString(StandardCharsets.UTF_8);
                }
                octets.write(buffer.get(i));
            }
            if (octets.size() > most) {
                throw new IOException("more than " + most + " octets");
            }
        }
    }

    /** Writes all of the text. */
    void write(String text) throws IOException {
        start = System.nanoTime();
        ByteBuffer octets = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (octets.hasRemaining()) {
            if (channel.write(octets) == 0) {
                await(SelectionKey.OP_WRITE);
            }
        }
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
