package dev.ehlo.smtp.client;

import dev.ehlo.smtp.tls.ChannelBinding;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsSession;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import dev.ehlo.smtp.tls.reactor.EventLoop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A connection whose socket is a heap of octets, and takes so many of them before it has to be asked again. */
final class SilentConnection implements Connection {
    private static final InetSocketAddress ADDRESS = new InetSocketAddress(InetAddress.getLoopbackAddress(), 25);

    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final long atOnce;
    private ByteBuffer output = ByteBuffer.allocate(0);
    private @Nullable FileChannel file;
    private long position;
    private long octets;
    private long room;
    private boolean aborted;
    private final @Nullable EventLoop loop;

    SilentConnection(long atOnce) {
        this(atOnce, null);
    }

    /** One on that loop, for a handler. */
    SilentConnection(long atOnce, @Nullable EventLoop loop) {
        this.atOnce = atOnce;
        this.room = atOnce;
        this.loop = loop;
    }

    /** There is room again, of which nobody is told. */
    void makeRoom() {
        room = atOnce;
    }

    /** There is room again. */
    void drain() {
        room = atOnce;
        flush();
    }

    byte[] takeSent() {
        byte[] octets = sent.toByteArray();
        sent.reset();
        return octets;
    }

    byte[] sent() {
        return sent.toByteArray();
    }

    @Override
    public ByteBuffer output(int atLeast) {
        flush();
        ByteBuffer longer = ByteBuffer.allocate(output.position() + atLeast).put(output.flip());
        output = longer;
        return output;
    }

    @Override
    public void flush() {
        while (octets > 0 && room > 0) {
            ByteBuffer part = ByteBuffer.allocate((int) Math.min(octets, room));
            try {
                if (file == null || file.read(part, position) <= 0) {
                    throw new IllegalStateException("no such octets");
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            take(part.flip());
            position += part.limit();
            octets -= part.limit();
        }
        if (octets == 0) {
            output.flip();
            take(output);
            output.compact();
        }
    }

    private int take(ByteBuffer from) {
        int taken = (int) Math.min(from.remaining(), room);
        for (int i = 0; i < taken; i++) {
            sent.write(from.get());
        }
        room -= taken;
        return taken;
    }

    @Override
    public long write(ByteBuffer[] slices, int from, int count) {
        flush();
        long taken = 0;
        for (int i = from; i < from + count && unsent() == 0; i++) {
            taken += take(slices[i]);
        }
        return taken;
    }

    @Override
    public void transfer(FileChannel from, long start, long count) {
        flush();
        if (octets > 0) {
            throw new IllegalStateException("a piece is on its way");
        }
        file = from;
        position = start;
        octets = count;
        flush();
    }

    @Override
    public long unsent() {
        return octets + output.position();
    }

    @Override
    public boolean isClosing() {
        return aborted;
    }

    @Override
    public void abort() {
        aborted = true;
        output.clear();
        octets = 0;
    }

    @Override
    public void close() {
        abort();
    }

    @Override
    public EventLoop loop() {
        if (loop == null) {
            throw new UnsupportedOperationException();
        }
        return loop;
    }

    @Override
    public InetSocketAddress remoteAddress() {
        return ADDRESS;
    }

    @Override
    public InetSocketAddress localAddress() {
        return ADDRESS;
    }

    @Override
    public Optional<ChannelBinding> channelBinding() {
        return Optional.empty();
    }

    @Override
    public Optional<ChannelBinding> channelBinding(String type) {
        return Optional.empty();
    }

    @Override
    public Optional<TlsSession> tls() {
        return Optional.empty();
    }

    @Override
    public void pauseReading() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void resumeReading() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void startTls(TlsContext context, ConnectionHandler next) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void startImplicitTls(TlsContext context, ConnectionHandler next) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void handOver(ConnectionHandler next) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void deadline(long delayNanos) {}

    @Override
    public void clearDeadline() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void finish() {
        abort();
    }
}
