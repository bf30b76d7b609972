package dev.ehlo.smtp.tls.reactor;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
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

    private final PooledBuffer network = new PooledBuffer(pool, true);
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
        layer.wrap(new ByteBuffer[] {ByteBuffer.wrap(text.getBytes(ISO_8859_1))}, 0, 1, out, Long.MAX_VALUE);
    }

    /** Puts what it is given into records, no more than its connection would. */
    OctetSink records() {
        return new OctetSink() {
            @Override
            public long take(ByteBuffer[] buffers, int from, int count) throws IOException {
                return layer.wrap(buffers, from, count, out, Connection.UNSENT_BOUND);
            }

            @Override
            public long take(FileRegion region, long atMost) {
                throw new UnsupportedOperationException();
            }
        };
    }

    /** What it has to say since it was asked the last time. */
    byte[] sent() {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        Trickle everything = new Trickle(octets);
        try {
            while (!out.writeTo(everything)) {
                assertThat(out.octets()).isPositive();
            }
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
                    Math.min(
                            cuts.get(cut++ % cuts.size()),
                            network.room(BufferPool.RECORD_OCTETS).remaining()));
            network.room(count).put(octets, from, count);
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
            network.room(1);
            int before = network.octets();
            TlsLayer.Step step;
            try {
                step = layer.advance(network.show(), room, out);
            } finally {
                network.shown();
                taken += before - network.octets();
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
}
