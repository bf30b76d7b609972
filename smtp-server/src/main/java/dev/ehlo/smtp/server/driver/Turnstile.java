package dev.ehlo.smtp.server.driver;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets a few tasks at a time through to an executor, and has a bounded number of others wait their turn, so that one kind
 * of work never takes all there is. Thread-safe; blocks nobody.
 */
final class Turnstile {
    private final Executor executor;
    private final int mostTaken;
    private final Semaphore places;
    private final AtomicInteger taken = new AtomicInteger();
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    /**
     * In front of that executor.
     *
     * @param atOnce tasks that run, at most
     * @param waiting tasks besides that wait, at most
     */
    Turnstile(Executor executor, int atOnce, int waiting) {
        this.executor = executor;
        this.mostTaken = atOnce + waiting;
        this.places = new Semaphore(atOnce);
    }

    /**
     * Takes a task, unless too many wait: then it is never run.
     *
     * @throws java.util.concurrent.RejectedExecutionException if the executor takes none any more
     */
    boolean execute(Runnable task) {
        if (taken.incrementAndGet() > mostTaken) {
            taken.decrementAndGet();
            return false;
        }
        waiting.add(task);
        begin();
        return true;
    }

    /** Whoever puts a task or gives a place back calls this after it, so that none is left waiting beside a free place. */
    private void begin() {
        while (!waiting.isEmpty() && places.tryAcquire()) {
            Runnable next = waiting.poll();
            if (next == null) {
                places.release();
            } else {
                executor.execute(() -> run(next));
            }
        }
    }

    private void run(Runnable task) {
        try {
            task.run();
        } finally {
            taken.decrementAndGet();
            places.release();
            begin();
        }
    }
}
