package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;

/** What an attempt tells of its destination, whatever it did for the recipients. */
enum Signal {
    /** Nothing: decided here, or not even attempted. */
    NONE,
    /** It serves, but has taken nothing of this. */
    ALIVE,
    /** It has taken something. */
    TAKEN,
    /**
     * It takes no more at the moment. RFC 5321 §3.8, §4.2.1: 421, 4yz to the session, or 4yz to MAIL
     * that is of how much comes, or of how the host is.
     */
    REFUSED,
    /** The same, where no connection came to stand. */
    OUT;

    private static final int CLOSING = 421;
    private static final int LOCAL_ERROR = 451;
    private static final int NO_STORAGE = 452;

    private static final int SYSTEM = 3;
    private static final int NETWORK = 4;
    private static final int POLICY = 7;
    /** RFC 3463 §3.5: the system is congested. */
    private static final int CONGESTED = 5;
    /** RFC 3463 §3.4: of this message, which the host can't do or finds too big. */
    private static final int NOT_CAPABLE = 3;

    private static final int TOO_BIG = 4;
    /** RFC 3463 §3.8: refused as such, what servers say who count (Postfix's anvil: 450 4.7.1 too much mail). */
    private static final int NOT_AUTHORIZED = 1;
    /** As registered with IANA: mail flood detected. */
    private static final int FLOOD = 28;
    /** From here on, registered by nobody: what Microsoft says to whom it slows down. */
    private static final int THROTTLED = 500;

    /** Whether less should go there from now on. */
    boolean isRefusal() {
        return this == REFUSED || this == OUT;
    }

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
            return outcome.phase() == DeliveryPhase.CONNECT ? OUT : REFUSED;
        }
        if (outcome.remote() == null) {
            return NONE;
        }
        DeliveryPhase phase = outcome.phase();
        boolean ofSession = phase != null && phase.compareTo(DeliveryPhase.MAIL) < 0;
        boolean ofLoad = phase == DeliveryPhase.MAIL && isOfLoad(outcome.reply());
        if (outcome.status() == DeliveryStatus.DEFERRED
                && (ofSession || ofLoad || outcome.reply().code() == CLOSING)) {
            return REFUSED;
        }
        // Who refuses the session for good says nothing of how much it would take.
        return ofSession ? NONE : ALIVE;
    }

    /**
     * Whether 4yz to MAIL would have been said of another message too. It can't be greylisting, which is of a recipient too
     * and so said to RCPT with the same codes; what is left out is of the sender, whom the host does not like or can't look
     * up.
     */
    private static boolean isOfLoad(Reply reply) {
        EnhancedStatusCode code = reply.enhanced();
        if (code == null) {
            return reply.code() == LOCAL_ERROR || reply.code() == NO_STORAGE;
        }
        int detail = code.detail();
        return switch (code.subject()) {
            case SYSTEM -> detail != NOT_CAPABLE && detail != TOO_BIG;
            case NETWORK -> detail == CONGESTED;
            case POLICY -> detail <= NOT_AUTHORIZED || detail == FLOOD || detail >= THROTTLED;
            default -> false;
        };
    }
}
