package dev.ehlo.smtp.tls.reactor;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/** One side of a connection under TLS without a socket: octets in, octets out. */
final class TlsSide {
    final BufferPool pool = new BufferPool();
    final OutputQueue out = new OutputQueue(pool);
    final TlsLayer layer;
    /** The lengths in which octets of the network come, over and over. */
    List<Integer> cuts = List.of(Integer.MAX_VALUE);

    boolean established;
    int taken;

    private final PooledBuffer network = new PooledBuffer(pool);
    private final ByteBuffer room = ByteBuffer.allocate(BufferPool.SEGMENT_OCTETS);
    private final ByteArrayOutputStream clear = new ByteArrayOutputStream();
    private int cut;

    TlsSide(SSLEngine engine) throws SSLException {
        this.layer = new TlsLayer(engine);
    }

    /** Carries octets both ways until neither has anything to say. */
    void handshakeWith(TlsSide other) throws SSLException {
        byte[] mine;
        byte[] others = new byte[0];
        do {
            receive(others);
            mine = sent();
            other.receive(mine);
            others = other.sent();
        } while (mine.length > 0 || others.length > 0);
        assertThat(established && other.established).isTrue();
    }

    /** Puts text into records. */
    void send(String text) throws SSLException {
        layer.wrap(ByteBuffer.wrap(text.getBytes(ISO_8859_1)), out);
    }

    /** What it has to say since it was asked the last time. */
    byte[] sent() {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        WritableByteChannel channel = Channels.newChannel(octets);
        try {
            out.writeTo(new Gathering(channel));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return octets.toByteArray();
    }

    /** Octets of the network, in cuts. */
    TlsLayer.Step receive(byte[] octets) throws SSLException {
        TlsLayer.Step step = advance();
        for (int from = 0; from < octets.length; ) {
            int count = Math.min(
                    octets.length - from,
                    Math.min(cuts.get(cut++ % cuts.size()), network.get().remaining()));
            network.get().put(octets, from, count);
            from += count;
            step = advance();
        }
        return step;
    }

    String clear() {
        return clear.toString(ISO_8859_1);
    }

    void assertNothingLent() {
        network.releaseIfEmpty();
        sent();
        assertThat(pool.lent()).isZero();
    }

    private TlsLayer.Step advance() throws SSLException {
        while (true) {
            ByteBuffer octets = network.get();
            int before = octets.position();
            octets.flip();
            TlsLayer.Step step;
            try {
                step = layer.advance(octets, room, out);
            } finally {
                octets.compact();
                taken += before - octets.position();
            }
            clear.write(room.array(), 0, room.position());
            room.clear();
            switch (step) {
                case NEEDS_ROOM -> {}
                case NEEDS_TASKS -> layer.runTasks();
                case ESTABLISHED -> {
                    assertThat(established).isFalse();
                    established = true;
                }
                case NEEDS_INPUT, ENDED -> {
                    return step;
                }
            }
        }
    }

    private record Gathering(WritableByteChannel channel) implements GatheringByteChannel {
        @Override
        public long write(ByteBuffer[] buffers, int offset, int length) throws IOException {
            long count = 0;
            for (int i = offset; i < offset + length; i++) {
                count += channel.write(buffers[i]);
            }
            return count;
        }

        @Override
        public long write(ByteBuffer[] buffers) throws IOException {
            return write(buffers, 0, buffers.length);
        }

        @Override
        public int write(ByteBuffer buffer) throws IOException {
            return channel.write(buffer);
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
