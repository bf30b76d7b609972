package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.tls.reactor.Escaped;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers to the mail exchangers of each recipient's domain: knows which these are, and in which order. How a message
 * goes to several of them {@link MxDelivery} says, and what is asked of a host's TLS {@link MxTls}. RFC 5321 §5.1.
 */
final class MxAgent implements SmtpAgent.Way {
    private static final Logger LOG = LoggerFactory.getLogger(MxAgent.class);

    private final Transport transport;
    private final MxResolver resolver;
    private final int port;
    private final MxTls tls = new MxTls();

    MxAgent(Transport transport, MxResolver resolver, int port) {
        this.transport = transport;
        this.resolver = resolver;
        this.port = port;
    }

    @Override
    public void deliver(Envelope envelope, MessageSource content, OpenReport report) {
        boolean required = OfferedParameters.requiresTls(envelope);
        Message message = new Message(envelope, new Content(content), null);
        if (!required && !message.content().isToBeLookedThrough(envelope)) {
            MxDelivery.begin(transport, this, message, tls.opportunistic(), report);
            return;
        }
        Then.then(transport.block(() -> prepare(message, required)), report, (asked, error) -> {
            if (asked == null) {
                LOG.debug("no delivery by MX", error);
                report.complete(Transport.notSent(envelope, Content.UNREADABLE));
            } else {
                MxDelivery.begin(transport, this, message, asked, report);
            }
        });
    }

    private Transport.HostTls prepare(Message message, boolean tlsRequired) throws IOException {
        message.content().prepare(message.envelope());
        return tlsRequired ? transport.verifiedTls() : tls.opportunistic();
    }

    /** Where mail of the domain goes. */
    CompletionStage<MxRoute> route(String domain) {
        if (domain.isEmpty()) {
            return CompletableFuture.completedFuture(new MxRoute.Nowhere(
                    DeliveryStatus.FAILED,
                    Reply.quoting(550, "5.1.2", "a recipient without a domain can't be relayed")));
        }
        if (domain.startsWith("[")) {
            return CompletableFuture.completedFuture(literal(domain));
        }
        return resolve(domain).thenApply(a -> MxRoute.of(domain, a, transport.own(), port, transport.random()));
    }

    private CompletionStage<MxAnswer> resolve(String domain) {
        CompletionStage<MxAnswer> answer;
        try {
            answer = resolver.resolve(domain);
        } catch (RuntimeException e) {
            answer = CompletableFuture.failedFuture(e);
        }
        return answer.exceptionally(e -> {
            LOG.debug("the resolver failed for {}", Octets.printable(domain), Escaped.error(e));
            return new MxAnswer.TemporaryFailure();
        });
    }

    /** An address literal is where it says. RFC 5321 §4.1.3, §5.1. */
    private MxRoute literal(String domain) {
        String inside = domain.substring(1, domain.length() - 1);
        boolean ipv6 = inside.startsWith("ipv6:");
        if (ipv6 || inside.indexOf(':') < 0) {
            try {
                // Numbers only, as the grammar of mailboxes has seen to: nothing is looked up.
                InetAddress address = InetAddress.getByName(ipv6 ? inside.substring(5) : inside);
                return MxRoute.to(domain, address, transport.own(), port);
            } catch (UnknownHostException e) {
                LOG.debug("no address in {}", domain, e);
            }
        }
        return new MxRoute.Nowhere(
                DeliveryStatus.FAILED, Reply.quoting(550, "5.1.2", "no address that is known in " + domain));
    }

    /** A host that was not reached lately at any of its addresses is tried behind the others. */
    List<MxHop> hops(MxRoute.To to, Transport.HostTls asked, String domain) {
        List<MxHop> hops = new ArrayList<>();
        List<MxHop> failed = new ArrayList<>();
        for (MxRoute.Stop each : to.stops()) {
            Hop hop = tls.hop(domain, each, asked, port);
            if (hop != null) {
                boolean isFailed = hop.addresses().stream().allMatch(transport.failedAddresses()::isFailed);
                (isFailed ? failed : hops).add(new MxHop(each.preference(), hop));
            }
        }
        hops.addAll(failed);
        return hops;
    }
}
