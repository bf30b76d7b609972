package dev.ehlo.smtp.benchmarks.net;

import static dev.ehlo.smtp.benchmarks.net.ReplyLines.ascii;

import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Connections kept for many messages, in clear or by STARTTLS; the envelope of each goes out in one write. */
final class MessageLoad implements AutoCloseable {
    private static final byte[] EHLO = ascii("EHLO client.example.net\r\n");
    private static final byte[] STARTTLS = ascii("STARTTLS\r\n");
    private static final byte[] ENVELOPE = ascii("MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
    private static final String HEADER = "From: a@example.net\r\nTo: b@example.org\r\nSubject: load\r\n\r\n";
    private static final String LINE = "Seventy letters and a line end make up the line that this load is of.\r\n";
    private static final String END_OF_DATA = ".\r\n";
    private static final long PATIENCE_SECONDS = 120;

    private final ByteBuffer content;
    private final @Nullable TlsContext tls;
    private final List<Connection> connections = new ArrayList<>();
    private final AtomicLong left = new AtomicLong();
    private final AtomicInteger busy = new AtomicInteger();
    private volatile CompletableFuture<@Nullable Void> idle = new CompletableFuture<>();

    /**
     * Connects, and waits until all connections are ready to send.
     *
     * @param tls null for in clear
     */
    MessageLoad(Reactor reactor, InetSocketAddress server, int count, int octets, @Nullable TlsContext tls)
            throws Exception {
        this.tls = tls;
        String text = HEADER + LINE.repeat((octets - HEADER.length()) / LINE.length()) + END_OF_DATA;
        this.content = ByteBuffer.allocateDirect(text.length()).put(ascii(text)).flip();
        busy.set(count);
        for (int i = 0; i < count; i++) {
            reactor.connect(server, TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS), null, new Client(false));
        }
        idle.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Sends so many messages, and waits until all are taken. */
    void send(long messages) throws Exception {
        idle = new CompletableFuture<>();
        left.set(messages);
        busy.set(connections.size());
        for (Connection connection : connections) {
            connection.loop().execute(() -> next(connection));
        }
        idle.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void next(Connection connection) {
        if (left.getAndDecrement() > 0) {
            say(connection, ENVELOPE);
        } else {
            rest();
        }
    }

    private void rest() {
        if (busy.decrementAndGet() == 0) {
            idle.complete(null);
        }
    }

    private static void say(Connection connection, byte[] octets) {
        connection.output(octets.length).put(octets);
        connection.flush();
    }

    @Override
    public void close() {
        for (Connection connection : connections) {
            connection.loop().execute(connection::abort);
        }
    }

    private final class Client implements ConnectionHandler {
        private final ByteBuffer[] rest = {content.duplicate().position(content.limit())};
        private final boolean secured;
        private boolean ready;
        private int replies;

        Client(boolean secured) {
            this.secured = secured;
        }

        @Override
        public void opened(Connection connection) {
            if (secured) {
                say(connection, EHLO);
            }
        }

        @Override
        public void received(Connection connection, ByteBuffer in) {
            for (int digit = ReplyLines.next(in); digit >= 0; digit = ReplyLines.next(in)) {
                if (digit > 0 && !answer(connection, digit)) {
                    return;
                }
            }
        }

        /** Whether the connection is still this handler's. */
        private boolean answer(Connection connection, int digit) {
            replies++;
            if (ready) {
                if (digit == '3') {
                    rest[0].clear();
                    writable(connection);
                } else if (replies == 4) {
                    replies = 0;
                    next(connection);
                }
            } else if (replies == (secured ? 1 : 2) && (secured || tls == null)) {
                ready = true;
                replies = 0;
                synchronized (connections) {
                    connections.add(connection);
                }
                rest();
            } else if (replies == 1) {
                say(connection, EHLO);
            } else if (replies == 2) {
                say(connection, STARTTLS);
            } else {
                connection.startTls(Objects.requireNonNull(tls), new Client(true));
                return false;
            }
            return true;
        }

        @Override
        public void writable(Connection connection) {
            if (rest[0].hasRemaining()) {
                connection.write(rest);
            }
        }

        @Override
        public void deadlineReached(Connection connection) {}

        @Override
        public void closed(Connection connection, CloseCause cause) {
            idle.completeExceptionally(new IllegalStateException("closed under load: " + cause));
        }
    }
}
