package dev.ehlo.smtp.tls.reactor;

import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;

/** A port that is listened on. Thread-safe. */
public final class Listener implements AutoCloseable {
    private final Acceptor acceptor;

    Listener(Acceptor acceptor) {
        this.acceptor = acceptor;
    }

    /** Where it listens, with the port that the system chose if 0 was asked for. */
    public InetSocketAddress address() {
        return acceptor.address();
    }

    /** Stops accepting, and frees the port within the loop's next turn; connections that stand are not touched. */
    @Override
    public void close() {
        acceptor.close();
    }

    /**
     * Completes when this listener is closed and of all that it accepted no connection is left, those in a handshake
     * included, and each handler has been told {@link ConnectionHandler#closed}. Completed on a loop's thread.
     */
    public CompletionStage<Void> drained() {
        return acceptor.drained();
    }
}
