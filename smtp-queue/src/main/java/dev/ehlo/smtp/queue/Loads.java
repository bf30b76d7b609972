package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.Delivery.State;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Reads messages back from the spool, a few at a time: those whose turn it is to be attempted, and those that are due
 * and have to find their lane. They take turns, so that neither waits for all of the other, whatever their number.
 * Belongs to the scheduler thread.
 */
final class Loads {
    /** Messages that are being read at a time. */
    static final int AT_ONCE = 64;

    private final Fifo attempted = new Fifo();
    private final Fifo unread = new Fifo();
    private final Spool spool;
    private final Inbox<Object> inbox;
    private final Reader reader;
    private int waiting;
    private int inFlight;
    private boolean attemptedLast;

    /** Hears on the scheduler's thread what was read. */
    interface Reader {
        /** One of the two is null. */
        void read(Delivery delivery, @Nullable SpooledMessage message, @Nullable Throwable failure);
    }

    Loads(Spool spool, Inbox<Object> inbox, Reader reader) {
        this.spool = spool;
        this.inbox = inbox;
        this.reader = reader;
    }

    void add(Delivery delivery) {
        if (delivery.state == State.IN_FLIGHT) {
            attempted.add(delivery);
        } else {
            delivery.state = State.UNREAD;
            unread.add(delivery);
        }
        waiting++;
    }

    /** Reads as many as may be read at once; those who have to find their lane only if there may be more of them. */
    void start(boolean more) {
        while (inFlight < AT_ONCE) {
            boolean attempt = !attempted.isEmpty() && (!attemptedLast || unread.isEmpty() || !more);
            Delivery next = attempt ? attempted.poll() : more ? unread.poll() : null;
            if (next == null) {
                return;
            }
            attemptedLast = attempt;
            waiting--;
            if (next.state != State.SETTLED) {
                inFlight++;
                load(next);
            }
        }
    }

    private void load(Delivery delivery) {
        CompletionStage<SpooledMessage> stage;
        try {
            stage = spool.load(delivery.queueId());
        } catch (Throwable e) {
            stage = CompletableFuture.failedFuture(e);
        }
        stage.whenComplete((message, failure) -> inbox.offer((Runnable) () -> {
            inFlight--;
            reader.read(delivery, message, failure);
        }));
    }

    /** The next of those whose turn it is that is not being read yet, which is not read then; null if there is none. */
    @Nullable
    Delivery cancelAttempt() {
        Delivery next = attempted.poll();
        waiting -= next == null ? 0 : 1;
        return next;
    }

    /** Whether it will never be read. */
    static boolean isLost(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof MessageLostException;
    }

    int waiting() {
        return waiting;
    }
}
