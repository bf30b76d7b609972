package dev.ehlo.smtp.benchmarks.net;

import static dev.ehlo.smtp.benchmarks.net.ReplyLines.ascii;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Locale;

/**
 * How long a server takes to answer for a message: from the write that holds the last octet of end of data to the read
 * that holds 250, over connections that are kept. Each connection sends its next message when it has the answer to the
 * one before, so that as many are under way as there are connections, if the server serves them all.
 *
 * <p>{@code EndOfDataFigure PORT CONNECTIONS MESSAGES OCTETS} prints milliseconds, {@code median p99 most}, and the
 * connections that got to send at all: some servers let only so many speak at a time, and the others wait for a greeting.
 */
public final class EndOfDataFigure {
    private static final byte[] EHLO = ascii("EHLO client.example.net\r\n");
    private static final byte[] ENVELOPE = ascii("MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n");
    private static final byte[] QUIT = ascii("QUIT\r\n");
    private static final String HEADER = "From: a@example.org\r\nTo: b@example.net\r\nSubject: load\r\n\r\n";
    private static final String LINE = "Seventy letters and a line end make up the line that this load is of.\r\n";
    private static final String END_OF_DATA = ".\r\n";
    private static final int REPLIES_TO_ENVELOPE = 3;
    private static final int IN_OCTETS = 4096;
    /** Longer than any server here waits by itself. */
    private static final long PATIENCE_MILLIS = 120_000;

    private enum Awaits {
        GREETING,
        EHLO,
        ENVELOPE,
        TAKEN,
        BYE
    }

    private final Selector selector = Selector.open();
    private final byte[] content;
    private final long[] nanos;
    private int begun;
    private int taken;
    private int spoke;

    private EndOfDataFigure(int messages, int octets) throws IOException {
        int lines = Math.max(0, octets - HEADER.length()) / LINE.length();
        content = ascii(HEADER + LINE.repeat(lines) + END_OF_DATA);
        nanos = new long[messages];
    }

    /** Prints the figures. */
    public static void main(String[] arguments) throws IOException {
        SocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
        EndOfDataFigure figure = new EndOfDataFigure(Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
        figure.run(server, Integer.parseInt(arguments[1]));
    }

    private void run(SocketAddress server, int connections) throws IOException {
        try (selector) {
            for (int i = 0; i < connections; i++) {
                SocketChannel channel = SocketChannel.open(server);
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.register(selector, SelectionKey.OP_READ, new Client(channel));
            }
            while (taken < nanos.length) {
                if (selector.select(this::ready, PATIENCE_MILLIS) == 0) {
                    throw new IOException(
                            "silent for " + PATIENCE_MILLIS + " ms with " + taken + " of " + nanos.length + " taken");
                }
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
        }
        Arrays.sort(nanos);
        System.out.printf(
                Locale.ROOT,
                "%.2f %.2f %.2f %d%n",
                nanos[nanos.length / 2] / 1e6,
                nanos[(int) Math.ceil(nanos.length * 0.99) - 1] / 1e6,
                nanos[nanos.length - 1] / 1e6,
                spoke);
    }

    private void ready(SelectionKey key) {
        try {
            ((Client) key.attachment()).ready(key);
        } catch (IOException e) {
            throw new UncheckedIOException("the load cannot go on", e);
        }
    }

    /** One connection: GREETING → EHLO → ENVELOPE → TAKEN → ENVELOPE … → BYE. */
    private final class Client {
        private final SocketChannel channel;
        private final ByteBuffer in = ByteBuffer.allocate(IN_OCTETS);
        private final ByteBuffer out = ByteBuffer.wrap(content).position(content.length);
        private Awaits awaits = Awaits.GREETING;
        private int replies;
        private long ended;
        private boolean spoken;

        Client(SocketChannel channel) {
            this.channel = channel;
        }

        void ready(SelectionKey key) throws IOException {
            if (key.isWritable()) {
                write(key);
            }
            if (key.isReadable()) {
                read(key);
            }
        }

        private void read(SelectionKey key) throws IOException {
            int count = channel.read(in);
            long now = System.nanoTime();
            if (count < 0) {
                if (awaits != Awaits.BYE) {
                    throw new EOFException("closed by the server while " + awaits + " was awaited");
                }
                channel.close();
                return;
            }
            in.flip();
            for (int digit = ReplyLines.next(in); digit >= 0; digit = ReplyLines.next(in)) {
                if (digit > 0) {
                    answer(key, now);
                }
            }
            in.compact();
        }

        private void answer(SelectionKey key, long now) throws IOException {
            switch (awaits) {
                case GREETING -> say(Awaits.EHLO, EHLO);
                case EHLO -> next();
                case ENVELOPE -> {
                    replies++;
                    if (replies == REPLIES_TO_ENVELOPE) {
                        replies = 0;
                        awaits = Awaits.TAKEN;
                        out.clear();
                        write(key);
                    }
                }
                case TAKEN -> {
                    nanos[taken] = now - ended;
                    taken++;
                    next();
                }
                case BYE -> channel.close();
            }
        }

        private void next() throws IOException {
            if (begun == nanos.length) {
                say(Awaits.BYE, QUIT);
                return;
            }
            begun++;
            if (!spoken) {
                spoken = true;
                spoke++;
            }
            say(Awaits.ENVELOPE, ENVELOPE);
        }

        private void say(Awaits next, byte[] octets) throws IOException {
            awaits = next;
            ByteBuffer command = ByteBuffer.wrap(octets);
            channel.write(command);
            if (command.hasRemaining()) {
                throw new IOException("the server does not read");
            }
        }

        /** The time is that before the write, of which the last one counts. */
        private void write(SelectionKey key) throws IOException {
            ended = System.nanoTime();
            channel.write(out);
            key.interestOps(out.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
        }
    }
}
