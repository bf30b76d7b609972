package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import java.net.InetSocketAddress;
import java.util.Set;

/** What deliveries come to whose connection did not come to stand, in clear or under TLS. */
final class NeverOpened {
    private NeverOpened() {}

    /** That of a message which nobody waits for any more, before there was a connection. */
    static SessionOutcome givenUp(Hop hop) {
        return notSent(RemoteHost.named(hop.host()), "4.4.2", "given up while connecting to " + hop.host());
    }

    static SessionOutcome by(CloseCause cause, Hop hop, Connection gone, SessionPlan plan) {
        RemoteHost remote = new RemoteHost(hop.host(), gone.remoteAddress(), null, Set.of());
        return switch (cause.kind()) {
            case LOCAL -> givenUp(hop);
            case NOT_CONNECTED ->
                notSent(remote, "4.4.1", hop.host() + " can't be reached at " + shown(gone.remoteAddress()));
            case HANDSHAKE_FAILED, TRUNCATED, LOST, UNREADABLE -> noTls(cause, remote, plan);
        };
    }

    private static SessionOutcome notSent(RemoteHost remote, String enhanced, String text) {
        Reply reply = Reply.quoting(451, enhanced, text);
        return new SessionOutcome.NotServed(DeliveryStatus.NOT_SENT, reply, remote, DeliveryPhase.CONNECT);
    }

    private static SessionOutcome noTls(CloseCause cause, RemoteHost remote, SessionPlan plan) {
        String reason = cause.verdict()
                .map(verdict -> "TLS to " + remote.name() + ": " + verdict.reason())
                .orElseGet(() -> "no TLS with " + remote.name() + ": the handshake failed");
        // RFC 8689 §4.2.1: for a message that requires it, a certificate that is none does not pass with time.
        return cause.verdict().isPresent() && OfferedParameters.requiresTls(plan.envelope())
                ? new SessionOutcome.Unsuited(Reply.quoting(550, "5.7.10", reason), remote, DeliveryPhase.TLS)
                : new SessionOutcome.NoTls(
                        Reply.quoting(451, "4.7.5", reason),
                        remote,
                        cause.verdict().isPresent());
    }

    private static String shown(InetSocketAddress address) {
        return "[" + address.getAddress().getHostAddress() + "]:" + address.getPort();
    }
}
