package dev.ehlo.smtp.tls.reactor;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The socket of one connection, and the octets on their way into it. Knows no TLS and no protocol. Used on the loop's
 * thread only.
 */
final class Wire implements OctetSink {
    private static final Logger LOG = LoggerFactory.getLogger(Wire.class);

    private final SelectorLoop loop;
    private final OutputQueue out;
    private @Nullable SocketChannel channel;
    private @Nullable SelectionKey key;
    private boolean blocked;
    private boolean finSeen;

    Wire(SelectorLoop loop) {
        this.loop = loop;
        this.out = new OutputQueue(loop.pool());
    }

    /** Begins to connect, from that local address if there is one; true if it is done already. */
    boolean connect(InetSocketAddress remote, @Nullable InetSocketAddress local, Selectable owner) throws IOException {
        if (remote.isUnresolved()) {
            throw new UnknownHostException(remote.getHostString());
        }
        SocketChannel socket = SocketChannel.open();
        register(socket, SelectionKey.OP_CONNECT, owner);
        if (local != null) {
            bind(socket, local, remote);
        }
        try {
            return socket.connect(remote);
        } catch (UnsupportedAddressTypeException e) {
            throw new IOException("this host has no such addresses: " + remote, e);
        }
    }

    /** The system names neither the address nor what is wrong with it. */
    private static void bind(SocketChannel socket, InetSocketAddress local, InetSocketAddress remote)
            throws IOException {
        if (local.isUnresolved()) {
            throw new UnknownHostException("local address " + local.getHostString());
        }
        if (!local.getAddress().isAnyLocalAddress()
                && local.getAddress().getClass() != remote.getAddress().getClass()) {
            throw new BindException("from " + local + " no way leads to an address of the other family, " + remote);
        }
        try {
            socket.bind(local);
        } catch (IOException | UnsupportedAddressTypeException e) {
            BindException named = new BindException("cannot connect from " + local + ": " + e.getMessage());
            named.initCause(e);
            throw named;
        }
    }

    void finishConnect() throws IOException {
        socket().finishConnect();
    }

    /** Takes a socket; the owner is told when it is ready for these operations. */
    void register(SocketChannel socket, int operations, Selectable owner) throws IOException {
        assert loop.isInLoop();
        channel = socket;
        socket.configureBlocking(false);
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        key = socket.register(loop.selector(), operations, owner);
    }

    InetSocketAddress localAddress() throws IOException {
        return (InetSocketAddress) socket().getLocalAddress();
    }

    /** What is to be written; {@link #write} writes it. */
    OutputQueue out() {
        return out;
    }

    /** Reads what there is, as far as it fits; negative at the end, which is remembered. */
    int read(ByteBuffer to) throws IOException {
        assert loop.isInLoop();
        int count = socket().read(to);
        finSeen |= count < 0;
        return count;
    }

    /** Whether the peer has said that it sends no more. */
    boolean isFinSeen() {
        return finSeen;
    }

    /** Writes what the socket takes, in one turn. */
    void write() throws IOException {
        assert loop.isInLoop();
        blocked = !out.writeTo(this);
    }

    /** Writes what the socket takes, with these slices behind; how many octets of theirs it took. */
    long write(ByteBuffer[] slices, int from, int count) throws IOException {
        assert loop.isInLoop();
        long taken = out.writeTo(this, slices, from, count);
        blocked = out.octets() > 0;
        return taken;
    }

    /** Whether octets wait for the socket to take them. */
    boolean isBlocked() {
        return blocked;
    }

    /** More octets are to go when the socket takes some again. */
    void block() {
        blocked = true;
    }

    /**
     * Offers the socket no more than goes in one turn. The system would copy all of what lies on the heap at each call,
     * and keep the room for the copy, even if the socket takes but a little of it.
     */
    @Override
    public long take(ByteBuffer[] buffers, int from, int count) throws IOException {
        long room = OutputQueue.TURN_OCTETS;
        int end = from;
        while (end < from + count && room > 0) {
            room -= buffers[end++].remaining();
        }
        if (end == from) {
            return 0;
        }
        ByteBuffer last = buffers[end - 1];
        int limit = last.limit();
        last.limit(limit + (int) Math.min(0, room));
        try {
            return end - from == 1 ? socket().write(last) : socket().write(buffers, from, end - from);
        } finally {
            last.limit(limit);
        }
    }

    @Override
    public long take(FileRegion region, long atMost) throws IOException {
        return region.sendTo(socket(), atMost);
    }

    void shutdownOutput() throws IOException {
        socket().shutdownOutput();
    }

    /** Says what to be told of: room for output if octets wait for it or it is wanted, and input if it is wanted. */
    void interest(boolean input, boolean output) {
        assert loop.isInLoop();
        SelectionKey selection = key;
        if (selection != null && selection.isValid()) {
            int operations =
                    (input && !finSeen ? SelectionKey.OP_READ : 0) | (blocked || output ? SelectionKey.OP_WRITE : 0);
            if (selection.interestOps() != operations) {
                selection.interestOps(operations);
            }
        }
    }

    /** Closes so that the peer sees a reset where the system can show one. */
    void reset() {
        SocketChannel socket = channel;
        if (socket != null && socket.isConnected()) {
            try {
                socket.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException e) {
                LOG.debug("{}: closed without a reset", socket, e);
            }
        }
        close();
    }

    /** Closes; what is unsent is lost. */
    void close() {
        assert loop.isInLoop();
        out.discard();
        SocketChannel socket = channel;
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.debug("{} did not close", socket, e);
            }
        }
    }

    private SocketChannel socket() {
        return Objects.requireNonNull(channel);
    }
}
