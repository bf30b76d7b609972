package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The attempts that are in flight. Belongs to the scheduler thread, and brings the end of each to it. */
final class Attempts {
    private final DeliveryAgent agent;
    private final Inbox<Object> inbox;
    private final Listener listener;
    private final Set<Attempt> inFlight = new HashSet<>();

    /** Hears on the scheduler's thread how an attempt ended. */
    interface Listener {
        /**
         * One of the last two is null.
         *
         * @param epoch of its lane when the attempt began
         */
        void ended(
                Delivery delivery,
                int epoch,
                long started,
                @Nullable DeliveryReport report,
                @Nullable Throwable defect);
    }

    /** Its own end, and what hears of it: one object for all. */
    private final class Attempt implements BiConsumer<@Nullable DeliveryReport, @Nullable Throwable>, Runnable {
        final CompletableFuture<DeliveryReport> future;
        private final Delivery delivery;
        private final long started;
        private final int epoch;
        private @Nullable DeliveryReport report;
        private @Nullable Throwable defect;

        Attempt(Delivery delivery, long started, CompletableFuture<DeliveryReport> future) {
            this.delivery = delivery;
            this.started = started;
            this.epoch = delivery.lane == null ? 0 : delivery.lane.epoch();
            this.future = future;
        }

        /** On whatever thread. */
        @Override
        public void accept(@Nullable DeliveryReport last, @Nullable Throwable failure) {
            report = last;
            defect = failure;
            inbox.offer(this);
        }

        @Override
        public void run() {
            inFlight.remove(this);
            listener.ended(delivery, epoch, started, report, defect);
        }
    }

    Attempts(DeliveryAgent agent, Inbox<Object> inbox, Listener listener) {
        this.agent = agent;
        this.inbox = inbox;
        this.listener = listener;
    }

    void start(Delivery delivery, long now) {
        CompletableFuture<DeliveryReport> future;
        try {
            future = Objects.requireNonNull(
                    agent.deliver(delivery.envelope(now), delivery.message().content()),
                    "the agent returned no future");
        } catch (Throwable e) {
            future = CompletableFuture.failedFuture(e);
        }
        Attempt attempt = new Attempt(delivery, now, future);
        inFlight.add(attempt);
        CompletionStage<DeliveryReport> end = future;
        end.whenComplete(attempt);
    }

    void cancel() {
        List.copyOf(inFlight).forEach(attempt -> attempt.future.cancel(false));
    }
}
