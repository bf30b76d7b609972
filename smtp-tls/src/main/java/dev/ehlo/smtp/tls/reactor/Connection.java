package dev.ehlo.smtp.tls.reactor;

import dev.ehlo.smtp.tls.ChannelBinding;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsSession;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.util.Optional;

/**
 * One connection, in clear or under TLS; whoever uses it need not know which. All methods are called on its loop's
 * thread. After the connection has closed they do nothing.
 *
 * <p>There are three ways to send, whose octets go out in the order of the calls: what is put into {@link #output}, a
 * file by {@link #transfer}, and slices that stay the caller's by {@link #write(ByteBuffer[], int, int)}. What the socket
 * does not take of the first two follows by itself. It is for the protocol to look at {@link #unsent} and to make no more
 * while that is above its bound: {@link ConnectionHandler#writable} tells when to go on.
 *
 * <pre>{@code
 * connection.output(64).put(header);
 * connection.transfer(file, 0, file.size()); // header and file go out
 * // in writable(connection), and in closed(connection, cause): file.close()
 * }</pre>
 *
 * <p>It is a channel to write to, so that whatever writes to one can be given it; it never throws for a network that
 * fails, which {@link ConnectionHandler#closed} tells.
 */
public interface Connection extends GatheringByteChannel {
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

    /** What ties a login of a client to this very connection, made at each call; empty in clear, and where nothing does. */
    Optional<ChannelBinding> channelBinding();

    /** As {@link #channelBinding()}, of that type and in either role: a server looks for the one that its client names. */
    Optional<ChannelBinding> channelBinding(String type);

    /**
     * A buffer, ready to put into, with room for at least that many octets. It is the connection's: what was put is
     * taken up by the next call of a method here, and the buffer is not to be used after that.
     *
     * @throws IllegalArgumentException if {@code atLeast} is more than {@link #BUFFER_OCTETS}
     * @throws IllegalStateException before {@link ConnectionHandler#opened}, or during a handshake
     */
    ByteBuffer output(int atLeast);

    /** Sends what was put, in as few writes as the socket allows. */
    void flush();

    /**
     * Sends what was put, and of these slices, as one gathering write, what goes out now: in clear what the socket
     * takes, under TLS what can be put into records before more than {@link #UNSENT_BOUND} are unsent. Nothing of the
     * slices is kept; their positions say what was taken. If not all was, or more than the bound since the last time,
     * no more is taken before {@link ConnectionHandler#writable}, which is sure to be told: so whoever has much to send
     * leaves other connections their turn. The system copies what lies on the heap; best are direct slices in clear.
     *
     * @return how many octets of the slices were taken; 0 once the connection closes
     * @throws IllegalStateException before {@link ConnectionHandler#opened}, or during a handshake
     */
    @Override
    long write(ByteBuffer[] slices, int from, int count);

    @Override
    default long write(ByteBuffer[] slices) {
        return write(slices, 0, slices.length);
    }

    @Override
    default int write(ByteBuffer slice) {
        return (int) write(new ByteBuffer[] {slice}, 0, 1);
    }

    /**
     * Sends what was put, and octets of a file behind it: in clear from the file to the socket without passing through
     * the heap, under TLS read when there is room for their records. They count as unsent until the socket has them.
     * What is put meanwhile goes out behind them.
     *
     * <p>When all of them, and of other files handed over, are out, {@link ConnectionHandler#writable} is told, and not
     * before, and never from within this call. Until then, or {@link ConnectionHandler#closed}, the file must neither
     * be closed nor change; to close it is the caller's. If it can't be read, or is shorter, the connection is aborted
     * with {@link CloseCause.Kind#UNREADABLE}, since the peer could take what it got for the whole.
     *
     * <p>A page that is not in memory is read by the loop, and all of its connections wait for the disk: this is for
     * files that were written or read lately, or lie on fast disks. After {@link #close} the peer has the time limit of
     * closing for all that is unsent, so who has sent a large file waits for {@code writable} first.
     *
     * @throws IllegalArgumentException if the position or the number of octets is negative
     * @throws IllegalStateException before {@link ConnectionHandler#opened}, or during a handshake
     */
    void transfer(FileChannel file, long position, long octets);

    /** Octets put, or handed over in files, and not yet taken by the socket. */
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
     * @throws IllegalStateException if the connection is under TLS already, or octets of a file are on their way
     */
    void startTls(TlsContext context, ConnectionHandler next);

    /**
     * Turns to TLS where the first octets of the protocol are those of the handshake, behind what came in clear before
     * it, as the header of a proxy does: octets that came already and are not consumed begin the handshake. Otherwise as
     * {@link #startTls}, whose place it can't take: who has said a word in clear may not call it.
     *
     * @throws IllegalStateException if the connection is under TLS already, or anything was sent on it
     */
    void startImplicitTls(TlsContext context, ConnectionHandler next);

    /**
     * Gives the connection to another handler: from this call on the old one is told nothing more, and {@code next} is
     * told {@link ConnectionHandler#opened} within it. Octets that are not consumed are shown to it. The deadline is taken
     * back; whether reading is paused stays.
     */
    void handOver(ConnectionHandler next);

    /** Sets the one deadline of the connection: {@link ConnectionHandler#deadlineReached} once, after that time. */
    void deadline(long delayNanos);

    /** Takes the deadline back. */
    void clearDeadline();

    @Override
    default boolean isOpen() {
        return !isClosing();
    }

    /** Reads no more, sends what was put, under TLS says close_notify, and closes. */
    @Override
    void close();

    /**
     * As {@link #close}, for when the peer has said that it sends nothing more: in clear its end is then not waited for.
     * If it does send more, it may see a reset before it has read the last octets.
     */
    void finish();

    /** Closes at once; what is unsent is lost, and the peer sees a reset where the system can show one. */
    void abort();

    /** Whether {@link #close} or {@link #abort} was called, or the connection was lost. */
    boolean isClosing();
}
