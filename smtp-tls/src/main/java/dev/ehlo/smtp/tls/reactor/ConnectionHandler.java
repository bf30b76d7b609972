package dev.ehlo.smtp.tls.reactor;

import java.nio.ByteBuffer;

/**
 * What a connection speaks. Called on the connection's loop, and must not block there. What it throws is a defect: it
 * is logged, and the connection is aborted.
 */
public interface ConnectionHandler {
    /**
     * A connection was accepted; the first call, if it is made at all. {@link #opened} follows at once in clear, and under
     * implicit TLS when the handshake is done, which costs more than all before: who takes no more connections closes or
     * aborts it here.
     */
    default void accepted(Connection connection) {}

    /**
     * A connection is about to be made: the first call for one that this side makes. Who aborts it here or later, before
     * it stands, ends the attempt.
     */
    default void connecting(Connection connection) {}

    /** The connection stands: accepted or connected, and under TLS if it is to be from the first octet. */
    void opened(Connection connection);

    /**
     * Octets have come, from position to limit, in clear. What is consumed moves the position; the rest is shown again
     * with more behind it. A handler that leaves a full buffer unconsumed without pausing is in error, and the
     * connection is aborted.
     */
    void received(Connection connection, ByteBuffer in);

    /**
     * All that was unsent is out, after more than {@link Connection#UNSENT_BOUND} was, slices were not taken, or a file
     * was handed over. No octet of a file is on its way then.
     */
    default void writable(Connection connection) {}

    /** The peer has said that it sends no more (FIN; under TLS close_notify); it may still read. */
    default void inputEnded(Connection connection) {
        connection.close();
    }

    /** The deadline that was set has come. */
    void deadlineReached(Connection connection);

    /** The connection is gone, or never came to stand. The last call, made exactly once. */
    void closed(Connection connection, CloseCause cause);
}
