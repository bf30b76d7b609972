package dev.ehlo.smtp.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What follows a stage. A defect in it fails the report, for which somebody waits, and does not vanish. */
final class Then {
    private static final Logger LOG = LoggerFactory.getLogger(Then.class);

    private Then() {}

    static <T> void then(
            CompletionStage<T> stage,
            CompletableFuture<?> report,
            BiConsumer<? super @Nullable T, ? super @Nullable Throwable> next) {
        CompletionStage<T> unused = stage.whenComplete((value, error) -> {
            try {
                next.accept(value, error);
            } catch (RuntimeException e) {
                if (!report.completeExceptionally(e)) {
                    LOG.debug("failed after the report was made", e);
                }
            }
        });
    }
}
