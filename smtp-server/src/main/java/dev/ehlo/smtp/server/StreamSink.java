package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.driver.Gathering;
import dev.ehlo.smtp.server.driver.WorkerSink;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The sink of {@link Content#asStream}: a queue of blocks between the one thread that writes and the one that reads. Where
 * a driver paces it nobody but the reader ever waits; wrapped in a sink of somebody else's, the writer does.
 *
 * <p>The function is begun late, so that it holds no thread for a small message that comes slowly; and a block that is not
 * full goes into the queue only when the queue is empty, so that octets that come one by one take no block each.
 */
final class StreamSink implements WorkerSink, PacedSink {
    /** Octets queued, at which the function is begun, and above which the sink is full. */
    private static final int BACKLOG = 4 * Gathering.BLOCK;

    private enum End {
        NOT_YET,
        WHOLE,
        LOST
    }

    private final Content.Taker<? super InputStream> taker;
    private final Gathering gathering = new Gathering();
    private final Queue<ByteBuffer> blocks = new ConcurrentLinkedQueue<>();
    private final AtomicLong backlog = new AtomicLong();
    private final CompletableFuture<Reply> replied = new CompletableFuture<>();
    private Executor workers = task -> new Thread(task, "content").start();
    private @Nullable Runnable room;
    private boolean begun;
    private volatile End end = End.NOT_YET;
    /** The function has returned, or closed the stream. */
    private volatile boolean unwanted;

    private volatile @Nullable Throwable failure;
    private volatile @Nullable Thread reader;
    private volatile @Nullable Thread writer;

    StreamSink(Content.Taker<? super InputStream> taker) {
        this.taker = taker;
    }

    // The writer's side

    @Override
    public PacedSink on(Executor executor) {
        workers = executor;
        return this;
    }

    @Override
    public void onRoom(Runnable told) {
        room = told;
    }

    @Override
    public boolean isFull() {
        return !unwanted && backlog.get() > BACKLOG;
    }

    @Override
    public void write(ByteBuffer slice) throws IOException {
        Throwable failed = failure;
        if (failed != null) {
            throw new IOException("who reads it failed", failed);
        }
        while (slice.hasRemaining() && !unwanted) {
            if (gathering.fillFrom(slice)) {
                queue();
                awaitRoom();
            }
        }
    }

    @Override
    public void handOver() {
        if (begun && blocks.isEmpty()) {
            queue();
        }
    }

    private void queue() {
        ByteBuffer block = gathering.take();
        if (block != null) {
            long waiting = backlog.addAndGet(block.remaining());
            blocks.add(block);
            LockSupport.unpark(reader);
            if (waiting >= BACKLOG) {
                begin();
            }
        }
    }

    private void begin() {
        if (!begun) {
            begun = true;
            try {
                workers.execute(this::run);
            } catch (RejectedExecutionException e) {
                // The server is being closed, and this connection with it.
                failure = e;
                unwanted = true;
                replied.completeExceptionally(e);
            }
        }
    }

    /** Nobody has said that he paces it, so here is where to wait. */
    private void awaitRoom() throws InterruptedIOException {
        while (room == null && isFull()) {
            writer = Thread.currentThread();
            if (isFull()) {
                LockSupport.park(this);
            }
            if (Thread.interrupted()) {
                throw new InterruptedIOException("interrupted while who reads is behind");
            }
        }
    }

    @Override
    public CompletionStage<Reply> complete() {
        queue();
        end(End.WHOLE);
        begin();
        return replied;
    }

    @Override
    public void abort() {
        gathering.clear();
        begun = true;
        if (end == End.NOT_YET) {
            end(End.LOST);
        }
    }

    private void end(End how) {
        end = how;
        LockSupport.unpark(reader);
    }

    // The reader's side

    private void run() {
        try (Input in = new Input()) {
            replied.complete(Objects.requireNonNull(taker.take(in), "no reply"));
        } catch (Throwable e) {
            failure = e;
            replied.completeExceptionally(e);
        }
    }

    /** After it nothing is queued for long: the writer looks before each block. */
    private void wantNoMore() {
        unwanted = true;
        blocks.clear();
        tellOfRoom();
    }

    private void tellOfRoom() {
        Runnable told = room;
        if (told != null) {
            told.run();
        } else {
            LockSupport.unpark(writer);
        }
    }

    private void taken(ByteBuffer block) {
        int octets = block.limit();
        long left = backlog.addAndGet(-octets);
        if (left <= BACKLOG && left + octets > BACKLOG) {
            tellOfRoom();
        }
    }

    private final class Input extends InputStream {
        private ByteBuffer block = ByteBuffer.allocate(0);
        private boolean closed;

        @Override
        public int read() throws IOException {
            return next() ? block.get() & 0xff : -1;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            Objects.checkFromIndexSize(from, length, into.length);
            if (length == 0) {
                return 0;
            }
            if (!next()) {
                return -1;
            }
            int octets = Math.min(length, block.remaining());
            block.get(into, from, octets);
            return octets;
        }

        @Override
        public int available() {
            return block.remaining();
        }

        /** Waits for an octet; whether there is one. */
        private boolean next() throws IOException {
            if (closed) {
                throw new IOException("the stream is closed");
            }
            if (!block.hasRemaining() && block.limit() > 0) {
                taken(block);
                block = ByteBuffer.allocate(0);
            }
            while (!block.hasRemaining()) {
                // Asked before the queue: what was queued before the end is there to be found.
                End known = end;
                ByteBuffer queued = blocks.poll();
                if (known == End.LOST) {
                    throw new IOException("the content is lost before its end");
                } else if (queued != null) {
                    block = queued;
                } else if (known == End.WHOLE) {
                    return false;
                } else {
                    await();
                }
            }
            return true;
        }

        private void await() throws InterruptedIOException {
            reader = Thread.currentThread();
            if (blocks.isEmpty() && end == End.NOT_YET) {
                LockSupport.park(StreamSink.this);
            }
            if (Thread.interrupted()) {
                throw new InterruptedIOException("interrupted while no content comes");
            }
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                wantNoMore();
            }
        }
    }
}
