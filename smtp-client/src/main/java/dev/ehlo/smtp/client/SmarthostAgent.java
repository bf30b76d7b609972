package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Delivers everything to one host. */
final class SmarthostAgent implements SmtpAgent.Way {
    /** How long addresses are used that were looked up, as the JVM itself does unless it is told otherwise. */
    private static final long ADDRESSES_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final Logger LOG = LoggerFactory.getLogger(SmarthostAgent.class);

    private final Transport transport;
    private final Smarthost smarthost;
    private final Transport.HostTls asTold;
    private volatile @Nullable Known known;

    private record Known(List<Hop> hops, long since) {}

    SmarthostAgent(Transport transport, Smarthost smarthost) {
        this.transport = transport;
        this.smarthost = smarthost;
        TlsPolicy policy = smarthost.policy();
        this.asTold = new Transport.HostTls(policy, toward(context(policy)));
    }

    @Override
    public void deliver(Envelope envelope, Content looked, OpenReport report) {
        if (envelope.recipients().isEmpty()) {
            report.complete(new DeliveryReport(List.of()));
            return;
        }
        boolean required = OfferedParameters.requiresTls(envelope);
        List<Hop> ready = required || looked.isToBeLookedThrough(envelope) ? List.of() : knownHops();
        if (required && smarthost.tls() == TlsMode.NONE) {
            report.complete(Transport.decided(
                    envelope,
                    DeliveryStatus.FAILED,
                    Reply.quoting(550, "5.7.10", "TLS is not used with " + smarthost.host())));
        } else if (ready.isEmpty()) {
            Then.then(transport.block(() -> prepare(envelope, looked, required)), report, (hops, error) -> {
                if (hops == null) {
                    LOG.debug("no delivery to {}", smarthost, error);
                    report.complete(Transport.notSent(envelope, whyNot(error)));
                } else {
                    begin(envelope, looked, hops, report);
                }
            });
        } else {
            begin(envelope, looked, ready, report);
        }
    }

    private void begin(Envelope envelope, Content content, List<Hop> hops, CompletableFuture<DeliveryReport> report) {
        HostWalk.begin(transport, new Message(envelope, content, smarthost.asLogin()), hops, report);
    }

    /** Those that were looked up lately; none if they have to be looked up. */
    private List<Hop> knownHops() {
        Known last = known;
        return last != null && transport.nanoTime() - last.since() < ADDRESSES_NANOS ? last.hops() : List.of();
    }

    /** RFC 8689 §4.2.1: opportunistic TLS, and TLS with whoever answers, is not enough. To be called where it may block. */
    private Transport.HostTls verifiedTls() throws UnreadableRoots {
        if (smarthost.trust().verified() && smarthost.policy().isTlsRequired()) {
            return asTold;
        }
        Transport.HostTls any = transport.verifiedTls();
        boolean hasKey = smarthost.credentials().flatMap(Credentials::key).isPresent();
        return new Transport.HostTls(any.policy(), toward(hasKey ? context(any.policy()) : any.context()));
    }

    private TlsContext context(TlsPolicy policy) {
        return smarthost
                .credentials()
                .flatMap(Credentials::key)
                .map(key -> TlsContext.client(policy, key))
                .orElseGet(() -> TlsContext.client(policy));
    }

    private TlsContext toward(TlsContext context) {
        return context.toward(smarthost.certified(), smarthost.port());
    }

    private List<Hop> prepare(Envelope envelope, Content content, boolean required) throws IOException {
        content.prepare(envelope);
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(smarthost.host());
        } catch (UnknownHostException e) {
            throw new UnknownSmarthost(e);
        }
        List<Hop> usual = hops(addresses, asTold);
        known = new Known(usual, transport.nanoTime());
        return required ? hops(addresses, verifiedTls()) : usual;
    }

    private List<Hop> hops(InetAddress[] addresses, Transport.HostTls tls) {
        return List.of(new Hop(
                smarthost.host(),
                Hop.at(Arrays.asList(addresses), smarthost.port()),
                smarthost.tls() == TlsMode.IMPLICIT,
                tls.policy(),
                tls.context(),
                smarthost.isLmtp()));
    }

    /** So that it is not taken for content that can't be read. */
    private static final class UnknownSmarthost extends IOException {
        private static final long serialVersionUID = 1;

        UnknownSmarthost(UnknownHostException cause) {
            super(cause);
        }
    }

    private Reply whyNot(@Nullable Throwable error) {
        if (error instanceof UnreadableRoots) {
            return UnreadableRoots.REPLY;
        }
        return error instanceof UnknownSmarthost
                ? Reply.quoting(451, "4.4.3", "the address of " + smarthost.host() + " can't be looked up")
                : Content.UNREADABLE;
    }
}
