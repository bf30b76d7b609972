package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.tls.reactor.Escaped;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers to the mail exchangers of each recipient's domain: one mail transaction for each domain, some domains at a
 * time, and one report of them all. What is asked of a host's TLS {@link MxTls} says. RFC 5321 §5.1.
 */
final class MxAgent implements SmtpAgent.Way {
    /** Domains that one delivery serves at the same time. */
    static final int MAX_DOMAINS_AT_ONCE = 16;

    private static final Reply NOBODY_PROVEN =
            Reply.of(550, "5.7.30", "no mail host of the domain can prove to be one, which the sender requires");

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
            deliver(message, tls.opportunistic(), report);
            return;
        }
        Then.then(transport.block(() -> prepare(message, required)), report, (asked, error) -> {
            if (asked == null) {
                LOG.debug("no delivery by MX", error);
                report.complete(Transport.notSent(envelope, Content.UNREADABLE));
            } else {
                deliver(message, asked, report);
            }
        });
    }

    private Transport.HostTls prepare(Message message, boolean tlsRequired) throws IOException {
        message.content().prepare(message.envelope());
        return tlsRequired ? transport.verifiedTls() : tls.opportunistic();
    }

    /** From here on the time limit is that of each part. */
    private void deliver(Message message, Transport.HostTls asked, OpenReport report) {
        if (!report.begin()) {
            return;
        }
        RecipientOutcome[] outcomes =
                new RecipientOutcome[message.envelope().recipients().size()];
        List<CompletableFuture<Void>> lanes = new ArrayList<>();
        int number = 0;
        for (Map.Entry<String, List<Integer>> group :
                byDomain(message.envelope()).entrySet()) {
            int lane = number++ % MAX_DOMAINS_AT_ONCE;
            if (lane == lanes.size()) {
                lanes.add(CompletableFuture.completedFuture(null));
            }
            lanes.set(
                    lane,
                    lanes.get(lane)
                            .thenCompose(before -> deliver(message, asked, group.getKey(), group.getValue(), report)
                                    .thenAccept(part -> merge(part, group.getValue(), outcomes))));
        }
        Then.then(CompletableFuture.allOf(lanes.toArray(CompletableFuture<?>[]::new)), report, (done, error) -> {
            if (error != null) {
                report.completeExceptionally(error);
            } else {
                report.complete(new DeliveryReport(Arrays.asList(outcomes)));
            }
        });
    }

    /** Which recipients of the envelope, by their index, are at which domain. */
    private static Map<String, List<Integer>> byDomain(Envelope envelope) {
        Map<String, List<Integer>> groups = new LinkedHashMap<>();
        for (int i = 0; i < envelope.recipients().size(); i++) {
            String domain = envelope.recipients().get(i).mailbox().destination();
            groups.computeIfAbsent(domain, d -> new ArrayList<>()).add(i);
        }
        return groups;
    }

    private static void merge(DeliveryReport part, List<Integer> indexes, RecipientOutcome[] outcomes) {
        for (int i = 0; i < indexes.size(); i++) {
            outcomes[indexes.get(i)] = part.outcomes().get(i);
        }
    }

    private CompletableFuture<DeliveryReport> deliver(
            Message message, Transport.HostTls asked, String domain, List<Integer> indexes, OpenReport whole) {
        List<Recipient> recipients = indexes.stream()
                .map(i -> message.envelope().recipients().get(i))
                .toList();
        Envelope envelope = message.envelope().only(recipients);
        OpenReport part = transport.openPart(envelope, whole);
        Then.then(whole, part, (done, error) -> {
            if (whole.isCancelled()) {
                part.cancel(false);
            }
        });
        Message ofDomain = new Message(envelope, message.content(), null);
        Then.then(route(domain), part, (route, error) -> {
            if (error != null) {
                part.completeExceptionally(error);
            } else if (route instanceof MxRoute.To to) {
                List<Hop> hops = hops(to, asked, domain);
                if (hops.isEmpty()) {
                    part.complete(Transport.decided(envelope, DeliveryStatus.FAILED, NOBODY_PROVEN));
                } else {
                    HostWalk.begin(transport, ofDomain, hops, part);
                }
            } else if (route instanceof MxRoute.Nowhere nowhere) {
                part.complete(Transport.decided(envelope, nowhere.status(), nowhere.reply()));
            }
        });
        return part;
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
    private List<Hop> hops(MxRoute.To to, Transport.HostTls asked, String domain) {
        List<Hop> hops = new ArrayList<>();
        List<Hop> failed = new ArrayList<>();
        for (MxRoute.Stop each : to.stops()) {
            Hop hop = tls.hop(domain, each, asked, port);
            if (hop != null) {
                boolean isFailed = hop.addresses().stream().allMatch(transport.failedAddresses()::isFailed);
                (isFailed ? failed : hops).add(hop);
            }
        }
        hops.addAll(failed);
        return hops;
    }
}
