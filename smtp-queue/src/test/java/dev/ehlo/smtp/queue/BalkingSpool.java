package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A spool that has no room, is at fault, or takes its time, when the test says so. */
final class BalkingSpool extends ForwardingSpool {
    boolean full;
    /** Nothing is recorded then. */
    @Nullable
    String fault;
    /** What was recorded, in its order. */
    final List<String> records = new ArrayList<>();
    /** What records wait for before they are durable. */
    CompletableFuture<?> recorded = CompletableFuture.completedFuture(null);
    /** What messages wait for before they are read. */
    CompletableFuture<?> readable = CompletableFuture.completedFuture(null);
    /** Why messages can't be read. */
    @Nullable
    IOException unreadable;

    /** What is read whatever is asked for, where there are to be more messages than a test can hold. */
    @Nullable
    SpooledMessage stub;

    final List<QueueId> loads = new ArrayList<>();
    /** What messages wait for before they are safe. */
    CompletableFuture<?> synced = CompletableFuture.completedFuture(null);

    BalkingSpool() {
        super(Spool.memory());
    }

    @Override
    public SpoolWriter open(Envelope envelope, Instant arrival) throws IOException {
        if (full || fault != null) {
            throw new IOException("no room, or at fault");
        }
        return super.open(envelope, arrival);
    }

    @Override
    CompletionStage<SpooledMessage> complete(Supplier<CompletionStage<SpooledMessage>> completion) {
        return synced.thenCompose(done -> completion.get());
    }

    @Override
    public CompletionStage<SpooledMessage> load(QueueId id) {
        if (stub != null) {
            return CompletableFuture.completedFuture(stub);
        }
        loads.add(id);
        return readable.thenCompose(
                done -> unreadable == null ? spool.load(id) : CompletableFuture.failedFuture(unreadable));
    }

    @Override
    public CompletionStage<Void> crossOff(QueueId id, Collection<Integer> recipients, DeliveryStatus status) {
        return record(status + " " + recipients, () -> spool.crossOff(id, recipients, status));
    }

    @Override
    public CompletionStage<Void> defer(QueueId id, Collection<Integer> recipients, Deferral deferral) {
        String text = "DEFERRED " + recipients + " " + deferral.attempts();
        return record(text, () -> spool.defer(id, recipients, deferral));
    }

    private CompletionStage<Void> record(String text, Supplier<CompletionStage<Void>> recording) {
        return recorded.thenCompose(done -> {
            if (fault != null) {
                return CompletableFuture.failedFuture(new IOException(fault));
            }
            records.add(text);
            return recording.get();
        });
    }

    @Override
    public Optional<String> fault() {
        return fault == null ? spool.fault() : Optional.of(fault);
    }

    @Override
    public void resume() throws IOException {
        fault = null;
        spool.resume();
    }
}
