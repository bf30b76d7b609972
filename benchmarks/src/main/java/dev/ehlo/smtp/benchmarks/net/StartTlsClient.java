package dev.ehlo.smtp.benchmarks.net;

import static dev.ehlo.smtp.benchmarks.net.ReplyLines.ascii;

import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** One session: greeting, EHLO, STARTTLS, handshake, EHLO, QUIT, each said when the last reply is there. */
final class StartTlsClient implements ConnectionHandler {
    private static final byte[] EHLO = ascii("EHLO client.example.net\r\n");
    private static final byte[] STARTTLS = ascii("STARTTLS\r\n");
    private static final byte[] QUIT = ascii("QUIT\r\n");

    private final TlsContext context;
    private final boolean secured;
    /** Completes with whether the TLS session was resumed, when the server has said goodbye. */
    private final CompletableFuture<Boolean> done;

    private int replies;
    private boolean resumed;

    StartTlsClient(TlsContext context, CompletableFuture<Boolean> done) {
        this(context, false, done);
    }

    private StartTlsClient(TlsContext context, boolean secured, CompletableFuture<Boolean> done) {
        this.context = context;
        this.secured = secured;
        this.done = done;
    }

    @Override
    public void opened(Connection connection) {
        if (secured) {
            resumed = connection.tls().orElseThrow().resumed();
            say(connection, EHLO);
        }
    }

    @Override
    public void received(Connection connection, ByteBuffer in) {
        for (int digit = ReplyLines.next(in); digit >= 0; digit = ReplyLines.next(in)) {
            if (digit > 0) {
                replies++;
                if (!answer(connection)) {
                    return;
                }
            }
        }
    }

    /** Whether the connection is still this handler's. */
    private boolean answer(Connection connection) {
        switch (secured ? replies + 3 : replies) {
            case 1 -> say(connection, EHLO);
            case 2 -> say(connection, STARTTLS);
            case 3 -> {
                connection.startTls(context, new StartTlsClient(context, true, done));
                return false;
            }
            case 4 -> say(connection, QUIT);
            default -> {
                done.complete(resumed);
                connection.close();
            }
        }
        return true;
    }

    private static void say(Connection connection, byte[] octets) {
        connection.output(octets.length).put(octets);
        connection.flush();
    }

    @Override
    public void deadlineReached(Connection connection) {}

    @Override
    public void closed(Connection connection, CloseCause cause) {
        done.completeExceptionally(new IllegalStateException("closed before the end of the session: " + cause));
    }
}
