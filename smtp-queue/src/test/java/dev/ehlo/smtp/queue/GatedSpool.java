package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A spool that writes what it is told only when the test says so, in order; what waits is lost with the process. So a
 * crash comes between any two things that the scheduler does, each time at the same place.
 */
final class GatedSpool extends ForwardingSpool {
    private final Ledger ledger;
    private final Deque<Waiting<?>> waiting = new ArrayDeque<>();

    /** Hears what the disk has. */
    interface Ledger {
        void isSafe(SpooledMessage message);

        void isCrossedOff(QueueId id, Collection<Integer> recipients);

        /** On its way to the disk. */
        default void isDeferring(QueueId id, Collection<Integer> recipients, Deferral deferral) {}
    }

    private record Waiting<T>(Supplier<CompletionStage<T>> writing, CompletableFuture<T> done) {
        void pass() throws InterruptedException, TimeoutException {
            try {
                done.complete(Mail.await(writing.get()));
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Error found) {
                    // Of the ledger, and no fault of the disk.
                    throw found;
                }
                done.completeExceptionally(e.getCause());
            }
        }
    }

    GatedSpool(Spool spool, Ledger ledger) {
        super(spool);
        this.ledger = ledger;
    }

    private <T> CompletionStage<T> gated(Supplier<CompletionStage<T>> writing) {
        Waiting<T> one = new Waiting<>(writing, new CompletableFuture<>());
        waiting.add(one);
        return one.done;
    }

    int waiting() {
        return waiting.size();
    }

    /** The first ones become durable. */
    void pass(int count) throws Exception {
        for (int i = 0; i < count && !waiting.isEmpty(); i++) {
            waiting.remove().pass();
        }
    }

    /** A write fails, and with it all that wait. */
    void fail() {
        for (Waiting<?> one = waiting.poll(); one != null; one = waiting.poll()) {
            one.done.completeExceptionally(new IOException("not written (test)"));
        }
    }

    @Override
    CompletionStage<SpooledMessage> complete(Supplier<CompletionStage<SpooledMessage>> completion) {
        return gated(() -> completion.get().thenApply(message -> {
            ledger.isSafe(message);
            return message;
        }));
    }

    @Override
    public CompletionStage<SpooledMessage> load(QueueId id) {
        CompletableFuture<SpooledMessage> loaded = spool.load(id).toCompletableFuture();
        try {
            Mail.await(loaded);
        } catch (ExecutionException e) {
            return loaded;
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("no answer from the spool", e);
        }
        return loaded;
    }

    @Override
    public CompletionStage<Void> crossOff(QueueId id, Collection<Integer> recipients, DeliveryStatus status) {
        List<Integer> these = List.copyOf(recipients);
        return gated(() -> spool.crossOff(id, these, status).thenRun(() -> ledger.isCrossedOff(id, these)));
    }

    @Override
    public CompletionStage<Void> defer(QueueId id, Collection<Integer> recipients, Deferral deferral) {
        List<Integer> these = List.copyOf(recipients);
        ledger.isDeferring(id, these, deferral);
        return gated(() -> spool.defer(id, these, deferral));
    }
}
