package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.client.ConnectionLimits;
import dev.ehlo.smtp.client.MtaSts;
import dev.ehlo.smtp.client.MxResolver;
import dev.ehlo.smtp.client.SmtpClient;
import dev.ehlo.smtp.client.TlsReportAddresses;
import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.mta.metrics.MailMetrics;
import dev.ehlo.smtp.mta.metrics.MetricsPort;
import dev.ehlo.smtp.mta.metrics.QueueAges;
import dev.ehlo.smtp.mta.tlsrpt.TlsCounts;
import dev.ehlo.smtp.mta.tlsrpt.TlsReporter;
import dev.ehlo.smtp.queue.LanePolicy;
import dev.ehlo.smtp.queue.MailQueue;
import dev.ehlo.smtp.queue.MailQueueBuilder;
import dev.ehlo.smtp.queue.Spool;
import dev.ehlo.smtp.queue.Suppressions;
import dev.ehlo.smtp.server.Pressure;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.ServerEvents;
import dev.ehlo.smtp.server.ServerMetrics;
import dev.ehlo.smtp.server.SmtpServer;
import dev.ehlo.smtp.server.SmtpServerBuilder;
import dev.ehlo.smtp.tls.ClientCertificates;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsServerBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The composition: server → queue → Maildir or client. Started by its one factory method, whole or not at all.
 *
 * <pre>
 * mx, submission(s), alternate → MailHandler → MailQueue (spool) → Router ─┬→ LocalDelivery → Maildir
 *                                                                          └→ SmtpClient → smarthost or MX
 * </pre>
 */
final class MailServer implements AutoCloseable {
    /** For the queue to be looked through when somebody asks for the metrics. */
    private static final long AGES_MILLIS = 2000;
    /** How long sessions get to end by themselves when the server stops. */
    static final Duration DRAIN = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(MailServer.class);
    private static final int LOCAL_DELIVERY_THREADS = 4;
    private static final String LOCAL = "local";
    private static final String SMARTHOST = "smarthost";

    /** What to close, the last one started first. */
    private final Parts parts = new Parts();

    private final Users users;
    private final SmtpServer server;
    private final CertificateWatch certificates;
    private final MailMetrics metrics;
    private @Nullable MetricsPort metricsPort;

