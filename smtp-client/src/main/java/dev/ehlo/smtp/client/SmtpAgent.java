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

    /** Where a delivery goes. */
    interface Way {
        /** Goes about the delivery, and completes the report. */
        void deliver(Envelope envelope, MessageSource content, OpenReport report);
    }

    SmtpAgent(Transport transport, Way way) {
        this(transport, way, Long.MAX_VALUE);
    }

    private SmtpAgent(Transport transport, Way way, long nanos) {
        this.transport = transport;
        this.way = way;
        this.nanos = nanos;
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
        return new SmtpAgent(transport, way, longest.toNanos());
    }

    @Override
    public CompletableFuture<DeliveryReport> deliver(Envelope envelope, MessageSource content) {
        OpenReport report = transport.openReport(envelope, nanos);
        way.deliver(envelope, content, report);
        return report;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException on a thread of the client that serves connections, where its report could never come:
     *     as in what depends on the future of another delivery
     */
    @Override
    public DeliveryReport deliverAndWait(Envelope envelope, MessageSource content) throws InterruptedException {
        if (transport.isOnLoop()) {
            throw new IllegalStateException("a thread that serves connections can't wait for a delivery: "
                    + Thread.currentThread().getName());
        }
        return DeliveryAgent.super.deliverAndWait(envelope, content);
    }
}
