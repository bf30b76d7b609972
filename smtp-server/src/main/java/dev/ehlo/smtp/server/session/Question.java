package dev.ehlo.smtp.server.session;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * What a session must know from outside before it goes on, and can't be told at once. Asked once, settled once on the
 * loop, with the session standing still in between.
 *
 * @param <T> the kind of answer
 */
public final class Question<T> {
    private final boolean mayBlock;
    private final boolean ofStranger;
    private final Callable<CompletionStage<T>> work;
    private final Consumer<T> answered;
    private final Runnable failed;

    private Question(
            boolean mayBlock,
            boolean ofStranger,
            Callable<CompletionStage<T>> work,
            Consumer<T> answered,
            Runnable failed) {
        this.mayBlock = mayBlock;
        this.ofStranger = ofStranger;
        this.work = work;
        this.answered = answered;
        this.failed = failed;
    }

    /** One whose asking may block, as a handler and an authenticator may: to be asked off the loop. */
    static <T> Question<T> ofBlocking(Callable<T> work, Consumer<T> answered, Runnable failed) {
        return new Question<>(true, false, () -> CompletableFuture.completedFuture(work.call()), answered, failed);
    }

    /** As {@link #ofBlocking}, of whom nobody knows yet whether he is a user: one of many perhaps, who may have to wait. */
    static <T> Question<T> ofStranger(Callable<T> work, Consumer<T> answered, Runnable failed) {
        return new Question<>(true, true, () -> CompletableFuture.completedFuture(work.call()), answered, failed);
    }

    /** One that was asked already, and is not yet answered. */
    static <T> Question<T> pending(CompletionStage<T> stage, Consumer<T> answered, Runnable failed) {
        return new Question<>(false, false, () -> stage, answered, failed);
    }

    /** Whether {@link #ask} may block; if not, it only gives the stage that is waited for. */
    public boolean mayBlock() {
        return mayBlock;
    }

    /** Whether users come first; if too many such wait, it may be failed without being asked. */
    public boolean isOfStranger() {
        return ofStranger;
    }

    /** Asks. Whatever goes wrong fails the stage; nothing is thrown. */
    public CompletionStage<T> ask() {
        try {
            return work.call();
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
