package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.PacedSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands before a sink that may block: takes slices by copy, and writes them on a worker, in order, one at a time. The
 * loop is to pause while {@link #isFull}; on a worker it is told of room again. Whatever the sink
 * throws, an {@link Error} too, is its failure and holds nobody up: what follows is done, and who waits is told.
 *
 * <p>The loop's side is used by one thread. The queue of tasks is worked off by whichever worker finds it idle.
 */
final class OffloadedSink implements PacedSink {
    /** Octets handed over and not yet written, above which the sink is full. */
    private static final int BACKLOG = 4 * Gathering.BLOCK;

    private final MessageSink sink;
    private final Executor workers;
    private Runnable room = () -> {};
    private final Gathering gathering = new Gathering();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong backlog = new AtomicLong();
    private volatile @Nullable Throwable failure;
    private boolean over;

    OffloadedSink(MessageSink sink, Executor workers) {
        this.sink = sink;
        this.workers = workers;
    }

    @Override
    public void onRoom(Runnable drained) {
        room = drained;
    }

    /** Asked where the handler is asked, before anything is written. */
    @Override
    public Optional<Reply> refusal() {
        return sink.refusal();
    }

    @Override
    public void write(ByteBuffer slice) throws IOException {
        Throwable failed = failure;
        if (failed != null) {
            throw new IOException("an earlier write failed", failed);
        }
        while (slice.hasRemaining()) {
            if (gathering.fillFrom(slice)) {
                flush();
            }
        }
    }

    /** Not while there is work left: octets that come one by one would take a block each. */
    @Override
    public void handOver() {
        if (waiting.get() == 0) {
            flush();
        }
    }

    private void flush() {
        ByteBuffer block = gathering.take();
        if (block != null) {
            backlog.addAndGet(block.remaining());
            execute(() -> writeNow(block));
        }
    }

    @Override
    public boolean isFull() {
        return backlog.get() > BACKLOG;
    }

    @Override
    public void needsNoStuffing() {
        flush();
        execute(sink::needsNoStuffing);
    }

    @Override
    public CompletionStage<Reply> complete() {
        return completing(sink::complete);
    }

    @Override
    public CompletionStage<List<Reply>> completeForEach(int recipients) {
        return completing(() -> sink.completeForEach(recipients));
    }

    private <T> CompletionStage<T> completing(Supplier<CompletionStage<T>> how) {
        flush();
        over = true;
        CompletableFuture<T> replied = new CompletableFuture<>();
        execute(() -> completeNow(how, replied));
        return replied;
    }

    @Override
    public void abort() {
        gathering.clear();
        if (!over) {
            over = true;
            execute(sink::abort);
        }
    }

    private void writeNow(ByteBuffer block) {
        int octets = block.remaining();
        try {
            if (failure == null) {
                sink.write(block);
            }
        } catch (Throwable e) {
            failure = e;
        }
        long left = backlog.addAndGet(-octets);
        if (left <= BACKLOG && left + octets > BACKLOG) {
            room.run();
        }
    }

    private <T> void completeNow(Supplier<CompletionStage<T>> how, CompletableFuture<T> replied) {
        Throwable failed = failure;
        if (failed != null) {
            replied.completeExceptionally(failed);
            sink.abort();
            return;
        }
        try {
            how.get().whenComplete((reply, error) -> {
                if (error != null) {
                    replied.completeExceptionally(error);
                } else {
                    replied.complete(reply);
                }
            });
        } catch (Throwable e) {
            replied.completeExceptionally(e);
        }
    }

    private void execute(Runnable task) {
        tasks.add(task);
        if (waiting.getAndIncrement() == 0) {
            try {
                workers.execute(this::work);
            } catch (RejectedExecutionException e) {
                // The server is being closed and this connection with it; only to abort is left to do.
                work();
            } catch (OutOfMemoryError e) {
                // No thread is to be had: better this loop waits for once than the sink for ever.
                failure = e;
                work();
            }
        }
    }

    private void work() {
        do {
            Runnable task = tasks.remove();
            try {
                task.run();
            } catch (Throwable e) {
                failure = e;
            }
        } while (waiting.decrementAndGet() > 0);
    }
}
