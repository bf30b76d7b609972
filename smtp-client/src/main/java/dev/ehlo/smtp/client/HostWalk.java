package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Goes from one address to the next until a host takes the mail transaction, or says for good that it does not. A host
 * that can't be reached, or does not serve us for now, is passed over; one with which an opportunistic handshake
 * failed is tried again in clear, once; a kept connection that turned out to be gone is followed by a new one to the
 * same host. What no host that answered is suited for fails, unless one that was passed over
 * may yet be. Each step is taken where the one before ended. RFC 5321 §5.1, RFC 7435.
 */
final class HostWalk {
    private final Transport transport;
    private final Message message;
    private final Iterator<Hop> hops;
    private final CompletableFuture<DeliveryReport> report;
    /** Decides as the host that was passed over first says, for now; null if none was. */
    private @Nullable Runnable tryAgainLater;

    private HostWalk(
            Transport transport, Message message, Iterator<Hop> hops, CompletableFuture<DeliveryReport> report) {
        this.transport = transport;
        this.message = message;
        this.hops = hops;
        this.report = report;
    }

    /** Begins at the first of the hops, of which there is one at least. */
    static void begin(Transport transport, Message message, List<Hop> hops, CompletableFuture<DeliveryReport> report) {
        HostWalk walk = new HostWalk(transport, message, hops.iterator(), report);
        walk.attempt(walk.hops.next());
    }

    private void attempt(Hop hop) {
        if (report.isDone()) {
            return;
        }
        transport.deliver(hop, message, report, outcome -> ended(hop, outcome));
    }

    private void ended(Hop hop, SessionOutcome outcome) {
        if (outcome instanceof SessionOutcome.Decided decided) {
            report.complete(new DeliveryReport(decided.outcomes()));
        } else if (outcome instanceof SessionOutcome.NotServed notServed) {
            notServed(hop, notServed.status(), notServed.reply());
        } else if (outcome instanceof SessionOutcome.Unsuited unsuited) {
            if (hops.hasNext()) {
                attempt(hops.next());
            } else if (tryAgainLater != null) {
                tryAgainLater.run();
            } else {
                decide(hop, DeliveryStatus.FAILED, unsuited.reply());
            }
        } else if (outcome instanceof SessionOutcome.Lapsed) {
            if (!report.isDone()) {
                transport.deliverAnew(hop, message, report, again -> ended(hop, again));
            }
        } else if (outcome instanceof SessionOutcome.NoTls noTls) {
            if (hop.policy().isTlsWanted() && !hop.policy().isTlsRequired()) {
                attempt(hop.inClear());
            } else {
                notServed(hop, DeliveryStatus.DEFERRED, noTls.reply());
            }
        }
    }

    private void notServed(Hop hop, DeliveryStatus status, Reply reply) {
        if (status == DeliveryStatus.DEFERRED && hops.hasNext()) {
            if (tryAgainLater == null) {
                tryAgainLater = () -> decide(hop, status, reply);
            }
            attempt(hops.next());
        } else {
            decide(hop, status, reply);
        }
    }

    private void decide(Hop hop, DeliveryStatus status, Reply reply) {
        report.complete(
                DeliveryReport.forEach(message.envelope(), r -> new RecipientOutcome(r, status, reply, hop.host())));
    }
}
