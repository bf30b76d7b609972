package dev.ehlo.smtp.tls.reactor;

import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsSession;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * One connection, in clear or under TLS; whoever uses it need not know which. All methods are called on its loop's
 * thread, which is asserted, but for {@link #loop} and {@link #remoteAddress}, which any thread may call. After the
 * connection has closed they do nothing.
 *
 * <p>What is put into {@link #output} goes out at {@link #flush}, as much as the socket takes; the rest follows by
 * itself. It is for the protocol to look at {@link #unsent} and to make no more while that is above its bound:
 * {@link ConnectionHandler#writable} tells when to go on.
 */
public interface Connection {
    /** Octets that {@link #output} can be asked for at most, and the least a whole input buffer holds. */
    int BUFFER_OCTETS = 16 * 1024;

    /** The unsent octets above which a protocol makes no more output, and below which it is told to go on. */
    int UNSENT_BOUND = 64 * 1024;

    /** The loop that the connection stays on. */
    EventLoop loop();

    /** The peer. */
    InetSocketAddress remoteAddress();

    /** This side. */
    InetSocketAddress localAddress();

    /** What the handshake came to; empty in clear. */
    Optional<TlsSession> tls();

    /**
     * A buffer, ready to put into, with room for at least that many octets. It is the connection's: what was put is
     * taken up by the next call of a method here, and the buffer is not to be used after that.
     *
     * @throws IllegalArgumentException if {@code atLeast} is more than {@link #BUFFER_OCTETS}
     */
    ByteBuffer output(int atLeast);

    /** Sends what was put, in as few writes as the socket allows. */
    void flush();

    /** Octets put and not yet taken by the socket. */
    long unsent();

    /** Stops the calls of {@link ConnectionHandler#received}; in time, the peer is stopped by its send window. */
    void pauseReading();

    /** Undoes {@link #pauseReading}; octets kept meanwhile are handed over, never from within this call. */
    void resumeReading();

    /**
     * Sends what was put, and then turns to TLS, in the role that the connection has (accepted: server, connected:
     * client). From this call on the old handler is told nothing more; {@code next} is told
     * {@link ConnectionHandler#opened} when the handshake is done. Octets that came in clear and are not consumed are
     * an attack or a mistake and abort the connection (RFC 3207 §6); who wants to answer such a peer looks first.
     *
     * @throws IllegalStateException if the connection is under TLS already
     */
    void startTls(TlsContext context, ConnectionHandler next);

    /** Sets the one deadline of the connection: {@link ConnectionHandler#deadlineReached} once, after that time. */
    void deadline(long delayNanos);

    /** Takes the deadline back. */
    void clearDeadline();

    /** Reads no more, sends what was put, under TLS says close_notify, and closes. */
    void close();

    /** Closes at once; what is unsent is lost, and the peer sees a reset where the system can show one. */
    void abort();

    /** Whether {@link #close} or {@link #abort} was called, or the connection was lost. */
    boolean isClosing();
}
