package dev.ehlo.smtp.benchmarks.net;

import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One connection to {@link IdleServer}: EHLO, perhaps under TLS, and then nothing; or a message, and another one a
 * second after it was taken, until told to stop.
 */
final class IdleClient implements ConnectionHandler {
    /** What the clients of one run tell. Called on the client's loop. */
    interface Told {
        void ready();

        void taken(long nanos);

        void lost(CloseCause cause);
    }

    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final byte[] TRANSACTION = ascii("MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
    private static final byte[] CONTENT = ascii("Subject: soak\r\n\r\n" + "line of a message\r\n".repeat(50) + ".\r\n");

    private final @Nullable TlsContext startTls;
    private final boolean active;
    private final AtomicBoolean stop;
    private final Told told;
    private boolean ready;
    private int replies;
    private long begun;

    IdleClient(@Nullable TlsContext startTls, boolean active, AtomicBoolean stop, Told told) {
        this.startTls = startTls;
        this.active = active;
        this.stop = stop;
        this.told = told;
    }

    @Override
    public void opened(Connection connection) {
        if (connection.tls().isPresent()) {
            say(connection, ascii("EHLO soak.example.net\r\n"));
        }
    }

    @Override
    public void received(Connection connection, ByteBuffer in) {
        for (int end = lineEnd(in); end >= 0; end = lineEnd(in)) {
            int code = in.get(in.position());
            boolean last = in.get(in.position() + 3) == ' ';
            in.position(end + 1);
            if (code == '4' || code == '5') {
                throw new IllegalStateException("refused with " + (char) code + "yz");
            }
            if (last && replied(connection)) {
                return;
            }
        }
    }

    /** Whether the connection is another handler's now. */
    private boolean replied(Connection connection) {
        replies++;
        boolean tls = connection.tls().isPresent();
        if (!ready) {
            if (startTls != null && !tls) {
                if (replies == 2) {
                    connection.startTls(startTls, new IdleClient(startTls, active, stop, told));
                    return true;
                }
                say(connection, ascii("STARTTLS\r\n"));
            } else if (replies == (tls ? 1 : 2)) {
                ready = true;
                told.ready();
                next(connection);
            } else {
                say(connection, ascii("EHLO soak.example.net\r\n"));
            }
        } else if (replies == 3) {
            say(connection, CONTENT);
        } else if (replies == 4) {
            told.taken(System.nanoTime() - begun);
            connection.deadline(PAUSE_NANOS);
        }
        return false;
    }

    private void next(Connection connection) {
        if (active && !stop.get()) {
            replies = 0;
            begun = System.nanoTime();
            say(connection, TRANSACTION);
        }
    }

    @Override
    public void deadlineReached(Connection connection) {
        next(connection);
    }

    @Override
    public void closed(Connection connection, CloseCause cause) {
        told.lost(cause);
    }

    private static void say(Connection connection, byte[] octets) {
        connection.output(octets.length).put(octets);
        connection.flush();
    }

    private static int lineEnd(ByteBuffer in) {
        for (int i = in.position(); i < in.limit(); i++) {
            if (in.get(i) == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
