package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.RecipientOutcome;

/** What an attempt tells of its destination, whatever it did for the recipients. */
enum Signal {
    /** Nothing: decided here, or not even attempted. */
    NONE,
    /** It serves, but has taken nothing of this. */
    ALIVE,
    /** It has taken something. */
    TAKEN,
    /** It takes no more at the moment, or can't be reached. RFC 5321 §3.8, §4.2.1: 421, or 4yz to the session. */
    REFUSED;

    private static final int CLOSING = 421;

    /** One recipient who was refused because of the destination counts more than others who were not. */
    static Signal of(DeliveryReport report) {
        Signal all = NONE;
        for (RecipientOutcome outcome : report.outcomes()) {
            Signal one = of(outcome);
            all = one.compareTo(all) > 0 ? one : all;
        }
        return all;
    }

    private static Signal of(RecipientOutcome outcome) {
        if (outcome.status().isSuccess()) {
            return TAKEN;
        }
        if (outcome.status() == DeliveryStatus.NOT_SENT || outcome.status() == DeliveryStatus.UNKNOWN) {
            return REFUSED;
        }
        if (outcome.remote() == null) {
            return NONE;
        }
        DeliveryPhase phase = outcome.phase();
        boolean ofSession = phase != null && phase.compareTo(DeliveryPhase.MAIL) < 0;
        if (outcome.status() == DeliveryStatus.DEFERRED
                && (ofSession || outcome.reply().code() == CLOSING)) {
            return REFUSED;
        }
        // Who refuses the session for good says nothing of how much it would take.
        return ofSession ? NONE : ALIVE;
    }
}
