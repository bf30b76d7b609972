package dev.ehlo.smtp.tls.reactor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A sink that takes as many octets as it is told, call by call, over and over; everything if it is told nothing. */
final class Trickle implements OctetSink {
    private final ByteArrayOutputStream taken;
    private final List<Integer> takes;
    private int turn;
    boolean endless;

    Trickle(ByteArrayOutputStream taken, Integer... takes) {
        this(taken, List.of(takes));
    }

    Trickle(ByteArrayOutputStream taken, List<Integer> takes) {
        this.taken = taken;
        this.takes = takes;
        this.endless = takes.isEmpty();
    }

    @Override
    public long take(ByteBuffer[] buffers, int from, int count) {
        int allowed = allowed();
        int done = 0;
        for (int i = from; i < from + count; i++) {
            byte[] octets = new byte[Math.min(buffers[i].remaining(), allowed - done)];
            buffers[i].get(octets);
            taken.writeBytes(octets);
            done += octets.length;
        }
        return done;
    }

    @Override
    public long take(FileRegion region, long atMost) throws IOException {
        ByteBuffer octets = ByteBuffer.allocate((int) Math.min(allowed(), Math.min(atMost, region.left())));
        region.read(octets, octets.capacity());
        taken.writeBytes(octets.array());
        return octets.capacity();
    }

    private int allowed() {
        return endless ? Integer.MAX_VALUE : takes.get(turn++ % takes.size());
    }
}
