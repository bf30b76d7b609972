package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Delivers everything to one host. */
final class SmarthostAgent implements DeliveryAgent {
    /** Addresses of the host that one delivery tries. */
    static final int MAX_ADDRESSES = 8;

    private static final Logger LOG = LoggerFactory.getLogger(SmarthostAgent.class);

    private final Transport transport;
    private final Smarthost smarthost;
    private final Transport.HostTls asTold;

    SmarthostAgent(Transport transport, Smarthost smarthost) {
        this.transport = transport;
        this.smarthost = smarthost;
        TlsPolicy policy = smarthost.policy();
        this.asTold =
                new Transport.HostTls(policy, TlsContext.client(policy).toward(smarthost.host(), smarthost.port()));
    }

    @Override
    public CompletableFuture<DeliveryReport> deliver(Envelope envelope, MessageSource content) {
        CompletableFuture<DeliveryReport> report = transport.openReport(envelope);
        if (envelope.recipients().isEmpty()) {
            report.complete(new DeliveryReport(List.of()));
            return report;
        }
        Then.then(transport.block(() -> prepare(envelope, content)), report, (start, error) -> {
            if (start == null) {
                LOG.debug("no delivery to {}", smarthost, error);
                report.complete(Transport.deferred(envelope, whyNot(error)));
            } else if (start.hops().isEmpty()) {
                report.complete(Transport.decided(
                        envelope,
                        DeliveryStatus.FAILED,
                        Reply.quoting(550, "5.7.10", "TLS is not used with " + smarthost.host())));
            } else {
                HostWalk.begin(transport, start.message(), start.hops(), report);
            }
        });
        return report;
    }

    /** RFC 8689 §4.2.1: opportunistic TLS, and TLS with whoever answers, is not enough. To be called where it may block. */
    private Transport.HostTls verifiedTls() {
        if (smarthost.trust().verified() && !smarthost.isOpportunistic()) {
            return asTold;
        }
        Transport.HostTls any = transport.verifiedTls();
        return new Transport.HostTls(any.policy(), any.context().toward(smarthost.host(), smarthost.port()));
    }

    private record Start(Message message, List<Hop> hops) {}

    private Start prepare(Envelope envelope, MessageSource content) throws IOException {
        boolean eightBit = ContentReader.hasEightBit(content);
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(smarthost.host());
        } catch (UnknownHostException e) {
            throw new UnknownSmarthost(e);
        }
        boolean implicit = smarthost.tls() == TlsMode.IMPLICIT;
        boolean required = OfferedParameters.requiresTls(envelope);
        if (required && smarthost.tls() == TlsMode.NONE) {
            return new Start(new Message(envelope, content, eightBit, null), List.of());
        }
        Transport.HostTls tls = required ? verifiedTls() : asTold;
        List<Hop> hops = Arrays.stream(addresses)
                .limit(MAX_ADDRESSES)
                .map(a -> new Hop(
                        smarthost.host(),
                        new InetSocketAddress(a, smarthost.port()),
                        implicit,
                        tls.policy(),
                        tls.context()))
                .toList();
        return new Start(
                new Message(envelope, content, eightBit, smarthost.credentials().orElse(null)), hops);
    }

    /** So that it is not taken for content that can't be read. */
    private static final class UnknownSmarthost extends IOException {
        private static final long serialVersionUID = 1;

        UnknownSmarthost(UnknownHostException cause) {
            super(cause);
        }
    }

    private Reply whyNot(@Nullable Throwable error) {
        return error instanceof UnknownSmarthost
                ? Reply.quoting(451, "4.4.3", "the address of " + smarthost.host() + " can't be looked up")
                : Reply.quoting(451, "4.3.0", "the content can't be read");
    }
}
