package dev.ehlo.smtp.mta.metrics;

import dev.ehlo.smtp.queue.QueueDepth;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How old what is in a queue is, looked at anew for each who asks, one look at a time. A queue that does not answer soon is
 * not waited for: then nothing is told of it, rather than what may be true no more. Thread-safe.
 */
public final class QueueAges implements Supplier<List<QueueDepth.Age>> {
    private static final Logger LOG = LoggerFactory.getLogger(QueueAges.class);

    private final Supplier<CompletionStage<QueueDepth>> queue;
    private final long millis;
    private @Nullable CompletableFuture<QueueDepth> last;

    /**
     * Of that queue.
     *
     * @param queue begins to look
     * @param millis for how long an answer is waited for
     */
    public QueueAges(Supplier<CompletionStage<QueueDepth>> queue, long millis) {
        this.queue = queue;
        this.millis = millis;
    }

    /** Empty if it is not known. */
    @Override
    public synchronized List<QueueDepth.Age> get() {
        CompletableFuture<QueueDepth> look = last;
        if (look == null || look.isDone()) {
            look = queue.get().toCompletableFuture();
            last = look;
        }
        try {
            return look.get(millis, TimeUnit.MILLISECONDS).ages();
        } catch (TimeoutException | ExecutionException e) {
            LOG.warn("metrics do without the ages of what is queued: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return List.of();
    }
}
