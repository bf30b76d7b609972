package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsSession;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import dev.ehlo.smtp.tls.reactor.Escaped;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives one session over one connection, and tells its outcome, once. STARTTLS hands the connection to another
 * handler with another session. Used by the connection's loop; never waits.
 */
final class SessionHandler implements ConnectionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(SessionHandler.class);

    private final SessionPlan plan;
    private final TlsMode secured;
    private final TlsContext context;
    private final CompletableFuture<?> report;
    private final Consumer<SessionOutcome> ended;
    private @Nullable ClientSession session;
    private boolean told;

    /**
     * A handler for a connection that is yet to be.
     *
     * @param secured as for {@link ClientSession}
     * @param report when that is cancelled, the session is given up
     * @param ended is told the outcome, on the loop's thread
     */
    SessionHandler(
            SessionPlan plan,
            TlsMode secured,
            TlsContext context,
            CompletableFuture<?> report,
            Consumer<SessionOutcome> ended) {
        this.plan = plan;
        this.secured = secured;
        this.context = context;
        this.report = report;
        this.ended = ended;
    }

    @Override
    public void opened(Connection connection) {
        ClientSession opened =
                new ClientSession(plan.from(connection.localAddress().getAddress()), secured, now(connection));
        session = opened;
        connection.tls().ifPresent(tls -> reached(connection, tls));
        Then.then(report, report, (done, error) -> {
            if (report.isCancelled()) {
                connection.loop().execute(connection::abort);
            }
        });
        advance(connection, opened);
    }

    private void reached(Connection connection, TlsSession tls) {
        String what = tls.toString();
        LOG.debug("{} {}: {}", plan.host(), connection.remoteAddress(), what);
        DialogueListener listener = plan.dialogue();
        if (listener != null) {
            listener.secured(what);
        }
    }

    @Override
    public void received(Connection connection, ByteBuffer in) {
        ClientSession current = running();
        current.receive(in, now(connection));
        if (current.isTurning()) {
            connection.startTls(context, new SessionHandler(plan, TlsMode.STARTTLS, context, report, ended));
        } else {
            advance(connection, current);
        }
    }

    @Override
    public void writable(Connection connection) {
        advance(connection, running());
    }

    @Override
    public void inputEnded(Connection connection) {
        ClientSession current = running();
        current.connectionLost();
        advance(connection, current);
    }

    @Override
    public void deadlineReached(Connection connection) {
        ClientSession current = running();
        current.deadlineReached();
        advance(connection, current);
    }

    /** Sends what there is to send; what the outcome is told after has gone out by then. */
    private void advance(Connection connection, ClientSession current) {
        for (int room = current.room();
                room > 0 && connection.unsent() <= Connection.UNSENT_BOUND;
                room = current.room()) {
            current.send(connection.output(room), now(connection));
        }
        connection.flush();
        current.contentFailure().ifPresent(e -> LOG.warn("content for {} can't be read", plan.host(), e));
        current.outcome().ifPresent(this::tell);
        if (!current.isOver()) {
            connection.deadline(current.deadline() - now(connection));
        } else if (connection.unsent() == 0) {
            connection.close();
        } else {
            connection.abort();
        }
    }

    @Override
    public void closed(Connection connection, CloseCause cause) {
        cause.cause()
                .ifPresent(e -> LOG.debug(
                        "{} {}: {}", plan.host(), connection.remoteAddress(), cause.kind(), Escaped.error(e)));
        ClientSession current = session;
        if (current == null) {
            tell(neverOpened(connection, cause));
            return;
        }
        if (!current.isOver()) {
            if (cause.kind() == CloseCause.Kind.LOCAL) {
                current.givenUp();
            } else {
                current.connectionLost();
            }
        }
        current.outcome().ifPresent(this::tell);
    }

    private SessionOutcome neverOpened(Connection connection, CloseCause cause) {
        String host = plan.host();
        return switch (cause.kind()) {
            case LOCAL ->
                new SessionOutcome.NotServed(
                        DeliveryStatus.DEFERRED, Reply.quoting(451, "4.4.2", "given up while connecting to " + host));
            case NOT_CONNECTED ->
                new SessionOutcome.NotServed(
                        DeliveryStatus.DEFERRED,
                        Reply.quoting(
                                451, "4.4.1", host + " can't be reached at " + shown(connection.remoteAddress())));
            case HANDSHAKE_FAILED, TRUNCATED, LOST, UNREADABLE -> noTls(cause);
        };
    }

    private SessionOutcome noTls(CloseCause cause) {
        String host = plan.host();
        String reason = cause.verdict()
                .map(verdict -> "TLS to " + host + ": " + verdict.reason())
                .orElseGet(() -> "no TLS with " + host + ": the handshake failed");
        // RFC 8689 §4.2.1: for a message that requires it, a certificate that is none does not pass with time.
        return cause.verdict().isPresent() && OfferedParameters.requiresTls(plan.envelope())
                ? new SessionOutcome.Unsuited(Reply.quoting(550, "5.7.10", reason))
                : new SessionOutcome.NoTls(Reply.quoting(451, "4.7.5", reason));
    }

    private static String shown(InetSocketAddress address) {
        return "[" + address.getAddress().getHostAddress() + "]:" + address.getPort();
    }

    private void tell(SessionOutcome outcome) {
        if (!told) {
            told = true;
            ended.accept(outcome);
        }
    }

    private ClientSession running() {
        ClientSession current = session;
        if (current == null) {
            throw new IllegalStateException("not opened");
        }
        return current;
    }

    private static long now(Connection connection) {
        return connection.loop().nanoTime();
    }
}
