package dev.ehlo.smtp.benchmarks.net;

import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** Sends a line, so that what it reads is behind the server's session ticket, and closes when one comes back. */
final class HandshakeClient implements ConnectionHandler {
    /** Completes with whether the TLS session was resumed. */
    private final CompletableFuture<Boolean> done;

    private boolean resumed;

    /** @param context that the connection was made with */
    HandshakeClient(TlsContext context, CompletableFuture<Boolean> done) {
        this.done = done;
    }

    @Override
    public void opened(Connection connection) {
        resumed = connection.tls().orElseThrow().resumed();
        connection.output(2).put((byte) 'x').put((byte) '\n');
        connection.flush();
    }

    @Override
    public void received(Connection connection, ByteBuffer in) {
        if (in.get(in.limit() - 1) == '\n') {
            connection.close();
        }
        in.position(in.limit());
    }

    @Override
    public void deadlineReached(Connection connection) {}

    @Override
    public void closed(Connection connection, CloseCause cause) {
        if (cause.kind() == CloseCause.Kind.LOCAL) {
            done.complete(resumed);
        } else {
            done.completeExceptionally(new IllegalStateException("closed before the end of the session: " + cause));
        }
    }
}
