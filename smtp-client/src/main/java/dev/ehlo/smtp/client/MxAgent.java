package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.reactor.Escaped;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
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
    private final @Nullable MtaSts mtaSts;
    private final @Nullable TlsEvents events;
    private final int port;
    private final MxTls tls = new MxTls();

    /**
     * Where the mail of a domain goes, and by what policy of MTA-STS.
     *
     * @param policy null if there is none
     * @param isBlind whether hosts are to be as it says, and the roots can't be read to know
     * @param sts what it asks; null if it does not hold, or can't be gone by
     * @param roots who vouches for its hosts; null if there is no policy, or they can't be read
     * @param events is told of TLS there; null if nobody is
     */
    record Way(
            MxRoute route,
            @Nullable StsPolicy policy,
            boolean isBlind,
            Transport.@Nullable HostTls sts,
            @Nullable ClientTrust roots,
            @Nullable TlsEvents events) {
        /** The way of a domain that has no policy. */
        Way(MxRoute route, @Nullable TlsEvents events) {
            this(route, null, false, null, null, events);
        }

        /**
         * To those hosts, under TLS where they have it, whatever the domain wants: which is no news of its TLS. RFC 8689
         * §3.
         */
        Way anyhow(MxRoute.To to) {
            return new Way(
                    new MxRoute.To(
                            to.stops().stream().map(MxRoute.Stop::withoutTlsa).toList()),
                    null);
        }
    }

    MxAgent(Transport transport, MxResolver resolver, @Nullable MtaSts mtaSts, @Nullable TlsEvents events, int port) {
        this.transport = transport;
        this.resolver = resolver;
        this.mtaSts = mtaSts;
        this.events = events;
        this.port = port;
    }

    @Override
    public void deliver(Envelope envelope, Content content, OpenReport report) {
        boolean required = OfferedParameters.requiresTls(envelope);
        Message message = new Message(envelope, content, null);
        if (!required && !message.content().isToBeLookedThrough(envelope)) {
            MxDelivery.begin(transport, this, message, tls.opportunistic(), report);
            return;
        }
        Then.then(transport.block(() -> prepare(message, required)), report, (asked, error) -> {
            if (asked == null) {
                LOG.debug("no delivery by MX", error);
                report.complete(Transport.notSent(
                        envelope, error instanceof UnreadableRoots ? UnreadableRoots.REPLY : Content.UNREADABLE));
            } else {
                MxDelivery.begin(transport, this, message, asked, report);
            }
        });
    }

    private Transport.HostTls prepare(Message message, boolean tlsRequired) throws IOException {
        message.content().prepare(message.envelope());
        return tlsRequired ? transport.verifiedTls() : tls.opportunistic();
    }

    /** Where mail of the domain goes, and what its policy asks. */
    CompletionStage<Way> way(String domain, Transport.HostTls asked) {
        return route(domain)
                .thenCombine(sts(domain), Known::new)
                .thenCompose(known -> known.policy().isPresent()
                        ? transport.block(
                                () -> way(known.route(), known.policy().get(), asked))
                        : CompletableFuture.completedFuture(new Way(known.route(), events)));
    }

    private record Known(MxRoute route, Optional<StsPolicy> policy) {}

    /** Where it may block, as the roots may have to be read. */
    private Way way(MxRoute route, StsPolicy policy, Transport.HostTls asked) {
        boolean holds = holds(policy, asked);
        try {
            ClientTrust trust = transport.trust();
            return new Way(route, policy, false, holds ? tls.mtaSts(policy, trust) : null, trust, events);
        } catch (UnreadableRoots e) {
            LOG.warn("the certificates of those who are trusted can't be read", e);
            return new Way(route, policy, holds, null, null, null);
        }
    }

    private CompletionStage<MxRoute> route(String domain) {
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

    /** The policy that the domain has, if that is to be known. RFC 8461 §5. */
    private CompletionStage<Optional<StsPolicy>> sts(String domain) {
        MtaSts policies = mtaSts;
        if (policies == null || domain.isEmpty() || domain.startsWith("[")) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        CompletionStage<Optional<StsPolicy>> policy;
        try {
            policy = policies.policy(domain);
        } catch (RuntimeException e) {
            policy = CompletableFuture.failedFuture(e);
        }
        return policy.exceptionally(e -> {
                    LOG.debug("no policy of {}", Octets.printable(domain), Escaped.error(e));
                    return Optional.empty();
                })
                .thenApply(found -> found.filter(each -> each.mode() != StsPolicy.Mode.NONE));
    }

    /** One that is being tested asks for nothing, but vouches for hosts where the message asks for that. */
    private static boolean holds(StsPolicy policy, Transport.HostTls asked) {
        return policy.mode() == StsPolicy.Mode.ENFORCE
                || policy.mode() == StsPolicy.Mode.TESTING && asked.policy().isTlsRequired();
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
    List<MxHop> hops(Way way, MxRoute.To to, Transport.HostTls asked, String domain) {
        List<MxHop> hops = new ArrayList<>();
        List<MxHop> failed = new ArrayList<>();
        for (MxRoute.Stop each : to.stops()) {
            Hop hop = tls.hop(domain, each, asked, way, port);
            if (hop != null) {
                TlsEvents told = way.events();
                Hop watched = told == null ? hop : hop.watched(MxTls.watch(told, domain, each, way));
                boolean isFailed = hop.addresses().stream().allMatch(transport.failedAddresses()::isFailed);
                (isFailed ? failed : hops).add(new MxHop(each.preference(), watched));
            }
        }
        hops.addAll(failed);
        return hops;
    }
}
