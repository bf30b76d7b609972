package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A report that is to be made, perhaps until some time. When the time is up before anybody goes about the delivery, it
 * says so; later whoever goes about it is told to stop, and reports how far that was, since nobody else knows whether
 * end of data was sent. Thread-safe.
 */
final class OpenReport extends CompletableFuture<DeliveryReport> {
    private enum Phase {
        PREPARING,
        UNDER_WAY,
        LATE
    }

    /** No time limit. */
    static final long NEVER = Long.MAX_VALUE;

    private final Envelope envelope;
    private final long until;
    /** Done when the delivery is to be broken off, this report itself where there is no time limit. */
    private final CompletableFuture<?> stop;

    private final @Nullable AtomicReference<Phase> phase;

    /** Of those who were decided by a part of the delivery that took place, by their places in the envelope. */
    private volatile Map<Integer, RecipientOutcome> decided = Map.of();

    private volatile boolean certificateRefused;

    /** One that is told when its {@link #timeIsUp}, or one that may take as long as it does: until {@link #NEVER}. */
    OpenReport(Envelope envelope, long until) {
        this.envelope = envelope;
        this.until = until;
        if (until == NEVER) {
            this.stop = this;
            this.phase = null;
            return;
        }
        CompletableFuture<Void> apart = new CompletableFuture<>();
        this.stop = apart;
        this.phase = new AtomicReference<>(Phase.PREPARING);
        CompletableFuture<Void> unused = apart.whenComplete((none, error) -> {
            if (error != null && !apart.isCancelled()) {
                completeExceptionally(error);
            }
        });
    }

    /** What is done, and nothing but cancelled, when a delivery is to be broken off whose report this is. */
    static CompletableFuture<?> stopOf(CompletableFuture<?> report) {
        return report instanceof OpenReport open ? open.stop : report;
    }

    /** How much of its time is left; {@link #NEVER} without a limit. */
    long remaining(long now) {
        return until == NEVER ? NEVER : until - now;
    }

    /**
     * The delivery is gone about from now on, by whoever hears of {@link #stopOf} and makes the report then.
     *
     * @return false if it is too late for that
     */
    boolean begin() {
        return phase == null || phase.compareAndSet(Phase.PREPARING, Phase.UNDER_WAY) || phase.get() == Phase.UNDER_WAY;
    }

    /** The time limit has come. */
    void timeIsUp() {
        if (phase != null && phase.compareAndSet(Phase.PREPARING, Phase.LATE)) {
            complete(Transport.notSent(
                    envelope, Reply.quoting(451, "4.4.7", "time was up before there was a connection")));
        }
        stop.cancel(false);
    }

    /** These were decided, whatever becomes of the others. */
    void decided(Map<Integer, RecipientOutcome> soFar) {
        decided = Map.copyOf(soFar);
    }

    /** A host showed a certificate that was refused. */
    void certificateRefused() {
        certificateRefused = true;
    }

    /** Whether one did, before the report was made. */
    boolean isCertificateRefused() {
        return certificateRefused;
    }

    /** The client is closed, and nobody else makes the report. */
    void giveUp() {
        DeliveryReport none =
                Transport.notSent(envelope, Reply.quoting(451, "4.4.2", "given up before there was a connection"));
        List<RecipientOutcome> outcomes = new ArrayList<>(none.outcomes());
        decided.forEach(outcomes::set);
        complete(new DeliveryReport(outcomes));
    }

    @Override
    public boolean cancel(boolean mayInterrupt) {
        boolean cancelled = super.cancel(mayInterrupt);
        if (cancelled && !stop.isDone()) {
            stop.cancel(mayInterrupt);
        }
        return cancelled;
    }
}
