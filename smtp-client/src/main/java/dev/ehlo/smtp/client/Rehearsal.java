package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.Reply;
import java.util.List;

/**
 * A delivery that goes the way of all others, ends where its mail transaction would begin, and says nothing in it: so
 * that a connection stands. Its envelope is known by being this one, and comes to no server.
 */
final class Rehearsal {
    static final Envelope ENVELOPE = Envelope.from("").to("Postmaster");

    private static final Reply STANDS = Reply.of(250, "2.0.0", "the connection stands");

    private Rehearsal() {}

    static Content content() {
        return new Content(MessageSource.of(new byte[0]));
    }

    @SuppressWarnings("ReferenceEquality") // a message may have an envelope that is equal
    static boolean is(Envelope envelope) {
        return envelope == ENVELOPE;
    }

    static SessionOutcome passed(RemoteHost remote) {
        return new SessionOutcome.Decided(List.of(new RecipientOutcome(
                ENVELOPE.recipients().get(0), DeliveryStatus.RELAYED, STANDS, remote, DeliveryPhase.MAIL)));
    }

    static ConnectionReport report(DeliveryReport report) {
        RecipientOutcome only = report.outcomes().get(0);
        return new ConnectionReport(only.status().isSuccess(), only.reply(), only.remote(), only.phase());
    }
}
