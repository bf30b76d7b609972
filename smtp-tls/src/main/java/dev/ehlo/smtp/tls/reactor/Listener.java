package dev.ehlo.smtp.tls.reactor;

import java.net.InetSocketAddress;

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
}
