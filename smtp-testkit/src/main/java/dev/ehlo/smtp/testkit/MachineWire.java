package dev.ehlo.smtp.testkit;

import java.io.ByteArrayOutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A machine without I/O on the other end: what it answers is there at once or never. */
final class MachineWire implements Wire {
    private final Peer peer;
    private final ByteArrayOutputStream answered = new ByteArrayOutputStream();

    /** Makes the connection. */
    MachineWire(Peer peer) {
        this.peer = peer;
        answered.writeBytes(peer.exchange(new byte[0]));
    }

    @Override
    public void send(List<byte[]> parts) {
        for (byte[] part : parts) {
            if (peer.isClosed()) {
                return;
            }
            answered.writeBytes(peer.exchange(part));
        }
    }

    @Override
    public byte @Nullable [] receive() {
        return poll();
    }

    @Override
    public byte @Nullable [] poll() {
        byte[] octets = answered.toByteArray();
        answered.reset();
        return octets.length == 0 ? null : octets;
    }

    @Override
    public boolean isClosed() {
        return peer.isClosed();
    }

    @Override
    public void startTls() {
        peer.startTls();
    }

    /** A machine sees no end of input: the script goes no further, that is all. */
    @Override
    public void close() {}
}
