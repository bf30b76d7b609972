package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.server.session.Question;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The threads where handlers may block: virtual ones if the JVM has them, otherwise a bounded pool. The one class that
 * knows which. Thread-safe.
 */
public final class Workers implements Executor, AutoCloseable {
    /**
     * Threads of the pool; what is more waits, one question and one sink of each session at most, and before that is too
     * much the server sheds load.
     */
    private static final int MAX_THREADS = 64;

    private static final long IDLE_SECONDS = 30;
    private static final long CLOSE_SECONDS = 5;

    /** Why a question of a stranger was not asked: too many wait. */
    static final class Crowded extends RejectedExecutionException {
        private static final long serialVersionUID = 1;

        Crowded() {
            super("too many strangers wait");
        }
    }

    /** Password checks of strangers at once: enough for those who wait for a directory, few beside the users there are. */
    private static final int STRANGERS = Math.max(4, Runtime.getRuntime().availableProcessors());
    /** Of strangers that wait: as many as are through in a few seconds. */
    private static final int WAITING_STRANGERS = 256;

    private final ExecutorService executor;
    private final Turnstile strangers = new Turnstile(this, STRANGERS, WAITING_STRANGERS);
    private final LongAdder taken = new LongAdder();
    private final LongAdder done = new LongAdder();

    private Workers(ExecutorService executor) {
        this.executor = executor;
    }

    /** Workers named so, as far as the JVM names them. */
    public static Workers start(String name) {
        ExecutorService virtual = virtualThreads();
        return new Workers(virtual != null ? virtual : pool(name));
    }

    /** Null before Java 21, where they do not exist, or only as a preview. */
    private static @Nullable ExecutorService virtualThreads() {
        try {
            MethodHandle factory = MethodHandles.publicLookup()
                    .findStatic(
                            Executors.class,
                            "newVirtualThreadPerTaskExecutor",
                            MethodType.methodType(ExecutorService.class));
            return (ExecutorService) factory.invokeExact();
        } catch (NoSuchMethodException | UnsupportedOperationException e) {
            return null;
        } catch (Throwable e) {
            throw new IllegalStateException("no executor of virtual threads", e);
        }
    }

    private static ExecutorService pool(String name) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                MAX_THREADS, MAX_THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, name + "-worker-" + number.getAndIncrement());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** @throws RejectedExecutionException after {@link #close} */
    @Override
    public void execute(Runnable task) {
        // Before it may run: it is never seen to run, and not to be there.
        taken.increment();
        try {
            executor.execute(() -> {
                try {
                    task.run();
                } finally {
                    done.increment();
                }
            });
        } catch (RejectedExecutionException closed) {
            done.increment();
            throw closed;
        }
    }

    /**
     * Asks, on a thread of these if that may block; what strangers want asked a few at a time, in turn, so that however
     * many guess at passwords, users find a thread and a processor.
     *
     * @param asked is given the answer's stage, on whichever thread; one that fails with {@link Crowded} if the question
     *     was not asked
     */
    <T> void ask(Question<T> question, Consumer<CompletionStage<T>> asked) {
        Runnable task = () -> asked.accept(question.ask());
        if (!question.mayBlock()) {
            task.run();
        } else if (!question.isOfStranger()) {
            execute(task);
        } else if (!strangers.execute(task)) {
            asked.accept(CompletableFuture.failedFuture(new Crowded()));
        }
    }

    /** Tasks that run, or wait for a thread. */
    public long backlog() {
        // In this order, so that none counts as done that does not count as taken.
        long over = done.sum();
        return Math.max(0, taken.sum() - over);
    }

    /** Takes no more, lets what runs end, and interrupts what does not end in a few seconds. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
