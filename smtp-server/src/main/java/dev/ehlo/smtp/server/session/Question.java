package dev.ehlo.smtp.server.session;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * What a session must know from outside before it goes on. Asked once, where it may block if it has to; settled once,
 * on the loop, with the session standing still in between.
 *
 * @param <T> the kind of answer
 */
public final class Question<T> {
    /** Who is asked. */
    public enum Of {
        /** The handler: on the loop if it is an inline one. */
        HANDLER,
        /** A sink that the driver {@linkplain SessionDriver#carry carries}, and so never blocks: on the loop. */
        SINK,
        /** The authenticator, which hashes: never on the loop. */
        AUTHENTICATOR
    }

    private final Of of;
    private final Callable<CompletionStage<T>> work;
    private final Consumer<T> answered;
    private final Runnable failed;

    private Question(Of of, Callable<CompletionStage<T>> work, Consumer<T> answered, Runnable failed) {
        this.of = of;
        this.work = work;
        this.answered = answered;
        this.failed = failed;
    }

    static <T> Question<T> of(Of of, Callable<T> work, Consumer<T> answered, Runnable failed) {
        return new Question<>(of, () -> CompletableFuture.completedFuture(work.call()), answered, failed);
    }

    static <T> Question<T> ofSink(Callable<CompletionStage<T>> work, Consumer<T> answered, Runnable failed) {
        return new Question<>(Of.SINK, work, answered, failed);
    }

    /** Who is asked. */
    public Of of() {
        return of;
    }

    /** Asks. Whatever goes wrong fails the stage; nothing is thrown. */
    public CompletionStage<T> ask() {
        try {
            CompletionStage<T> stage = work.call();
            return stage == null ? CompletableFuture.failedFuture(new NullPointerException("no stage")) : stage;
        } catch (Throwable e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    void answer(T value) {
        answered.accept(value);
    }

    void fail() {
        failed.run();
    }
}
