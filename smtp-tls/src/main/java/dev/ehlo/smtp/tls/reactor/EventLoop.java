package dev.ehlo.smtp.tls.reactor;

import java.util.concurrent.Executor;

/** One thread that does all the work of its connections, one thing after the other, and never waits in between. */
public interface EventLoop extends Executor {
    /** Runs the task on the loop's thread, later, in the order of the calls of one thread. From any thread. */
    @Override
    void execute(Runnable task);

    /** Whether the caller is on the loop's thread. */
    boolean isInLoop();

    /** A timer that is not set, for what is then done on the loop's thread. From any thread. */
    LoopTimer timer(Runnable due);

    /** The loop's time, as {@link System#nanoTime()} counts it, or as a test sets it. */
    long nanoTime();
}
