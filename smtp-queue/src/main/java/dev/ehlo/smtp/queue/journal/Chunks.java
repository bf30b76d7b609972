package dev.ehlo.smtp.queue.journal;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Direct buffers in which content gathers on its way to the journal. Shared between threads; what is taken has one
 * owner until it is given back. There is a limit to what may be taken, so that many sessions can't exhaust memory.
 */
public final class Chunks {
    /** Octets of one chunk. */
    public static final int OCTETS = 16 << 10;

    /** How many may be out at a time: 64 MiB. Beyond it content goes to files as if it were large. */
    private static final int MOST = 4096;

    private static final int KEPT = 1024;

    private final int most;
    private final IntFunction<ByteBuffer> memory;
    private final MpmcVarHandleArrayQueue<ByteBuffer> free = new MpmcVarHandleArrayQueue<>(KEPT);
    private final AtomicInteger out = new AtomicInteger();

    /** Chunks of direct memory. */
    public Chunks() {
        this(MOST, ByteBuffer::allocateDirect);
    }

    Chunks(int most, IntFunction<ByteBuffer> memory) {
        this.most = most;
        this.memory = memory;
    }

    /** An empty chunk, or null if too many are out or there is no memory for one more. */
    public @Nullable ByteBuffer take() {
        int now = out.get();
        // Not counted before it is known that there is one left: another would find one too few.
        for (int seen = -1; seen != now; ) {
            if (now >= most) {
                return null;
            }
            seen = now;
            now = out.compareAndExchange(seen, seen + 1);
        }
        ByteBuffer chunk = free.poll();
        try {
            return chunk != null ? chunk.clear() : memory.apply(OCTETS);
        } catch (OutOfMemoryError e) {
            out.decrementAndGet();
            return null;
        }
    }

    /** Takes a chunk back. */
    public void give(ByteBuffer chunk) {
        out.decrementAndGet();
        free.offer(chunk);
    }

    /** How many are out. */
    public int out() {
        return out.get();
    }
}
