package dev.ehlo.smtp.benchmarks.net;

import dev.ehlo.smtp.server.SmtpServer;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.DoubleSupplier;

/**
 * STARTTLS sessions, full and resumed, one after the other: CPU of this project's server (its threads alone, those for
 * handshakes included) for each, beside that of a Postfix if there is one (all of its processes), and beside {@code openssl
 * s_server}, which has nothing to do but the handshake and a line. All with the same key and the same client, in turns.
 * {@code StartTlsFigure CHAIN KEY [RUNS [POSTFIX_PORT POSTFIX_PID]]} prints rows of a Markdown table; needs openssl and
 * Linux.
 */
public final class StartTlsFigure {
    private static final int SESSIONS = 200;
    private static final long PATIENCE_SECONDS = 60;

    /** Who is measured: where it listens, what it has used so far, and who talks to it. */
    private record Server(
            InetSocketAddress address,
            DoubleSupplier cpuMillis,
            BiFunction<TlsContext, CompletableFuture<Boolean>, ConnectionHandler> client,
            boolean implicit) {}

    private final Reactor clients;

    private StartTlsFigure(Reactor clients) {
        this.clients = clients;
    }

    /** Prints the rows. */
    public static void main(String[] arguments) throws Exception {
        Path chain = Path.of(arguments[0]);
        Path key = Path.of(arguments[1]);
        int runs = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 5;
        boolean hasPostfix = arguments.length > 4;
        try (SmtpServer ours = Discarding.start(TlsContext.pem(chain, key));
                OpensslServer openssl = new OpensslServer(chain, key);
                Reactor clients = Reactor.start("figure-client", 1)) {
            Server[] servers = new Server[hasPostfix ? 3 : 2];
            servers[0] = new Server(
                    ours.address(Discarding.PROFILE),
                    () -> Measured.cpuNanos(name -> name.startsWith(Discarding.THREADS)) / 1e6,
                    StartTlsClient::new,
                    false);
            servers[1] = new Server(
                    openssl.address(), () -> Measured.cpuMillis(openssl.process()), HandshakeClient::new, true);
            if (hasPostfix) {
                int port = Integer.parseInt(arguments[3]);
                ProcessHandle master =
                        ProcessHandle.of(Long.parseLong(arguments[4])).orElseThrow();
                servers[2] = new Server(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                        () -> Measured.cpuMillis(master),
                        StartTlsClient::new,
                        false);
            }
            StartTlsFigure figure = new StartTlsFigure(clients);
            figure.measure("full", runs, servers, false);
            figure.measure("resumed", runs, servers, true);
        }
    }

    private void measure(String kind, int runs, Server[] servers, boolean resumed) throws Exception {
        double[][] millis = new double[servers.length][runs];
        for (int run = -2; run < runs; run++) { // two to warm up
            for (int i = 0; i < servers.length; i++) {
                TlsContext[] contexts = contexts();
                if (resumed) {
                    sessions(servers[i], contexts, false);
                }
                double before = servers[i].cpuMillis().getAsDouble();
                sessions(servers[i], contexts, resumed);
                if (run >= 0) {
                    millis[i][run] = (servers[i].cpuMillis().getAsDouble() - before) / SESSIONS;
                }
            }
        }
        System.out.printf(
                Locale.ROOT,
                "| STARTTLS session, %s | %s | %s | %s | %s | %s |%n",
                kind,
                Measured.shown(millis[0], "ms"),
                servers.length > 2 ? Measured.shown(millis[2], "ms") : "–",
                Measured.shown(millis[1], "ms"),
                servers.length > 2 ? Measured.shown(Measured.ratios(millis[0], millis[2]), "") : "–",
                Measured.shown(Measured.ratios(millis[0], millis[1]), ""));
    }

    /** Each knows one session at most: Postfix gives a session that is resumed no further ticket. */
    private static TlsContext[] contexts() {
        TlsContext[] contexts = new TlsContext[SESSIONS];
        Arrays.setAll(contexts, i -> TlsContext.client(ClientTrust.insecure(), "localhost"));
        return contexts;
    }

    private void sessions(Server server, TlsContext[] contexts, boolean resumed) throws Exception {
        for (TlsContext context : contexts) {
            if (session(server, context) != resumed) {
                throw new IllegalStateException("a session at " + server.address() + " should be resumed: " + resumed);
            }
        }
    }

    /** Whether it was resumed. */
    private boolean session(Server server, TlsContext context) throws Exception {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        clients.connect(
                server.address(),
                TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS),
                server.implicit() ? context : null,
                server.client().apply(context, done));
        return done.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
