package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.server.SmtpHandler;
import dev.ehlo.smtp.server.SmtpServerBuilder;
import java.util.function.UnaryOperator;

/**
 * What differs where a server is but tried: who is asked in place of whom. The configuration does not.
 *
 * @param server what is said to the server behind all that the settings say
 * @param handler who stands between the server and the handler
 * @param agent who stands between the queue and delivery
 */
record Rehearsal(
        UnaryOperator<SmtpServerBuilder> server,
        UnaryOperator<SmtpHandler> handler,
        UnaryOperator<DeliveryAgent> agent) {
    /** No rehearsal. */
    static final Rehearsal SERVICE =
            new Rehearsal(UnaryOperator.identity(), UnaryOperator.identity(), UnaryOperator.identity());
}
