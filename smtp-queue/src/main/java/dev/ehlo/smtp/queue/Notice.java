package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.DsnNotify;
import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import java.util.Set;

/** What a sender can be told of, and of which recipients. RFC 3461 §4.1, RFC 2852. */
enum Notice {
    /** It did not arrive, and will not. Without NOTIFY, this is told. */
    FAILURE("Undelivered mail returned to sender") {
        @Override
        boolean isWanted(RecipientOutcome outcome, Terms terms, boolean known) {
            return asks(outcome.recipient(), DsnNotify.FAILURE, true);
        }
    },
    /**
     * It has not arrived yet. Told where NOTIFY says so, and without NOTIFY where BY says so or the sender is known: RFC
     * 3461 §4.1 leaves that to us, people expect it, and a stranger's name may be forged.
     */
    DELAY("Delayed mail, which is still being tried") {
        @Override
        boolean isWanted(RecipientOutcome outcome, Terms terms, boolean known) {
            return isDelayWanted(outcome.recipient(), terms, known);
        }
    },
    /** It has arrived, or was handed to a host that will not tell, or whose part BY wants to hear of. */
    SUCCESS("Successful mail delivery report") {
        @Override
        boolean isWanted(RecipientOutcome outcome, Terms terms, boolean known) {
            if (outcome.status() == DeliveryStatus.DELIVERED) {
                return asks(outcome.recipient(), DsnNotify.SUCCESS, false);
            }
            Set<Extension> kept = outcome.offered();
            boolean traced = terms.traces() || terms.notifies() && !kept.contains(Extension.DELIVERBY);
            // What BY wants to hear of is told whatever NOTIFY asks for, unless that is NEVER.
            return !kept.contains(Extension.DSN) && asks(outcome.recipient(), DsnNotify.SUCCESS, false)
                    || traced && !asks(outcome.recipient(), DsnNotify.NEVER, false);
        }
    };

    private final String subject;

    Notice(String subject) {
        this.subject = subject;
    }

    /**
     * Whether the sender is to be told of that recipient.
     *
     * @param known whether the application knows the sender
     */
    abstract boolean isWanted(RecipientOutcome outcome, Terms terms, boolean known);

    /** Whether the sender is to be told when that recipient has to wait. */
    static boolean isDelayWanted(Recipient recipient, Terms terms, boolean known) {
        boolean late = terms.notifies();
        // Where BY asked for another time, that one counts; late before it came here, it was told of before.
        return asks(recipient, DsnNotify.DELAY, late || known) && (late || terms.by() == null || terms.returns());
    }

    /** Whether the sender has asked for it, or may count on it unasked; else it is a courtesy. */
    boolean isOwed(RecipientOutcome outcome, Terms terms) {
        return this != DELAY || isDelayWanted(outcome.recipient(), terms, false);
    }

    /** What NOTIFY says; without it, the other. */
    private static boolean asks(Recipient recipient, DsnNotify what, boolean unsaid) {
        return recipient
                .parameters()
                .notifications()
                .map(asked -> asked.contains(what))
                .orElse(unsaid);
    }

    String subject() {
        return subject;
    }

    /** RFC 3464 §2.3.3. */
    String action(RecipientOutcome outcome) {
        return switch (this) {
            case FAILURE -> "failed";
            case DELAY -> "delayed";
            case SUCCESS -> outcome.status() == DeliveryStatus.DELIVERED ? "delivered" : "relayed";
        };
    }
}
