package dev.ehlo.smtp.tls.reactor;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One thread that does all the work of its connections, one thing after the other, and never waits in between. Whoever
 * waits for what it does may be that thread meanwhile ({@link #runHere}); there is one at a time.
 */
public interface EventLoop extends Executor {
    /** Runs the task on the loop's thread, later, in the order of the calls of one thread. From any thread. */
    @Override
    void execute(Runnable task);

    /** Whether the caller is on the loop's thread. */
    boolean isInLoop();

    /** A timer that is not set, for what is then done on the loop's thread. From any thread. */
    LoopTimer timer(Runnable due);

    /**
     * Has the caller be the loop's thread, if that is free for it ({@link #rest}): begins something, and does all the
     * loop's work until that is done, or the caller is interrupted, or the loop ends. So a thread that would wait for the
     * loop wakes nobody, and need not be woken. What it serves includes whatever else is on the loop. Of a loop that is
     * its own thread's alone, it is never had.
     *
     * @param begin run as on the loop
     * @param others asked at the end: whether the loop's own thread has work to go on with at once. If not, nobody looks
     *     at the sockets for some hundredths of a second, or until a task is handed in, or a caller comes again
     * @return what was begun, done or not; null if the loop's own thread is at it, and nothing was begun
     */
    default <T> @Nullable CompletableFuture<T> runHere(Supplier<CompletableFuture<T>> begin, BooleanSupplier others) {
        return null;
    }

    /**
     * Asks the loop's own thread to let callers of {@link #runHere} do its work for a while; it goes on by itself when
     * none comes. From any thread.
     *
     * @param others as there: if there are, it goes on
     */
    default void rest(BooleanSupplier others) {}

    /**
     * Has the loop's own thread go on, if a caller of {@link #runHere} has it: that begins no task which is handed in after
     * this. For tasks that read files, as an interrupt of who reads a {@link java.nio.channels.FileChannel} closes it, and
     * that of a caller is nobody else's matter. From any thread.
     */
    default void takeBack() {}

    /** The loop's time, as {@link System#nanoTime()} counts it, or as a test sets it. */
    long nanoTime();
}
