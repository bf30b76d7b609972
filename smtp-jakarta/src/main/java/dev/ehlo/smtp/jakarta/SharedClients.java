package dev.ehlo.smtp.jakarta;

import dev.ehlo.smtp.client.ConnectionLimits;
import dev.ehlo.smtp.client.ConnectionReuse;
import dev.ehlo.smtp.client.SmtpAgent;
import dev.ehlo.smtp.client.SmtpClient;
import jakarta.mail.MessagingException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clients of all transports, and with them the connections, which outlive a transport: a program that opens and
 * closes one for each message sends by connections that are kept. Nobody has to close anything. A client that was not used
 * for a while is closed by this, which leaves no thread behind; until then its threads do not keep the JVM. Thread-safe.
 */
final class SharedClients {
    /** How long a client is kept that nobody uses. */
    private static final Duration UNUSED = Duration.ofSeconds(30);

    /** Servers and logins of one client that are remembered; one that is forgotten only costs its sessions anew. */
    private static final int MAX_SERVERS = 1000;

    /** How long a server is taken not to offer a login. */
    private static final long NO_LOGIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** A program's own threads are the bound; each has a connection at most. */
    private static final int MAX_CONNECTIONS = 500;

    /** Transports come and go, and each asks for a connection: most find one, for so long. */
    private static final ConnectionReuse REUSE =
            new ConnectionReuse(Duration.ofSeconds(10), 1000, Duration.ofMinutes(5));

    private static final Logger LOG = LoggerFactory.getLogger(SharedClients.class);

    private static final SharedClients ALL = new SharedClients(UNUSED);

    private final Map<ServerOptions.Local, Shared> clients = new HashMap<>();
    private final long unusedNanos;
    private final ScheduledThreadPoolExecutor sweeper;
    private boolean isSweepDue;

    SharedClients(Duration unused) {
        this.unusedNanos = unused.toNanos();
        this.sweeper = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "smtp-jakarta-sweeper");
            thread.setDaemon(true);
            return thread;
        });
        sweeper.setKeepAliveTime(1, TimeUnit.SECONDS);
        sweeper.allowCoreThreadTimeOut(true);
    }

    /** Those of this JVM. */
    static SharedClients all() {
        return ALL;
    }

    /** What is done with a server. */
    @FunctionalInterface
    interface Use<T> {
        /** Is not called with a client that is closed meanwhile. */
        T by(SmtpAgent agent) throws MessagingException, InterruptedException;
    }

    /** One client, and who has it. */
    private static final class Shared {
        final SmtpClient client;
        /** By server and login; who was used last is the last. */
        final Map<ServerOptions, Server> servers = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<ServerOptions, Server> eldest) {
                return size() > MAX_SERVERS;
            }
        };

        int users;
        long unusedSince = System.nanoTime();

        Shared(SmtpClient client) {
            this.client = client;
        }
    }

    /** What is known of one server. */
    private static final class Server {
        final SmtpAgent agent;
        /** Until when it is taken not to offer a login; null if it may. */
        @Nullable
        Long noLoginUntil;

        boolean isClearTold;
        boolean isUnderTls;

        Server(SmtpAgent agent) {
            this.agent = agent;
        }
    }

    /** Uses a server's agent, on this thread. */
    <T> T use(ServerOptions options, Use<T> use) throws MessagingException, InterruptedException {
        Shared shared;
        Server known;
        synchronized (this) {
            shared = clients.computeIfAbsent(options.local(), local -> new Shared(client(local)));
            shared.users++;
            known = shared.servers.get(options);
        }
        try {
            return use.by(known == null ? server(shared, options).agent : known.agent);
        } finally {
            synchronized (this) {
                shared.users--;
                shared.unusedSince = System.nanoTime();
                sweepLater();
            }
        }
    }

    /** Made while nobody is kept from what is known, as files may have to be read. */
    private Server server(Shared shared, ServerOptions options) throws MessagingException {
        Server made = new Server(shared.client.to(options.smarthost()));
        synchronized (this) {
            Server other = shared.servers.putIfAbsent(options, made);
            return other == null ? made : other;
        }
    }

    private static SmtpClient client(ServerOptions.Local local) {
        ConnectionLimits limits = new ConnectionLimits(
                MAX_CONNECTIONS, 2 * MAX_CONNECTIONS, local.timeouts().command(), Integer.MAX_VALUE);
        SmtpClient.Builder builder = SmtpClient.builder()
                .timeouts(local.timeouts())
                .reuse(REUSE)
                .connections(limits)
                .daemon();
        if (!local.name().isEmpty()) {
            builder.localName(local.name());
        }
        if (local.debug() != null) {
            builder.dialogue(new DebugDialogue(local.debug()));
        }
        return builder.build();
    }

    /** The server was asked for a login, and does not offer any. */
    synchronized void offersNoLogin(ServerOptions options) {
        Server server = known(options);
        if (server != null) {
            server.noLoginUntil = System.nanoTime() + NO_LOGIN_NANOS;
        }
    }

    /** Whether that was lately. */
    synchronized boolean isWithoutLogin(ServerOptions options) {
        Server server = known(options);
        return server != null && server.noLoginUntil != null && server.noLoginUntil - System.nanoTime() > 0;
    }

    /** Whether connections with the server, which may do without TLS, were under TLS. */
    synchronized boolean isUnderTls(ServerOptions options) {
        Server server = known(options);
        return server != null && server.isUnderTls;
    }

    /** What a connection showed of that. */
    synchronized void isUnderTls(ServerOptions options, boolean is) {
        Server server = known(options);
        if (server != null) {
            server.isUnderTls = is;
        }
    }

    /** Says once of a server that its login went in clear. */
    synchronized void tellOfClear(ServerOptions options) {
        Server server = known(options);
        if (server != null && !server.isClearTold) {
            server.isClearTold = true;
            LOG.warn(
                    "passwords go to {} port {} in clear: see mail.smtp.starttls.required",
                    options.host(),
                    options.port());
        }
    }

    private @Nullable Server known(ServerOptions options) {
        Shared shared = clients.get(options.local());
        return shared == null ? null : shared.servers.get(options);
    }

    synchronized int count() {
        return clients.size();
    }

    private void sweepLater() {
        if (!isSweepDue) {
            isSweepDue = true;
            ScheduledFuture<?> unused = sweeper.schedule(this::sweep, unusedNanos, TimeUnit.NANOSECONDS);
        }
    }

    private void sweep() {
        Map<ServerOptions.Local, Shared> unused = new HashMap<>();
        synchronized (this) {
            isSweepDue = false;
            long now = System.nanoTime();
            Iterator<Map.Entry<ServerOptions.Local, Shared>> each =
                    clients.entrySet().iterator();
            while (each.hasNext()) {
                Map.Entry<ServerOptions.Local, Shared> entry = each.next();
                if (entry.getValue().users == 0 && now - entry.getValue().unusedSince >= unusedNanos) {
                    unused.put(entry.getKey(), entry.getValue());
                    each.remove();
                }
            }
            if (!clients.isEmpty()) {
                sweepLater();
            }
        }
        unused.values().forEach(shared -> shared.client.close());
    }
}
