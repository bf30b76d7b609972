package dev.ehlo.smtp.queue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ForkJoinPool;

/**
 * Messages of a queue, oldest first, read page by page. Which there are was found at once; how they stand is that of the
 * page's moment, and what has left the queue meanwhile is left out. Used by one thread at a time.
 */
public final class QueueListing {
    /** Messages of a page at most. */
    public static final int PAGE = 128;

    private final Operator operator;
    private final QueueSelection selection;
    private final CompletableFuture<long[]> candidates;
    private int at;

    QueueListing(Operator operator, QueueSelection selection, CompletableFuture<long[]> candidates) {
        this.operator = operator;
        this.selection = selection;
        this.candidates = candidates;
    }

    /**
     * The next messages, at least one; none at the end. Called again once the stage has completed; it does so on any
     * thread, and fails with an {@link java.io.IOException} if the queue is closed.
     */
    public CompletionStage<List<QueuedMessage>> next() {
        return operator.open(candidates.thenComposeAsync(this::next, ForkJoinPool.commonPool()));
    }

    /** Goes on until there is something to show, or nothing is left. */
    private CompletionStage<List<QueuedMessage>> next(long[] ids) {
        if (at >= ids.length) {
            return CompletableFuture.completedFuture(List.of());
        }
        long[] page = Arrays.copyOfRange(ids, at, Math.min(ids.length, at + PAGE));
        at += page.length;
        return operator.load(page)
                .thenCompose(this::view)
                .thenComposeAsync(
                        shown -> shown.isEmpty() ? next(ids) : CompletableFuture.completedFuture(shown),
                        ForkJoinPool.commonPool());
    }

    private CompletionStage<List<QueuedMessage>> view(List<SpooledMessage> messages) {
        List<SpooledMessage> meant = new ArrayList<>();
        List<int[]> recipients = new ArrayList<>();
        for (SpooledMessage message : messages) {
            int[] ofMessage = selection.recipients(message);
            if (ofMessage.length > 0) {
                meant.add(message);
                recipients.add(ofMessage);
            }
        }
        return meant.isEmpty() ? CompletableFuture.completedFuture(List.of()) : operator.view(meant, recipients);
    }
}
