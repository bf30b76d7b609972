package dev.ehlo.smtp.tls.reactor;

import java.util.concurrent.Executor;

/** One thread that does all the work of its connections, one thing after the other, and never waits in between. */
public interface EventLoop extends Executor {
    /** Runs the task on the loop's thread, later, in the order of the calls of one thread. From any thread. */
    @Override
    void execute(Runnable task);

    /** Whether the caller is on the loop's thread. */
    boolean isInLoop();

    /** The loop's time, as {@link System#nanoTime()} counts it, or as a test sets it. */
    long nanoTime();

    /** What runs that task when its time has come; nothing is set yet. */
    Timer timer(Runnable task);
}
