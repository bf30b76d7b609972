package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends mail. Makes {@link SmtpAgent}s, which share its threads and connections: those that were used are kept for the
 * next message to the same host ({@link ConnectionReuse}), and a message for which there is none waits its turn
 * ({@link ConnectionLimits}). Thread-safe.
 *
 * <p>A report tells what became of each recipient: {@code RELAYED} by 2yz to end of data and by nothing else;
 * {@code FAILED} by 5yz, or where it is certain that the mail can't go there; {@code UNKNOWN} where end of data was sent
 * and no reply to it understood; {@code DEFERRED} by 4yz, or by a refused login, which is no fault of the
 * message; {@code NOT_SENT} in all other cases, with a reply of this side's own where no host said why. To cancel the
 * future that {@link DeliveryAgent#deliver} returned is to break off. Futures complete on threads that serve other
 * deliveries too: what depends on them must not block, or run elsewhere.
 *
 * <pre>{@code
 * try (SmtpClient client = SmtpClient.builder().localName("app.example.org").build()) {
 *     SmtpAgent smarthost = client.to(Smarthost.submissions("smtp.example.org").login("user", "secret"));
 *     Envelope envelope = Envelope.from("a@example.org").to("b@example.net");
 *     DeliveryReport report = smarthost.within(Duration.ofSeconds(30))
 *             .deliverAndWait(envelope, MessageSource.of(Path.of("message.eml")));
 *     smarthost.deliver(envelope, MessageSource.of(new byte[] {…})) // does not wait
 *             .thenAccept(another -> log.info("{}", another));
 * }
 * }</pre>
 */
public final class SmtpClient implements AutoCloseable {
    /** The port of mail exchangers. RFC 5321 §4.5.4.2. */
    public static final int SMTP_PORT = 25;

    /** Smarthosts of one chain. */
    static final int MAX_WAYS = 10;

    private final Transport transport;
    private final @Nullable MtaSts mtaSts;
    private final @Nullable TlsEvents tlsEvents;

    private SmtpClient(Transport transport, @Nullable MtaSts mtaSts, @Nullable TlsEvents tlsEvents) {
        this.transport = transport;
        this.mtaSts = mtaSts;
        this.tlsEvents = tlsEvents;
    }

    /** A builder of clients, with everything preset. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Delivers to that host, whatever the recipients' domains. To be kept, and used for many messages: it remembers the
     * host's addresses, and connections are shared by those alone who have the same {@code Smarthost}.
     *
     * @throws IllegalStateException if the client is closed
     */
    public SmtpAgent to(Smarthost smarthost) {
        checkOpen();
        return new SmtpAgent(transport, new SmarthostAgent(transport, smarthost));
    }

    /**
     * Delivers by the first of these that is open, in that order: one host on several ports ({@link Smarthost#onPorts}), or
     * several hosts ({@link SubmissionDiscovery}). The next one is tried only where a connection, the greeting or TLS did
     * not come to stand; not after a reply that refused us or the login, nor a certificate that was refused, nor ever once
     * the mail may be on its way. What worked is tried first for ten minutes. How long a silent port is waited for,
     * {@link SessionTimeouts#connect} says.
     *
     * @throws IllegalArgumentException if there is none, or are more than ten, or one asks less of TLS than the first:
     *     whoever blocks ports could lead us there
     * @throws IllegalStateException if the client is closed
     */
    public SmtpAgent to(List<Smarthost> chain) {
        checkOpen();
        if (chain.isEmpty() || chain.size() > MAX_WAYS) {
            throw new IllegalArgumentException("smarthosts: " + chain.size());
        }
        for (Smarthost each : chain) {
            if (each.strength() < chain.get(0).strength()) {
                throw new IllegalArgumentException(each + " asks less of TLS than " + chain.get(0));
            }
        }
        return new SmtpAgent(transport, new ChainAgent(transport, chain));
    }

    /**
     * Delivers to the mail exchangers of each recipient's domain; a message goes once to hosts that several domains share,
     * in the same order of preference. TLS is opportunistic, but for hosts of which the
     * resolver knows TLSA records: these have to show the certificate that they tell (DANE, RFC 7672 §2.2); and for
     * domains with a policy of MTA-STS ({@link Builder#mtaSts}), over which DANE has precedence. A message with
     * REQUIRETLS goes only to such hosts, and to others whose certificate proves them and whose name is the domain's, or
     * below it, or proven by DNSSEC. No mail goes to an address of the loopback network because DNS says so.
     *
     * @throws IllegalStateException if the client is closed
     */
    public SmtpAgent toMx(MxResolver resolver) {
        return toMx(resolver, SMTP_PORT);
    }

    /**
     * The same at another port than that of the world, for tests: at any but 25 loopback addresses are as good as others.
     *
     * @throws IllegalArgumentException if the port is out of range
     * @throws IllegalStateException if the client is closed
     */
    public SmtpAgent toMx(MxResolver resolver, int port) {
        checkOpen();
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("not a port: " + port);
        }
        return new SmtpAgent(transport, new MxAgent(transport, resolver, mtaSts, tlsEvents, port));
    }

    /**
     * Breaks off what is under way, whose reports are completed by that, and ends the threads; connections that wait are
     * left with QUIT, whose answers are waited for a second at most. Deliveries asked for later are not sent. On a thread
     * that serves connections it returns before the reports are made.
     */
    @Override
    public void close() {
        transport.close();
    }

    private void checkOpen() {
        if (transport.isClosed()) {
            throw new IllegalStateException("the client is closed");
        }
    }

    /** Collects what a client needs; used by one thread. */
    public static final class Builder {
        private String localName = "";
        private Set<InetSocketAddress> ownAddresses = Set.of();
        private @Nullable DialogueListener dialogue;
        private SessionTimeouts timeouts = SessionTimeouts.standard();
        private ConnectionReuse reuse = ConnectionReuse.standard();
        private ConnectionLimits limits = ConnectionLimits.standard();
        private LongSupplier clock = System::nanoTime;
        private Random random = new Random();
        private int loops = 1;
        private boolean daemon;
        private @Nullable ClientTrust trust;
        private @Nullable MtaSts mtaSts;
        private @Nullable TlsEvents tlsEvents;

        private Builder() {}

        /**
         * What EHLO says: this host's name in the world, or an address literal. Without it, it is the address literal
         * of each connection. RFC 5321 §4.1.1.1.
         *
         * @throws IllegalArgumentException if it is neither, by the grammar of RFC 5321 §4.1.2
         */
        public Builder localName(String name) {
            Mailbox there = new Mailbox("postmaster", name);
            if (there.domain().isEmpty() || there.needsUtf8()) {
                throw new IllegalArgumentException("not a host name: " + Octets.printable(name));
            }
            this.localName = name;
            return this;
        }

        /**
         * Where this host takes mail itself; nowhere, if not set. A mail exchanger found at one of these addresses, or by
         * {@link #localName}, is this host, and mail is sent neither to it nor to hosts that are no better, as it would go
         * in a loop. The unspecified address stands for all addresses of this machine; one that others reach it by
         * through a translation is to be named. RFC 5321 §5.1.
         *
         * @param addresses with the ports on which others reach them, most often 25
         * @throws IllegalArgumentException if one is not resolved
         */
        public Builder ownAddresses(Collection<InetSocketAddress> addresses) {
            for (InetSocketAddress each : addresses) {
                if (each.isUnresolved()) {
                    throw new IllegalArgumentException("not resolved: " + Octets.printable(each.toString()));
                }
            }
            this.ownAddresses = Set.copyOf(addresses);
            return this;
        }

        /** Who is told what is said; nobody, if not set. */
        public Builder dialogue(DialogueListener listener) {
            this.dialogue = listener;
            return this;
        }

        /** How long to wait for what; as RFC 5321 §4.5.3.2 says, if not set. */
        public Builder timeouts(SessionTimeouts limits) {
            this.timeouts = limits;
            return this;
        }

        /** What becomes of connections after a message; {@link ConnectionReuse#standard()}, if not set. */
        public Builder reuse(ConnectionReuse limits) {
            this.reuse = limits;
            return this;
        }

        /**
         * How many connections there are at a time, and who waits for one; {@link ConnectionLimits#standard()}, if not
         * set.
         */
        public Builder connections(ConnectionLimits most) {
            this.limits = most;
            return this;
        }

        /** In place of {@link System#nanoTime()}. */
        Builder clock(LongSupplier nanos) {
            this.clock = nanos;
            return this;
        }

        /** What chooses between mail exchangers of equal preference. */
        public Builder random(Random source) {
            this.random = source;
            return this;
        }

        /**
         * Who vouches for hosts of domains with a policy of MTA-STS (RFC 8461 §4.2), and for those that get messages with
         * REQUIRETLS (RFC 8689 §4.2.1), where a {@link Smarthost} does not
         * say; the roots of the JVM, if not set.
         *
         * @throws IllegalArgumentException if it verifies nothing
         */
        public Builder trust(ClientTrust roots) {
            if (!roots.verified()) {
                throw new IllegalArgumentException("no roots to trust");
            }
            this.trust = roots;
            return this;
        }

        /**
         * Who knows domains' policies of MTA-STS, for deliveries by MX: mail to a domain that enforces one goes only to the
         * hosts that it names, and under TLS with a certificate for them of {@link #trust}. Nobody, if not set.
         */
        public Builder mtaSts(MtaSts policies) {
            this.mtaSts = policies;
            return this;
        }

        /** Who is told how TLS with mail exchangers goes; nobody, if not set. RFC 8460. */
        public Builder tlsEvents(TlsEvents events) {
            this.tlsEvents = events;
            return this;
        }

        /**
         * How many threads serve the connections; one, if not set.
         *
         * @throws IllegalArgumentException if less than one
         */
        public Builder loops(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("not a number of loops: " + count);
            }
            this.loops = count;
            return this;
        }

        /** Its threads do not keep the JVM from ending: for a client that nobody closes. */
        public Builder daemon() {
            this.daemon = true;
            return this;
        }

        /**
         * A client, with its threads started.
         *
         * @throws UncheckedIOException if the system has no selector to give
         */
        public SmtpClient build() {
            try {
                Reactor reactor = Reactor.start("smtp-client", loops, clock, timeouts.command(), daemon);
                return new SmtpClient(
                        new Transport(
                                reactor,
                                localName,
                                ownAddresses,
                                timeouts,
                                reuse,
                                limits,
                                dialogue,
                                random,
                                trust,
                                clock),
                        mtaSts,
                        tlsEvents);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