    private MailServer(Settings settings, Clock clock, Pressure disk, Rehearsal rehearsal) throws IOException, Failure {
        try {
            DataDirectory data = settings.data();
            certificates = certificates(settings, clock);
            parts.push(certificates);
            users = new Users(data.users(), settings.localDomains(), clock);
            Set<String> localDomains = settings.localDomains();
            Predicate<Recipient> isLocal = r -> r.mailbox().domain().isEmpty()
                    || localDomains.contains(r.mailbox().destination());

            ExecutorService workers = Executors.newFixedThreadPool(LOCAL_DELIVERY_THREADS, task -> {
                Thread thread = new Thread(task, "local-delivery");
                thread.setDaemon(true);
                return thread;
            });
            parts.push(workers::shutdown);
            SmtpClient.Builder sender = SmtpClient.builder()
                    .localName(settings.host())
                    .ownAddresses(settings.listeners().values())
                    .connections(ConnectionLimits.standard()
                            .perDestination(settings.destinations().most())
                            .inAll(2 * MailQueueBuilder.ATTEMPTS));
            Optional<TlsCounts> tlsCounts =
                    settings.relayTls().reports().map(contact -> TlsCounts.in(data.tlsCounts(), clock));
            tlsCounts.ifPresent(sender::tlsEvents);
            if (settings.relayTls().mtaSts()) {
                sender.mtaSts(MtaSts.system(data.mtaSts(), tlsCounts.isPresent() ? tlsCounts.get() : result -> {}));
            }
            SmtpClient client = sender.build();
            parts.push(client);
            DeliveryAgent local = new LocalDelivery(users, data.mail(), settings.host(), clock, workers);
            MxResolver resolver = MxResolver.system(settings.relayTls().dnssec());
            DeliveryAgent remote = settings.smarthost()
                    .map(service -> client.to(service.ways()))
                    .orElseGet(() -> client.toMx(resolver));
            Spool spool = spool(settings);
            Suppressions suppressions = suppressions(data.suppressed());
            MailQueueBuilder builder = MailQueue.builder()
                    .spool(spool)
                    .agent(rehearsal.agent().apply(new Router(isLocal, local, remote)))
                    .lanes(lanes(isLocal, settings.smarthost().isPresent()))
                    .policies(lane -> policy(settings, lane))
                    .retry(settings.retry())
                    .suppressions(suppressions)
                    .knownSenders(message -> isOwn(message.reversePath(), localDomains))
                    .hostname(settings.host());
            if (settings.smarthost().isEmpty()) {
                builder.hosts(new MxLanes(resolver, LOCAL));
            }
            settings.suppressAfter().ifPresent(builder::suppressAfter);
            MailQueue queue = (settings.held() ? builder.held() : builder).start();
            parts.push(() -> stop(queue));
            tlsCounts.ifPresent(counted -> report(settings, counted, queue, clock));
            Map<String, ControlSocket.Verb> verbs = new TreeMap<>(new QueueControl(queue, spool).verbs());
            verbs.putAll(new SuppressionControl(suppressions).verbs());
            control(data.control(), verbs);
            ServerMetrics counts = new ServerMetrics();
            List<Pressure> pressures = List.of(SpoolPressure.fault(queue), disk);
            server = server(settings, new MailHandler(users, isLocal, queue), counts, pressures, rehearsal);
            metrics = new MailMetrics(
                    counts,
                    queue::health,
                    queue::counts,
                    new QueueAges(() -> queue.depth(0), AGES_MILLIS),
                    spool::counts,
                    server::health);
            parts.push(() -> stop(server));
            certificates.start();
        } catch (IOException | Failure | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Starts a server; on return every listener is bound.
     *
     * @throws Failure if something that was told can't be done: a port in use, keys that do not match
     * @throws IOException if the disk or the network fails
     */
    static MailServer start(Settings settings, Clock clock) throws IOException, Failure {
        return start(settings, clock, disk(settings));
    }

    /** As {@link #start(Settings, Clock)}, on a disk that is as full as that says. */
    static MailServer start(Settings settings, Clock clock, Pressure disk) throws IOException, Failure {
        return new MailServer(settings, clock, disk, Rehearsal.SERVICE);
    }

    /** As {@link #start(Settings, Clock)}, with what differs when a server is but tried. */
    static MailServer rehearse(Settings settings, Clock clock, Rehearsal rehearsal) throws IOException, Failure {
        return new MailServer(settings, clock, disk(settings), rehearsal);
    }

    private Suppressions suppressions(Path file) throws Failure {
        try {
            Suppressions suppressions = Suppressions.open(file);
            parts.push(suppressions);
            return suppressions;
        } catch (IOException e) {
            throw new Failure("suppressions: " + DataDirectory.reason(e), e);
        }
    }

    /** Users send in their own names alone, and what tells of a forged one stays here. */
    private static boolean isOwn(ReversePath sender, Set<String> localDomains) {
        Mailbox mailbox = sender.mailbox();
        return mailbox != null && localDomains.contains(mailbox.destination());
    }

    private static Spool spool(Settings settings) {
        if (settings.durability().isEmpty()) {
            LOG.warn(
                    "durability none: accepted mail is kept in memory alone, and what is not delivered yet is lost when"
                            + " this process ends, however it ends");
            return Spool.memory();
        }
        return Spool.directory(settings.data().spool(), settings.durability().get());
    }

    private void report(Settings settings, TlsCounts counts, MailQueue queue, Clock clock) {
        TlsReporter reporter = new TlsReporter(
                counts,
                DomainGrammar.toAscii(settings.host()),
                settings.relayTls().reports().orElseThrow(),
                TlsReportAddresses.system(),
                queue::open,
                HttpClient.newBuilder(),
                clock,
                new Random());
        parts.push(reporter);
        reporter.start();
    }

    /** A server that an operator can't reach is better than none: the path may be too long for such a socket. */
    private void control(Path socket, Map<String, ControlSocket.Verb> verbs) throws Failure {
        try {
            parts.push(ControlSocket.listen(socket, verbs));
        } catch (IOException | UnsupportedOperationException e) {
            LOG.warn("no control socket at {}, so that 'ehlo queue' can't reach this server", socket, e);
        }
    }

    private static void stop(SmtpServer server) {
        server.drain(DRAIN);
        server.close();
    }

    /** Deliveries that end in time are recorded, so that the next start does not make them twice. */
    private static void stop(MailQueue queue) throws IOException, InterruptedException {
        try {
            queue.drain(DRAIN);
        } finally {
            queue.close();
        }
    }

    /** In memory there is no disk to look at, and the heap is the server's own matter. */
    private static Pressure disk(Settings settings) throws IOException {
        return settings.durability().isEmpty()
                ? Pressure.of("disk", () -> 0)
                : SpoolPressure.disk(settings.data().spool());
    }

    private SmtpServer server(
            Settings settings, MailHandler handler, ServerEvents events, List<Pressure> pressures, Rehearsal rehearsal)
            throws IOException, Failure {
        SmtpServerBuilder builder = SmtpServer.builder()
                .hostname(settings.host())
                .localDomains(settings.localDomains())
                .relayFrom(settings.relayFrom())
                .limits(settings.limits())
                .tls(certificates.tls())
                .authenticator(settings.tokens()
                        .map(check -> users.withTokens(new UserTokens(users, check)))
                        .orElse(users))
                .loginSecret(settings.data().loginSecret())
                .inlineHandler(rehearsal.handler().apply(handler))
                .events(events)
                .honouring(MailQueue.honoured());
        pressures.forEach(builder::pressure);
        for (Profile profile : profiles()) {
            InetSocketAddress address = settings.listeners().get(profile.name());
            if (address != null) {
                builder.listen(profile.at(address));
            }
        }
        try {
            return rehearsal.server().apply(builder).start();
        } catch (BindException e) {
            throw new Failure("cannot listen: " + e.getMessage(), e);
        }
    }

    /** The profiles that a server may listen with, in the order a person is told of them. */
    static List<Profile> profiles() {
        return List.of(Profile.mx(), Profile.submission(), Profile.submissions(), Profile.alternateSubmission());
    }

    /** One transaction per host, whatever the number of recipients there. */
    private static Function<Recipient, String> lanes(Predicate<Recipient> isLocal, boolean toSmarthost) {
        return recipient -> isLocal.test(recipient)
                ? LOCAL
                : toSmarthost ? SMARTHOST : recipient.mailbox().destination();
    }

    /** Nobody has to come to know first how much may be delivered here. */
    private static LanePolicy policy(Settings settings, String lane) {
        int most = LanePolicy.STANDARD.most();
        return lane.equals(LOCAL) ? LanePolicy.STANDARD.window(most, 1, most) : settings.destinations();
    }

    private static CertificateWatch certificates(Settings settings, Clock clock) throws IOException, Failure {
        List<Settings.Certificate> all =
                settings.certificates().isEmpty() ? List.of(ownCertificate(settings, clock)) : settings.certificates();
        TlsServerBuilder builder = TlsContext.server();
        if (settings.clientCertificates()) {
            // Whose they are Users knows, by the certificates themselves.
            builder.clientCertificates(ClientCertificates.ASKED, ClientTrust.insecure());
        }
        List<Path> files = new ArrayList<>();
        for (Settings.Certificate each : all) {
            builder.certificate(each.chain(), each.key());
            files.addAll(List.of(each.chain(), each.key()));
        }
        try {
            return new CertificateWatch(builder, files);
        } catch (IOException e) {
            throw new Failure("certificate: " + DataDirectory.reason(e), e);
        }
    }

    private static Settings.Certificate ownCertificate(Settings settings, Clock clock) throws IOException {
        Path chain = settings.data().certificate();
        Path key = settings.data().key();
        if (!Files.exists(chain) || !Files.exists(key) || isOutlived(chain, clock)) {
            TlsContext.writeSelfSigned(
                    chain, key, List.of(DomainGrammar.toAscii(settings.host()), "localhost", "127.0.0.1", "::1"));
        }
        return new Settings.Certificate(chain, key);
    }

    /** Whether it is self-signed and its time is over, so that no server could start with it. */
    private static boolean isOutlived(Path chain, Clock clock) throws IOException {
        try (InputStream in = Files.newInputStream(chain)) {
            X509Certificate own =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            return own.getIssuerX500Principal().equals(own.getSubjectX500Principal())
                    && own.getNotAfter().toInstant().isBefore(clock.instant());
        } catch (CertificateException e) {
            return false; // whoever put it there is told when it is read
        }
    }

    /**
     * Tells figures on that port of the loopback interface, from now on.
     *
     * @throws Failure if it is in use
     */
    void tellMetrics(int port) throws Failure, IOException {
        try {
            MetricsPort listening = MetricsPort.listen(port, metrics);
            parts.push(listening);
            metricsPort = listening;
        } catch (BindException e) {
            throw new Failure("cannot listen: metrics on port " + port + ": " + e.getMessage(), e);
        }
    }

    /** Where figures are told; empty if they are not. */
    Optional<InetSocketAddress> metricsAddress() {
        return Optional.ofNullable(metricsPort).map(MetricsPort::address);
    }

    Users users() {
        return users;
    }

    TlsContext tls() {
        return certificates.tls();
    }

    CertificateWatch certificates() {
        return certificates;
    }

    /** Where the profile of that name listens. */
    InetSocketAddress address(String profile) {
        return server.address(profile);
    }

    /** Where each profile listens, by its name, in the order of {@link #profiles()}. */
    Map<String, InetSocketAddress> addresses(Settings settings) {
        Map<String, InetSocketAddress> addresses = new LinkedHashMap<>();
        for (Profile profile : profiles()) {
            if (settings.listeners().containsKey(profile.name())) {
                addresses.put(profile.name(), server.address(profile.name()));
            }
        }
        return addresses;
    }

    /** Stops accepting, lets sessions and writes end, and closes the spool. Messages not delivered stay in it. */
    @Override
    public void close() throws IOException {
        parts.close();
    }
}
