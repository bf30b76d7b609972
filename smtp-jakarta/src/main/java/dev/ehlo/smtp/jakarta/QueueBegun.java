package dev.ehlo.smtp.jakarta;

import jakarta.mail.event.MailEvent;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * An event for nobody, by which one learns that the thread of Jakarta Mail's event queue has begun. Until then, closing
 * the transport loses what is in the queue; other transports only seldom close so soon.
 */
final class QueueBegun extends MailEvent {
    private static final long serialVersionUID = 1;

    private static final long PATIENCE_SECONDS = 1;

    private final transient CountDownLatch begun = new CountDownLatch(1);

    QueueBegun(Object source) {
        super(source);
    }

    @Override
    public void dispatch(Object listener) {
        begun.countDown();
    }

    /** Waits a little; an executor of the user's own may take as long as it likes. */
    void await() {
        try {
            boolean unused = begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
