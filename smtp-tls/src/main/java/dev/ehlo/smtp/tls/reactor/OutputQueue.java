package dev.ehlo.smtp.tls.reactor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The octets of one connection that wait for an {@link OctetSink} to take them: a sequence of pooled buffers and regions
 * of files. No buffer is held when nothing waits. Only the last buffer is put into, and it goes on to be filled while
 * octets before it wait, so that small writes to a slow reader share a buffer. Used on the loop's thread only.
 *
 * <p>The buffers stand side by side in an array, from which they are gathered without another; a region knows how many
 * of them go before it.
 */
final class OutputQueue {
    /** Octets taken from it in one go, whatever the sink would take: other connections are to be served too. */
    static final long TURN_OCTETS = 4L * Connection.UNSENT_BOUND;

    private static final ByteBuffer[] NONE = {};

    private final BufferPool pool;
    private boolean onHeap;
    /** From {@link #first} to {@link #end}: each from its first unsent octet (position) to its end (limit). */
    private ByteBuffer[] buffers = NONE;

    private int first;
    private int end;
    /** Whether the last buffer is put into: then its room is from position to limit, and unsent is {@link #tailSent} on. */
    private boolean filling;

    private int tailSent;
    /** Buffers that have gone. It may turn over, as only differences matter. */
    private int gone;

    private @Nullable FileRegion firstRegion;
    private @Nullable FileRegion lastRegion;
    private long regionOctets;

    OutputQueue(BufferPool pool) {
        this.pool = pool;
    }

    /** From now on the buffers that are put into are on the heap. */
    void useHeap() {
        seal();
        onHeap = true;
    }

    /** A buffer to put the next octets into, with room for that many; it stays the queue's. */
    ByteBuffer room(int atLeast) {
        if (filling && buffers[end - 1].remaining() >= atLeast) {
            return buffers[end - 1];
        }
        seal();
        makePlace();
        ByteBuffer last = onHeap ? pool.takeHeap() : pool.take();
        buffers[end++] = last;
        filling = true;
        tailSent = 0;
        return last;
    }

    /** Puts octets of a file behind all that is there. */
    void add(FileChannel file, long position, long octets) {
        if (octets == 0) {
            return;
        }
        seal();
        FileRegion region = new FileRegion(file, position, octets, gone + end - first);
        if (lastRegion == null) {
            firstRegion = region;
        } else {
            lastRegion.next = region;
        }
        lastRegion = region;
        regionOctets += octets;
    }

    /** Octets that wait. */
    long octets() {
        long octets = regionOctets;
        int sealed = filling ? end - 1 : end;
        for (int i = first; i < sealed; i++) {
            octets += buffers[i].remaining();
        }
        return filling ? octets + buffers[sealed].position() - tailSent : octets;
    }

    /** Whether octets of a file wait. */
    boolean hasRegion() {
        return firstRegion != null;
    }

    /** Writes until all is out, the sink takes no more, or the turn is over; true if all is out. */
    boolean writeTo(OctetSink sink) throws IOException {
        boolean takes = true;
        for (long written = 0; takes && written < TURN_OCTETS && octets() > 0; ) {
            FileRegion region = firstRegion;
            if (region == null) {
                written += write(sink, buffers, first, end - first);
                takes = false; // if anything is left
            } else if (region.behind != gone) {
                written += write(sink, buffers, first, region.behind - gone);
                takes = region.behind == gone;
            } else {
                long allowed = Math.min(region.left(), TURN_OCTETS - written);
                long taken = write(sink, region, allowed);
                written += taken;
                takes = taken == allowed;
            }
        }
        return releaseIfEmpty();
    }

    /**
     * Writes what is there, and the slices behind it, together where no region is between. No slice is kept.
     *
     * @return how many octets of the slices were taken; their positions say which
     */
    long writeTo(OctetSink sink, ByteBuffer[] slices, int from, int count) throws IOException {
        if (firstRegion != null && !writeTo(sink)) {
            return 0;
        }
        if (releaseIfEmpty()) {
            return sink.take(slices, from, count);
        }
        int own = end - first;
        ByteBuffer[] gathered = pool.gathered(own + count);
        System.arraycopy(buffers, first, gathered, 0, own);
        System.arraycopy(slices, from, gathered, own, count);
        long before = octets();
        try {
            long taken = write(sink, gathered, 0, own + count);
            return taken - (before - octets());
        } finally {
            Arrays.fill(gathered, 0, own + count, null);
            releaseIfEmpty();
        }
    }

    /** Gives all buffers back, with what is in them, and lets the files be. */
    void discard() {
        for (int i = first; i < end; i++) {
            pool.give(buffers[i]);
        }
        Arrays.fill(buffers, first, end, null);
        first = 0;
        end = 0;
        filling = false;
        firstRegion = null;
        lastRegion = null;
        regionOctets = 0;
    }

    /** Writes buffers, the first of which are this queue's; those that are empty then go back to the pool. */
    private long write(OctetSink sink, ByteBuffer[] octets, int from, int count) throws IOException {
        ByteBuffer last = filling ? buffers[end - 1] : null;
        int put = last == null ? 0 : last.position();
        if (last != null) {
            last.limit(put).position(tailSent);
        }
        try {
            return sink.take(octets, from, count);
        } finally {
            if (last != null) {
                tailSent = last.position();
                last.limit(last.capacity()).position(put);
            }
            int sealed = filling ? end - 1 : end;
            while (first < sealed && !buffers[first].hasRemaining()) {
                pool.give(buffers[first]);
                buffers[first++] = null;
                gone++;
            }
        }
    }

    private long write(OctetSink sink, FileRegion region, long atMost) throws IOException {
        long taken = sink.take(region, atMost);
        regionOctets -= taken;
        if (region.left() == 0) {
            firstRegion = region.next;
            if (firstRegion == null) {
                lastRegion = null;
            }
        }
        return taken;
    }

    /** The last buffer is put into no more; if nothing was put, it is not kept either. */
    private void seal() {
        if (filling) {
            filling = false;
            ByteBuffer last = buffers[end - 1];
            last.limit(last.position()).position(tailSent);
            if (!last.hasRemaining()) {
                pool.give(last);
                buffers[--end] = null;
            }
        }
    }

    private void makePlace() {
        if (end == buffers.length) {
            ByteBuffer[] to = first > 0 ? buffers : new ByteBuffer[Math.max(4, 2 * end)];
            System.arraycopy(buffers, first, to, 0, end - first);
            Arrays.fill(to, end - first, to.length, null);
            buffers = to;
            end -= first;
            first = 0;
        }
    }

    private boolean releaseIfEmpty() {
        if (octets() > 0) {
            return false;
        }
        discard();
        return true;
    }
}
