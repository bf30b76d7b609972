package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the spool what became of recipients. What it did not record, as it was at fault, is kept and told again in its
 * order when it is sound: else who has a message would get it again after a restart. Belongs to the scheduler thread.
 */
final class Recorder {
    /** What may be on its way or waiting; with more, no attempt is started whose end would have to be recorded too. */
    static final int MOST = 10_000;
    /** Until what was not recorded is told again. */
    static final long AGAIN_MILLIS = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

    private final Spool spool;
    private final Inbox<Object> inbox;
    private final PriorityQueue<Note> waiting = new PriorityQueue<>(Comparator.comparingLong(r -> r.number));
    /** Counted down by threads of the spool. */
    private final AtomicInteger onTheWay = new AtomicInteger();

    private long number;
    private long lastTold;

    /** One of the two things that can be told of recipients; told until the spool has it. */
    private final class Note implements BiConsumer<@Nullable Void, @Nullable Throwable> {
        final long number;
        private final QueueId id;
        private final List<Integer> recipients;
        private final @Nullable DeliveryStatus status;
        private final @Nullable Deferral deferral;
        private final @Nullable Runnable then;

        Note(
                long number,
                QueueId id,
                List<Integer> recipients,
                @Nullable DeliveryStatus status,
                @Nullable Deferral deferral,
                @Nullable Runnable then) {
            this.number = number;
            this.id = id;
            this.recipients = recipients;
            this.status = status;
            this.deferral = deferral;
            this.then = then;
        }

        void tell() {
            onTheWay.incrementAndGet();
            CompletionStage<Void> stage;
            try {
                if (status != null) {
                    stage = spool.crossOff(id, recipients, status);
                } else if (deferral != null) {
                    stage = spool.defer(id, recipients, deferral);
                } else {
                    throw new IllegalStateException("nothing to tell of " + id);
                }
            } catch (Throwable e) {
                stage = CompletableFuture.failedFuture(e);
            }
            stage.whenComplete(this);
        }

        @Override
        public void accept(@Nullable Void done, @Nullable Throwable failure) {
            if (failure != null) {
                inbox.offer((Runnable) () -> notRecorded(this, failure));
                return;
            }
            if (onTheWay.getAndDecrement() >= MOST) {
                inbox.wake();
            }
            if (then != null) {
                then.run();
            }
        }
    }

    Recorder(Spool spool, Inbox<Object> inbox) {
        this.spool = spool;
        this.inbox = inbox;
    }

    void crossOff(Delivery delivery, List<Integer> recipients, DeliveryStatus status) {
        crossOff(delivery, recipients, status, null);
    }

    /** @param then is run once it is recorded, on a thread of the spool */
    void crossOff(Delivery delivery, List<Integer> recipients, DeliveryStatus status, @Nullable Runnable then) {
        record(new Note(number++, delivery.queueId(), recipients, status, null, then));
    }

    void defer(Delivery delivery, Deferral deferral) {
        defer(delivery, delivery.recipients, deferral, null);
    }

    /** As {@link #crossOff(Delivery, List, DeliveryStatus, Runnable)}, of some recipients of the delivery. */
    void defer(Delivery delivery, int[] recipients, Deferral deferral, @Nullable Runnable then) {
        record(new Note(number++, delivery.queueId(), Delivery.list(recipients), null, deferral, then));
    }

    private void record(Note record) {
        if (waiting.isEmpty()) {
            record.tell();
        } else {
            waiting.add(record);
        }
    }

    private void notRecorded(Note record, Throwable failure) {
        if (waiting.isEmpty()) {
            LOG.warn("{}: not recorded, nor is what follows; it is told again", record.id, failure);
        }
        waiting.add(record);
        onTheWay.decrementAndGet();
    }

    /** Tells again what was not recorded, once nothing that came before it can still fail. */
    void tellAgain(long now) {
        boolean early = now >= lastTold && now - lastTold < AGAIN_MILLIS;
        if (waiting.isEmpty() || onTheWay.get() > 0 || early) {
            return;
        }
        lastTold = now;
        LOG.info("telling the spool again what it did not record: {} records", waiting.size());
        List<Note> again = new ArrayList<>(waiting.size());
        for (Note next = waiting.poll(); next != null; next = waiting.poll()) {
            again.add(next);
        }
        again.forEach(Note::tell);
    }

    boolean isFull() {
        return onTheWay.get() + waiting.size() >= MOST;
    }

    /** What the spool did not record yet. */
    int waiting() {
        return waiting.size();
    }
}
