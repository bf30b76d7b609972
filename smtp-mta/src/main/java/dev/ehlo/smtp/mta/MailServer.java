package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.client.MxResolver;
import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.client.SmtpClient;
import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.queue.MailQueue;
import dev.ehlo.smtp.queue.Spool;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.SmtpServer;
import dev.ehlo.smtp.server.SmtpServerBuilder;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsServerBuilder;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The composition: server → queue → Maildir or client. Started by its one factory method, whole or not at all.
 *
 * <pre>
 * mx, submission(s), alternate → MailHandler → MailQueue (spool) → Router ─┬→ LocalDelivery → Maildir
 *                                                                          └→ SmtpClient → smarthost or MX
 * </pre>
 */
final class MailServer implements AutoCloseable {
    /** How long sessions get to end by themselves when the server stops. */
    static final Duration DRAIN = Duration.ofSeconds(10);

    private static final int LOCAL_DELIVERY_THREADS = 4;

    /** What to close, the last one started first. */
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    private final TlsContext tls;
    private final Users users;
    private final SmtpServer server;
    private final CertificateWatch certificates;

    private MailServer(Settings settings, Clock clock) throws IOException, Failure {
        try {
            DataDirectory data = settings.data();
            tls = tls(settings);
            users = new Users(data.users(), settings.localDomains());
            Set<String> localDomains = settings.localDomains();
            Predicate<Recipient> isLocal = r -> r.mailbox().domain().isEmpty()
                    || localDomains.contains(r.mailbox().destination());

            ExecutorService workers = Executors.newFixedThreadPool(LOCAL_DELIVERY_THREADS, task -> {
                Thread thread = new Thread(task, "local-delivery");
                thread.setDaemon(true);
                return thread;
            });
            parts.push(workers::shutdown);
            SmtpClient client = SmtpClient.builder().localName(settings.host()).build();
            parts.push(client);
            DeliveryAgent local = new LocalDelivery(users, data.mail(), settings.host(), clock, workers);
            DeliveryAgent remote = settings.smarthost()
                    .map(host -> client.to(Smarthost.relay(host.host(), host.port())))
                    .orElseGet(() -> client.toMx(MxResolver.system()));
            MailQueue queue = MailQueue.builder()
                    .spool(Spool.directory(data.spool()))
                    .agent(new Router(isLocal, local, remote))
                    .lanes(lanes(isLocal, settings.smarthost().isPresent()))
                    .attempts(MailQueue.Builder.ATTEMPTS, attemptsPerLane(settings))
                    .retry(settings.retry())
                    .hostname(settings.host())
                    .start();
            parts.push(() -> stop(queue));
            server = server(settings, new MailHandler(users, isLocal, queue));
            parts.push(() -> stop(server));
            certificates = new CertificateWatch(
                    tls,
                    certificates(settings).stream()
                            .flatMap(c -> Stream.of(c.chain(), c.key()))
                            .toList());
            parts.push(certificates);
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
        return new MailServer(settings, clock);
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

    private SmtpServer server(Settings settings, MailHandler handler) throws IOException, Failure {
        SmtpServerBuilder builder = SmtpServer.builder()
                .hostname(settings.host())
                .localDomains(settings.localDomains())
                .relayFrom(settings.relayFrom())
                .tls(tls)
                .authenticator(users)
                .inlineHandler(handler);
        for (Profile profile : profiles()) {
            InetSocketAddress address = settings.listeners().get(profile.name());
            if (address != null) {
                builder.listen(profile.at(address));
            }
        }
        try {
            return builder.start();
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
                ? "local"
                : toSmarthost ? "smarthost" : recipient.mailbox().destination();
    }

    /** A smarthost is one destination for all mail, and may have all the attempts there are. */
    private static int attemptsPerLane(Settings settings) {
        return settings.smarthost().isPresent() ? MailQueue.Builder.ATTEMPTS : MailQueue.Builder.ATTEMPTS_PER_LANE;
    }

    private static TlsContext tls(Settings settings) throws IOException, Failure {
        TlsServerBuilder builder = TlsContext.server();
        for (Settings.Certificate files : certificates(settings)) {
            builder.certificate(files.chain(), files.key());
        }
        try {
            return builder.build();
        } catch (IOException e) {
            throw new Failure("certificate: " + DataDirectory.reason(e), e);
        }
    }

    private static List<Settings.Certificate> certificates(Settings settings) throws IOException {
        if (!settings.certificates().isEmpty()) {
            return settings.certificates();
        }
        Path chain = settings.data().certificate();
        Path key = settings.data().key();
        if (!Files.exists(chain) || !Files.exists(key)) {
            TlsContext.writeSelfSigned(
                    chain, key, List.of(DomainGrammar.toAscii(settings.host()), "localhost", "127.0.0.1", "::1"));
        }
        return List.of(new Settings.Certificate(chain, key));
    }

    Users users() {
        return users;
    }

    TlsContext tls() {
        return tls;
    }

    CertificateWatch certificates() {
        return certificates;
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
        IOException failure = null;
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) { // the others are to be closed all the same
                if (failure == null) {
                    failure = new IOException("could not be closed", e);
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
