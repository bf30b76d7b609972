package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.RemoteHost;
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

    /**
     * The transaction took place for as many recipients as the server takes at a time, and the rest is to go in
     * another. RFC 9422 §4, RFC 5321 §4.5.3.1.10.
     *
     * @param outcomes of those who were decided, in the envelope's order
     * @param rest the indexes of the others in the envelope's recipients, ascending; at least one, and fewer than all
     */
    record Partly(List<RecipientOutcome> outcomes, List<Integer> rest) implements SessionOutcome {
        public Partly {
            outcomes = List.copyOf(outcomes);
            rest = List.copyOf(rest);
        }
    }

    /**
     * It did not come to a mail transaction. Unless that failed for good, another host may do better.
     *
     * @param status FAILED or DEFERRED as the host says, NOT_SENT as this side does
     */
    record NotServed(DeliveryStatus status, Reply reply, RemoteHost remote, DeliveryPhase phase)
            implements SessionOutcome {}

    /** What the message requires is not to be had there: another host may have it, and if none has, it fails. */
    record Unsuited(Reply reply, RemoteHost remote, DeliveryPhase phase) implements SessionOutcome {}

    /**
     * TLS did not come to stand; the reply says so in this side's words.
     *
     * @param isJudged whether the server's certificate was refused
     */
    record NoTls(Reply reply, RemoteHost remote, boolean isJudged) implements SessionOutcome {}

    /** The connection served other transactions, and was gone before end of data: all is still to do on another. */
    record Lapsed() implements SessionOutcome {}
}
