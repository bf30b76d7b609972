package dev.ehlo.smtp.server;

import dev.ehlo.smtp.server.driver.LiveConnections;
import dev.ehlo.smtp.server.driver.StrainWatch;
import dev.ehlo.smtp.server.driver.Workers;
import dev.ehlo.smtp.tls.LoopHealth;
import dev.ehlo.smtp.tls.reactor.Listener;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server. Thread-safe.
 *
 * <pre>{@code
 * SmtpServer server = SmtpServer.builder()
 *         .hostname("mx.example.org").tls(TlsContext.pem(chain, key)).authenticator(users).handler(handler)
 *         .listen(Profile.mx()).listen(Profile.submission()).listen(Profile.submissions())
 *         .start();
 * }</pre>
 */
public final class SmtpServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SmtpServer.class);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

    private final Reactor reactor;
    private final Workers workers;
    private final LiveConnections live;
    private final StrainWatch strain;
    private final Map<String, Listener> listeners;
    private final AtomicBoolean closed = new AtomicBoolean();

    private SmtpServer(
            Reactor reactor,
            Workers workers,
            LiveConnections live,
            StrainWatch strain,
            Map<String, Listener> listeners) {
        this.reactor = reactor;
        this.workers = workers;
        this.live = live;
        this.strain = strain;
        this.listeners = listeners;
    }

    static SmtpServer of(
            Reactor reactor,
            Workers workers,
            LiveConnections live,
            StrainWatch strain,
            Map<String, Listener> listeners) {
        listeners.forEach((profile, listener) -> LOG.info("{} listens on {}", profile, listener.address()));
        return new SmtpServer(reactor, workers, live, strain, Map.copyOf(listeners));
    }

    /** A server to be described. */
    public static SmtpServerBuilder builder() {
        return new SmtpServerBuilder();
    }

    /**
     * Where the profile of that name listens, with the port that the system chose if 0 was asked for.
     *
     * @throws IllegalArgumentException if there is no such profile
     */
    public InetSocketAddress address(String profile) {
        Listener listener = listeners.get(profile);
        if (listener == null) {
            throw new IllegalArgumentException("no profile " + profile + " among " + listeners.keySet());
        }
        return listener.address();
    }

    /** How many connections there are, those in a TLS handshake included. */
    public int connections() {
        return live.count();
    }

    /** What the server is short of, if anything, as it was when it last looked, at most a moment ago. */
    public Strain strain() {
        return strain.strain();
    }

    /** Looks now what it is short of; for tests. */
    Strain lookAtStrain() {
        strain.look();
        return strain.strain();
    }

    /** How each of the event loops is doing. */
    public List<LoopHealth> health() {
        return reactor.health();
    }

    /**
     * Accepts no more, and lets each session end its command or content; it is told 421 then (RFC 5321 §3.8). What is
     * in a TLS handshake is closed. Returns when none is left; what is left after that time is aborted. To be followed by
     * {@link #close()}.
     */
    public void drain(Duration patience) {
        listeners.values().forEach(Listener::close);
        CompletableFuture<?>[] drained = listeners.values().stream()
                .map(listener -> listener.drained().toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        live.drain(CompletableFuture.allOf(drained), patience);
    }

    /** Drains for two seconds at most, and gives everything back. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            drain(CLOSE_PATIENCE);
            strain.close();
            // Before the loops, so that what workers still answer is taken in.
            workers.close();
            reactor.close();
        }
    }
}
