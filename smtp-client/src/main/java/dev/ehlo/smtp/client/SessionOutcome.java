package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import java.util.List;

/** What a session came to. */
sealed interface SessionOutcome {
    /** The mail transaction took place, or can't with this message: one outcome for each recipient of the envelope. */
    record Decided(List<RecipientOutcome> outcomes) implements SessionOutcome {
        public Decided {
            outcomes = List.copyOf(outcomes);
        }
    }

    /** Deferred for everybody, for a reason of this side's. */
    static Decided deferred(SessionPlan plan, Reply reply) {
        return new Decided(plan.envelope().recipients().stream()
                .map(r -> new RecipientOutcome(r, DeliveryStatus.DEFERRED, reply, plan.host()))
                .toList());
    }

    /** It did not come to a mail transaction. If deferred, another host may do better. */
    record NotServed(DeliveryStatus status, Reply reply) implements SessionOutcome {}

    /** What the message requires is not to be had there: another host may have it, and if none has, it fails. */
    record Unsuited(Reply reply) implements SessionOutcome {}

    /** TLS did not come to stand; the reply says so in this side's words. */
    record NoTls(Reply reply) implements SessionOutcome {}

    /** The connection, kept from an earlier transaction, was gone before end of data: on another one all is still to do. */
    record Lapsed() implements SessionOutcome {}
}
