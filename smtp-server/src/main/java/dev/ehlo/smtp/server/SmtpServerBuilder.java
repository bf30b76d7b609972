package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.MessageIds;
import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.server.driver.AlertWatch;
import dev.ehlo.smtp.server.driver.EventLog;
import dev.ehlo.smtp.server.driver.FlightEvents;
import dev.ehlo.smtp.server.driver.Listeners;
import dev.ehlo.smtp.server.driver.LiveConnections;
import dev.ehlo.smtp.server.driver.ProxiedConnection;
import dev.ehlo.smtp.server.driver.ServerConnection;
import dev.ehlo.smtp.server.driver.ServerRuntime;
import dev.ehlo.smtp.server.driver.StrainWatch;
import dev.ehlo.smtp.server.driver.Workers;
import dev.ehlo.smtp.server.limit.Admission;
import dev.ehlo.smtp.server.limit.LoginGuard;
import dev.ehlo.smtp.server.limit.LoginNames;
import dev.ehlo.smtp.server.sasl.SaslMechanisms;
import dev.ehlo.smtp.server.session.HandlerCalls;
import dev.ehlo.smtp.server.session.Role;
import dev.ehlo.smtp.server.session.ServerSettings;
import dev.ehlo.smtp.tls.ClientCertificates;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import dev.ehlo.smtp.tls.reactor.Listener;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.io.IOException;
import java.net.BindException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Describes a {@link SmtpServer}. Used by one thread, for one server. */
public final class SmtpServerBuilder {
    /** Connections that the system keeps ready before they are accepted. */
    private static final int BACKLOG = 1024;

    private String hostname = "";
    private @Nullable TlsContext tls;
    private @Nullable Authenticator authenticator;
    private byte @Nullable [] loginSecret;
    private @Nullable HandlerCalls handler;
    private @Nullable Collection<String> localDomains;
    private ServerLimits limits = ServerLimits.STANDARD;
    private List<Network> relayFrom = List.of();
    private Set<Extension> honoured = Set.of();
    private @Nullable SenderRule senderRule;
    private ClientNames clientNames = ClientNames.system();
    private int loops = Runtime.getRuntime().availableProcessors();
    private LongSupplier deadlineClock = System::nanoTime;
    private final List<ServerEvents> events = new ArrayList<>();
    private boolean eventLog = true;
    private AlertThresholds alertThresholds = AlertThresholds.STANDARD;
    private final List<Pressure> pressures = new ArrayList<>();
    private int maxHandlerBacklog = 5000;
    private final Map<String, Profile> profiles = new LinkedHashMap<>();

    SmtpServerBuilder() {}

    /**
     * The server's name, fully qualified, in greetings and trace fields. Has to be said.
     *
     * @throws IllegalArgumentException if it is no domain name
     */
    public SmtpServerBuilder hostname(String name) {
        hostname = new Mailbox("postmaster", name).domain();
        return this;
    }

    /**
     * Keys for STARTTLS and implicit TLS; without them no profile that is for users or begins with TLS can be listened
     * as, and the others are in clear. Each profile has TLS sessions of its own, so that one agreed on port 25 is
     * nothing on 465. New files are shown after {@link TlsContext#reload}, with no connection dropped.
     */
    public SmtpServerBuilder tls(TlsContext context) {
        tls = context;
        return this;
    }

    /** Who knows the logins; submission profiles need one. */
    public SmtpServerBuilder authenticator(Authenticator knower) {
        authenticator = knower;
        return this;
    }

    /**
     * By which a login that does not exist is told the same salt each time, so that nobody learns that it does not:
     * has to be the same after a restart, and on all servers of one name. Drawn when the server starts, unless said.
     *
     * @param secret 16 octets at least, of a good source, which nobody else has; copied
     * @throws IllegalArgumentException if it is shorter
     */
    public SmtpServerBuilder loginSecret(byte[] secret) {
        if (secret.length < SaslMechanisms.SECRET_OCTETS) {
            throw new IllegalArgumentException("a secret of " + secret.length + " octets");
        }
        loginSecret = secret.clone();
        return this;
    }

