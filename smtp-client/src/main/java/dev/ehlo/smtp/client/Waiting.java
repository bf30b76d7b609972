package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.Reply;

/** A delivery that waits for a connection, on its loop. {@link WaitingList}'s own. */
final class Waiting extends Chain.Link<Waiting> {
    final Hop hop;
    final SessionHandler.Delivery delivery;
    /** Whether it is to go by a new connection, since the one it was begun on was gone. */
    final boolean again;
    /** When it has waited too long, in the loop's time. */
    final long until;
    /** Whether it waits no more. Another thread may see it late, and then asks the loop for nothing. */
    boolean over;

    Waiting(Hop hop, SessionHandler.Delivery delivery, boolean again, long until) {
        this.hop = hop;
        this.delivery = delivery;
        this.again = again;
        this.until = until;
    }

    /** Ends the delivery in this side's words, to which the host's name is added. */
    static void notSent(Hop hop, SessionHandler.Delivery delivery, String status, String why) {
        delivery.ended()
                .accept(new SessionOutcome.NotServed(
                        DeliveryStatus.NOT_SENT,
                        Reply.quoting(451, status, why + ' ' + hop.host()),
                        RemoteHost.named(hop.host()),
                        DeliveryPhase.CONNECT));
    }

    void notSent(String status, String why) {
        notSent(hop, delivery, status, why);
    }
}
