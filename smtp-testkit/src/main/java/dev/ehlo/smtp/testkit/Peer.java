package dev.ehlo.smtp.testkit;

/**
 * A protocol machine without input and output, as a {@link Transcript} talks to it: a server session, or a client
 * session. One adapts one's own machine to this in a few lines. Used by one thread.
 */
public interface Peer {
    /**
     * Gives octets to the machine, which it may keep.
     *
     * @param octets what the other side sent; none in the first call, by which the connection is made
     * @return all that the machine has answered since the last call, often nothing
     */
    byte[] exchange(byte[] octets);

    /** Whether the machine wants the connection closed. It is given nothing more then. */
    boolean isClosed();

    /**
     * The TLS handshake after STARTTLS is done: octets are those inside TLS from now on.
     *
     * @throws UnsupportedOperationException if the machine can't; this is what happens unless overridden
     */
    default void startTls() {
        throw new UnsupportedOperationException("this peer does not take part in STARTTLS");
    }
}