    /** Who decides about mail, and may block: runs on virtual threads if the JVM has them, else in a bounded pool. */
    public SmtpServerBuilder handler(SmtpHandler mayBlock) {
        handler = HandlerCalls.blocking(mayBlock);
        return this;
    }

    /** Who decides about mail, on the event loop, where neither it nor its sinks may block. */
    public SmtpServerBuilder inlineHandler(SmtpHandler mustNotBlock) {
        handler = HandlerCalls.inline(mustNotBlock);
        return this;
    }

    /** Who decides about mail in stages, on the event loop, where neither it nor its sinks may block. */
    public SmtpServerBuilder stagedHandler(StagedHandler mustNotBlock) {
        handler = HandlerCalls.staged(mustNotBlock);
        return this;
    }

    /** The domains whose mail ends here, so that strangers may send it; the hostname alone, unless said. */
    public SmtpServerBuilder localDomains(Collection<String> domains) {
        localDomains = List.copyOf(domains);
        return this;
    }

    /** Whose clients may relay on {@link Profile#mx}: a trusted network inside. None, unless said. */
    public SmtpServerBuilder relayFrom(Collection<Network> networks) {
        relayFrom = List.copyOf(networks);
        return this;
    }

    /**
     * What the handler keeps, of that which only it can: BINARYMIME, DSN, REQUIRETLS, FUTURERELEASE, DELIVERBY and
     * MT-PRIORITY. They are offered if they are named here, and what a client asks by them is in the {@link
     * dev.ehlo.smtp.Envelope}. None, unless said.
     */
    public SmtpServerBuilder honouring(Collection<Extension> extensions) {
        honoured = Set.copyOf(extensions);
        return this;
    }

    /**
     * Who finds out the names of clients, where the handler asks for one: {@link ClientNames#system}, unless said.
     */
    public SmtpServerBuilder clientNames(ClientNames names) {
        clientNames = names;
        return this;
    }

    /** Which login may send in whose name; {@link SenderRule#ownName} at the local domains, unless said. */
    public SmtpServerBuilder senderRule(SenderRule rule) {
        senderRule = rule;
        return this;
    }

    /**
     * How much clients may have together, and each of them; {@link ServerLimits#STANDARD}, unless said. The networks of
     * {@link #relayFrom} are free of what is limited for an address or a network, as allowed ones are, but for failed
     * logins.
     */
    public SmtpServerBuilder limits(ServerLimits ofClients) {
        limits = ofClients;
        return this;
    }

    /**
     * {@linkplain #limits Limits} as they are but for how many connections there may be at a time, in all and of one
     * client, of whose network there may then be any number.
     *
     * @throws IllegalArgumentException if either is less than 1
     */
    public SmtpServerBuilder maxConnections(int inAll, int perClient) {
        return limits(
                limits.maxConnections(inAll).connectionsPerAddress(perClient).connectionsPerNetwork(inAll));
    }

