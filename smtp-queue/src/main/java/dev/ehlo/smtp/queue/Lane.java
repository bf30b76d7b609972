package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Rate;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.queue.Delivery.Reason;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one destination, how many attempts to it are in flight, and how many may be: by its {@link Window}, its
 * {@link Suspension}, the {@link Ramp} after that and its rates. Times are nanoseconds of the clock of {@link Lanes},
 * which holds it. Belongs to the scheduler thread.
 */
final class Lane {
    /** Nothing begins before an attempt has ended. */
    static final long UNTIL_AN_END = Long.MAX_VALUE;

    /** As the application or a look-up names it; what strangers say may be in it, so escape it. */
    final String name;
    /** Who sends; empty where that is nobody in particular. */
    final String identity;

    final LanePolicy policy;
    final Line line = new Line();
    /** Deliveries that know their way to be this one. */
    int members;

    int inFlight;
    /** Recipients that have their mail by it. */
    long relayed;
    /** What the deliveries that are ready hold of messages, in recipients. */
    int kept;
    /** Whether it is in the row of lanes that may go. */
    boolean queued;
    /** Whether it is among those that wait for a time, and for which. */
    boolean parked;

    long parkedUntil;
    /** When its last member left. */
    long idleSince;
    /** To be shared by deliveries that are deferred for the same. */
    List<Reason> reasons = List.of();
    /** Why an attempt failed last that says something of the destination; null if none has. */
    @Nullable
    Reason refusal;

    private final Window window;
    private final Suspension suspension;
    private final @Nullable Pace attempts;
    private final @Nullable Pace recipients;
    /** Since an outage ended; null if that is long ago. */
    private @Nullable Ramp ramp;
    /** Whether it was not even reached, and has not come back as a whole since. */
    private boolean isOut;

    private record Key(String destination, String identity) {}

    Lane(String destination, String identity, LanePolicy policy, long now) {
        this.name = destination;
        this.identity = identity;
        this.policy = policy;
        this.window = new Window(policy);
        this.suspension = new Suspension(policy);
        this.attempts = pace(policy.attemptRate(), now);
        this.recipients = pace(policy.recipientRate(), now);
    }

    private static @Nullable Pace pace(Rate rate, long now) {
        return rate.isUnlimited() ? null : new Pace(rate, now);
    }

    /** What makes a lane; most have no identity, and need nothing made to be found. */
    static Object key(String destination, String identity) {
        return identity.isEmpty() ? destination : new Key(destination, identity);
    }

    Object key() {
        return key(name, identity);
    }

    int ready() {
        return line.size();
    }

    int window() {
        return window.size();
    }

    int epoch() {
        return window.epoch();
    }

    /** How long until an attempt may begin: 0 if it may now. */
    long delay(long now) {
        long suspended = suspension.left(now);
        if (suspended > 0) {
            return suspended;
        }
        if (inFlight >= (suspension.isOpen() ? window.size() : 1)) {
            return UNTIL_AN_END;
        }
        long paced =
                Math.max(attempts == null ? 0 : attempts.delay(now), recipients == null ? 0 : recipients.delay(now));
        return ramp == null ? paced : Math.max(paced, ramp.delay(now));
    }

    /** An attempt to so many begins. */
    void begin(int count, long now) {
        inFlight++;
        if (attempts != null) {
            attempts.take(1, now);
        }
        if (recipients != null) {
            recipients.take(count, now);
        }
        if (ramp != null) {
            if (ramp.isOver(now)) {
                ramp = null;
                isOut = false;
            } else {
                ramp.take(now);
            }
        }
    }

    /**
     * What an attempt that began in that epoch, and has ended, told of the destination.
     *
     * @param more whether others waited for it to end, so that a larger window would have been used
     * @param chance 0 to 1, spreads the ends of suspensions
     * @return whether the destination was suspended or goes on now
     */
    boolean heard(Signal signal, int began, boolean more, long now, double chance) {
        if (signal == Signal.NONE) {
            return false;
        }
        if (signal.isRefusal()) {
            isOut |= signal == Signal.OUT;
            boolean suspended = suspension.failed(began == window.epoch(), now, chance);
            if (suspended) {
                restart();
            } else {
                window.shrink(began);
            }
            return suspended;
        }
        if (suspension.alive(now)) {
            restart();
            ramp = isOut && !policy.ramp().isZero() ? new Ramp(policy.ramp(), now) : null;
            return true;
        }
        isOut &= ramp != null;
        if (signal == Signal.TAKEN && more && suspension.isOpen()) {
            window.grow(began);
        }
        return false;
    }

    /** By a rule. */
    void suspend(Duration pause, long now) {
        suspension.suspend(pause, now);
        restart();
    }

    private void restart() {
        window.restart();
        ramp = null;
    }

    /** At once, if it is suspended. */
    void probe() {
        suspension.probe();
    }

    boolean isSuspended() {
        return !suspension.isOpen();
    }

    /** How long until a suspended one is probed, in nanoseconds. */
    long suspendedFor(long now) {
        return suspension.left(now);
    }

    /** Whether a new lane would be like it. */
    boolean isForgettable(long now) {
        return suspension.isOpen()
                && !suspension.hasFailed()
                && window.size() == policy.first()
                && (ramp == null || ramp.isOver(now))
                && (attempts == null || attempts.isFull(now))
                && (recipients == null || recipients.isFull(now));
    }

    /** What the last refusal among these was. */
    void remember(List<RecipientOutcome> outcomes) {
        for (RecipientOutcome outcome : outcomes) {
            if (!outcome.status().isSuccess()) {
                String host = outcome.host().orElse(null);
                if (refusal == null || !refusal.reply().equals(outcome.reply())) {
                    // Of those who wait, of whom none of it says that they may have it.
                    refusal = new Reason(DeliveryStatus.NOT_SENT, outcome.reply(), host);
                }
                return;
            }
        }
    }
}
