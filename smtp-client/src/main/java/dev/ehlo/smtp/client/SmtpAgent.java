package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Delivers by SMTP, as {@link SmtpClient} was told, whose threads and connections it uses; and may say how long a
 * delivery takes at most. Immutable, thread-safe.
 *
 * <p>To cancel the future of a delivery, or to run out of time, breaks it off. One that waits for a connection just
 * goes. One that is under way costs its connection, as a server has no other way to hear of it: where others share the
 * connection, their deliveries are not harmed by that, and the connection goes once they are done. What was broken off
 * before end of data was sent is {@code NOT_SENT}, and after it {@code UNKNOWN}.
 */
public final class SmtpAgent implements DeliveryAgent {
    private final Transport transport;
    private final Way way;
    private final long nanos;
    private final boolean allOrNone;

    /** Where a delivery goes. */
    interface Way {
        /** Goes about the delivery, and completes the report. */
        void deliver(Envelope envelope, Content content, OpenReport report);
    }

    SmtpAgent(Transport transport, Way way) {
        this(transport, way, Long.MAX_VALUE, false);
    }

    private SmtpAgent(Transport transport, Way way, long nanos, boolean allOrNone) {
        this.transport = transport;
        this.way = way;
        this.nanos = nanos;
        this.allOrNone = allOrNone;
    }

    /**
     * The same with a time limit for a delivery as a whole: look-ups, waiting for a connection, and all hosts that are
     * tried. When it has passed, the delivery is broken off, and its report tells how far it was: the future completes
     * with that, soon and not by an exception. {@link SessionTimeouts} are for each step, and hold as well.
     *
     * @throws IllegalArgumentException if the time is not positive, or longer than a day
     */
    public SmtpAgent within(Duration longest) {
        if (longest.isNegative() || longest.isZero() || longest.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("not a time limit: " + longest);
        }
        return new SmtpAgent(transport, way, longest.toNanos(), allOrNone);
    }

    /**
     * The same, where a message is for nobody once a server has refused one of its recipients: the others are
     * {@code NOT_SENT} then. Content waits for the replies to all recipients, which costs a message to several of them a
     * round trip. It holds for one mail transaction: where a server takes fewer recipients at a time, those of an earlier
     * one have the message; and by MX, other destinations.
     */
    public SmtpAgent toAllOrNone() {
        return new SmtpAgent(transport, way, nanos, true);
    }

    /**
     * Sees that a connection stands to the smarthost, and is logged in where a login is asked for: one that is kept, of
     * which nothing is asked again, or a new one, which is kept for the next message. The future completes with what it
     * came to, and fails only by a defect; to cancel it is to give up.
     *
     * @throws UnsupportedOperationException if this agent has no smarthost, as it is the message that tells it where to go
     */
    public CompletableFuture<ConnectionReport> connect() {
        if (way instanceof MxAgent) {
            throw new UnsupportedOperationException("no one host to connect to");
        }
        OpenReport report = transport.openReport(Rehearsal.ENVELOPE, nanos);
        CompletableFuture<ConnectionReport> came = report.thenApply(Rehearsal::report);
        Then.then(came, came, (done, error) -> {
            if (came.isCancelled()) {
                report.cancel(false);
            }
        });
        way.deliver(Rehearsal.ENVELOPE, Rehearsal.content(), report);
        return came;
    }

    /**
     * The same for whoever may wait.
     *
     * @throws UnsupportedOperationException as {@link #connect} does
     * @throws InterruptedException if the thread is interrupted before that is known, which is to give up
     * @throws IllegalStateException as {@link #deliverAndWait} does
     * @throws java.util.concurrent.CompletionException by a defect
     */
    public ConnectionReport connectAndWait() throws InterruptedException {
        return transport.await(this::connect);
    }

    @Override
    public CompletableFuture<DeliveryReport> deliver(Envelope envelope, MessageSource content) {
        OpenReport report = transport.openReport(envelope, nanos);
        if (!content.isInMemory()) {
            transport.takeBack();
        }
        way.deliver(envelope, new Content(content, allOrNone), report);
        return report;
    }

    /**
     * {@inheritDoc}
     *
     * <p>While there is no other delivery, and the content is in memory, the thread does what the client's own does
     * otherwise, and wakes nobody.
     *
     * @throws IllegalStateException on a thread of the client that serves connections, where its report could never come:
     *     as in what depends on the future of another delivery
     */
    @Override
    public DeliveryReport deliverAndWait(Envelope envelope, MessageSource content) throws InterruptedException {
        return transport.await(() -> deliver(envelope, content));
    }
}