    /**
     * How many event loops; one for each processor, unless said.
     *
     * @throws IllegalArgumentException if less than 1
     */
    public SmtpServerBuilder loops(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("loops: " + count);
        }
        loops = count;
        return this;
    }

    /** One more who is told what happens, after those who were named before. */
    public SmtpServerBuilder events(ServerEvents listener) {
        events.add(Objects.requireNonNull(listener));
        return this;
    }

    /**
     * Whether a line of the log is written for each session, transaction, refusal and alert, by the logger that is named as
     * {@link ServerEvents}. So it is, unless said; who has them logged in another way says no.
     */
    public SmtpServerBuilder eventLog(boolean written) {
        eventLog = written;
        return this;
    }

    /** From when on something is unusual enough for an alert; {@link AlertThresholds#STANDARD}, unless said. */
    public SmtpServerBuilder alerts(AlertThresholds thresholds) {
        alertThresholds = Objects.requireNonNull(thresholds);
        return this;
    }

    /**
     * One more thing that the server may run short of, besides its memory and the backlog of its handlers.
     *
     * @see Strain
     */
    public SmtpServerBuilder pressure(Pressure more) {
        pressures.add(Objects.requireNonNull(more));
        return this;
    }

    /**
     * How many questions to handlers and authenticators, and sinks, may be at work or wait for a thread, before {@linkplain
     * Shedding load is shed}: 5,000, unless said; it begins at nine tenths of that. No RFC has a limit.
     *
     * @throws IllegalArgumentException if less than 1
     */
    public SmtpServerBuilder maxHandlerBacklog(int tasks) {
        if (tasks < 1) {
            throw new IllegalArgumentException("backlog of handlers: " + tasks);
        }
        maxHandlerBacklog = tasks;
        return this;
    }

    /**
     * What time limits are measured by, in nanoseconds: {@link System#nanoTime}, unless said. For trying a server out: a
     * clock that runs faster shortens all its limits, each of which then passes when something else happens on its loop.
     */
    public SmtpServerBuilder deadlineClock(LongSupplier nanoTime) {
        deadlineClock = nanoTime;
        return this;
    }

    /**
     * A role to play, and where.
     *
     * @throws IllegalArgumentException if there is one of that name already
     */
    public SmtpServerBuilder listen(Profile profile) {
        if (profiles.putIfAbsent(profile.name(), profile) != null) {
            throw new IllegalArgumentException("profile " + profile.name() + " twice");
        }
        return this;
    }

    /**
     * Binds all ports, and serves.
     *
     * @throws IllegalStateException if something is missing that the profiles need
     * @throws java.net.BindException if an address is in use or not this host's; nothing is left open then
     * @throws IOException if the system has no sockets to give
     */
    public SmtpServer start() throws IOException {
        ServerSettings settings = settings();
        profiles.values().forEach(this::check);
        Workers workers = Workers.start("smtp-server");
        LiveConnections live = new LiveConnections();
        Admission admission = new Admission(limits, relayFrom, deadlineClock);
        ServerEvents told = listeners(settings);
        StrainWatch strain = StrainWatch.start(pressures(workers, live), told);
        Supplier<String> ids = ids(new SecureRandom().nextLong());
        Reactor reactor = null;
        try {
            reactor = Reactor.start("smtp-server", loops, deadlineClock);
            Map<String, Listener> listeners = new LinkedHashMap<>();
            for (Profile profile : new ArrayList<>(profiles.values())) {
                Role role = new Role(settings, profile);
                TlsContext own = tls == null ? null : tls(tls, settings, profile);
                ServerRuntime runtime =
                        new ServerRuntime(own, workers, ids, admission, live, clientNames, strain, told, deadlineClock);
                boolean proxied = !profile.proxyNetworks().isEmpty();
                // A proxy's header comes in clear, before the handshake.
                TlsContext implicit = profile.tls() == TlsMode.IMPLICIT && !proxied ? own : null;
                Supplier<ConnectionHandler> handlers = proxied
                        ? () -> new ProxiedConnection(runtime, role)
                        : () -> new ServerConnection(runtime, role);
                listeners.put(profile.name(), listen(reactor, profile, implicit, handlers));
            }
            return SmtpServer.of(reactor, workers, live, strain, listeners);
        } catch (IOException | RuntimeException e) {
            if (reactor != null) {
                reactor.close();
            }
            strain.close();
            workers.close();
            throw e;
        }
    }

    /** Connections are bounded where they are let in, and stand here for whoever looks. */
    private List<Pressure> pressures(Workers workers, LiveConnections live) {
        double mostConnections = limits.maxConnections();
        double mostTasks = maxHandlerBacklog;
        List<Pressure> all = new ArrayList<>(List.of(
                Pressure.heap(),
                Pressure.buffers(),
                Pressure.of("handlers", () -> workers.backlog() / mostTasks),
                Pressure.of("connections", () -> live.count() / mostConnections)
                        .sheddingAt(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY)));
        all.addAll(pressures);
        return all;
    }

    /** The log first, so that what others do about an event stands behind it. */
    private Listeners listeners(ServerSettings settings) {
        List<ServerEvents> all = new ArrayList<>();
        if (eventLog) {
            all.add(new EventLog());
        }
        FlightEvents.ifPossible().ifPresent(all::add);
        all.addAll(events);
        Listeners told = new Listeners(all);
        LoginNames logins =
                new LoginNames(settings.localDomains(), settings.sasl().authenticator()::canonical);
        all.add(new AlertWatch(alertThresholds, logins, deadlineClock, told));
        return new Listeners(all);
    }

    /** Clients are asked for a certificate only where something comes of it: some show it to people first. */
    private static TlsContext tls(TlsContext all, ServerSettings settings, Profile profile) {
        boolean isForLogin = profile.offers(Extension.AUTH)
                && settings.sasl().authenticator().mechanisms().contains(Mechanism.EXTERNAL);
        boolean isWanted = profile.clientCertificates()
                .orElse(isForLogin || all.clientCertificates() == ClientCertificates.REQUIRED);
        return isWanted ? all.withOwnSessions() : all.withoutClientCertificates();
    }

    /** The system names neither the address nor the profile that it could not bind. */
    private static Listener listen(
            Reactor reactor, Profile profile, @Nullable TlsContext implicit, Supplier<ConnectionHandler> handlers)
            throws IOException {
        try {
            return reactor.listen(profile.address(), BACKLOG, implicit, handlers);
        } catch (BindException e) {
            BindException named =
                    new BindException(profile.name() + " on " + profile.address() + ": " + e.getMessage());
            named.initCause(e);
            throw named;
        }
    }

    private ServerSettings settings() {
        if (hostname.isEmpty()) {
            throw new IllegalStateException("a hostname is needed");
        }
        if (handler == null) {
            throw new IllegalStateException("a handler is needed");
        }
        if (profiles.isEmpty()) {
            throw new IllegalStateException("a profile to listen as is needed");
        }
        Set<String> domains = (localDomains == null ? List.of(hostname) : localDomains)
                .stream().map(DomainGrammar::toAscii).collect(Collectors.toUnmodifiableSet());
        return new ServerSettings(
                hostname,
                handler,
                sasl(),
                senderRule == null ? SenderRule.ownName(domains) : senderRule,
                domains,
                relayFrom,
                honoured,
                tls != null,
                InstantSource.system(),
                new MessageIds(hostname, InstantSource.system(), new SecureRandom()),
                new LoginGuard(limits, domains, deadlineClock));
    }

    private SaslMechanisms sasl() {
        SecureRandom random = new SecureRandom();
        byte[] secret = loginSecret;
        if (secret == null) {
            secret = new byte[SaslMechanisms.SECRET_OCTETS];
            random.nextBytes(secret);
        }
        Authenticator knower = authenticator == null ? (login, password) -> Optional.empty() : authenticator;
        return new SaslMechanisms(knower, hostname, secret, SaslMechanisms.nonces(random));
    }

    private void check(Profile profile) {
        if (tls == null && (profile.isSubmission() || profile.tls() == TlsMode.IMPLICIT)) {
            throw new IllegalStateException("profile " + profile.name() + " needs TLS keys");
        }
        if (authenticator == null && profile.isSubmission()) {
            throw new IllegalStateException("profile " + profile.name() + " needs an authenticator");
        }
    }

    /** Ids that do not repeat: a counter from a random start, with its bits mixed so that they tell no order. */
    private static Supplier<String> ids(long start) {
        AtomicLong next = new AtomicLong(start);
        return () -> {
            long bits = next.getAndAdd(0x9e3779b97f4a7c15L);
            bits = (bits ^ bits >>> 30) * 0xbf58476d1ce4e5b9L;
            bits = (bits ^ bits >>> 27) * 0x94d049bb133111ebL;
            bits ^= bits >>> 31;
            // As toUnsignedString does, which makes a BigInteger of every other one.
            return Long.toString(Long.divideUnsigned(bits, 36), 36)
                    + Character.forDigit((int) Long.remainderUnsigned(bits, 36), 36);
        };
    }
}
