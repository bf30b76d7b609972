package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.client.sasl.SaslStep;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsSession;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import dev.ehlo.smtp.tls.reactor.Escaped;
import dev.ehlo.smtp.tls.reactor.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives one session over one connection, and tells the outcome of each transaction, once. STARTTLS hands the connection
 * to another handler with another session. Between transactions it is in the hands of {@link Pool}. Used by the
 * connection's loop; never waits, but for the files of content.
 */
final class SessionHandler implements ConnectionHandler, PooledSession {
    private static final Logger LOG = LoggerFactory.getLogger(SessionHandler.class);

    private final Loop loop;
    private final Place place;
    private final Hop hop;
    private final TlsMode secured;
    private Delivery delivery;
    private @Nullable Connection connection;
    private @Nullable ClientSession session;
    private @Nullable ContentOut content;
    private int deliveries;
    private boolean told;

    /**
     * What the sessions of one loop share.
     *
     * @param blocking runs what may block
     */
    record Loop(EventLoop events, Pool pool, ContentBlocks blocks, Executor blocking) {}

    /**
     * One transaction, and who waits for it.
     *
     * @param report when that is cancelled, the session is given up; whoever wants its outcome then looks at another
     * @param ended is told the outcome, on the loop's thread
     */
    record Delivery(SessionPlan plan, CompletableFuture<?> report, Consumer<SessionOutcome> ended) {}

    /**
     * A handler for a connection that is yet to be.
     *
     * @param secured as for {@link ClientSession}
     */
    SessionHandler(Loop loop, Place place, Hop hop, TlsMode secured, Delivery delivery) {
        this.loop = loop;
        this.place = place;
        this.hop = hop;
        this.secured = secured;
        this.delivery = delivery;
        giveUpWithReport();
    }

    @Override
    public Place place() {
        return place;
    }

    @Override
    public boolean takesAnother() {
        return isIdle();
    }

    @Override
    public boolean isIdle() {
        ClientSession current = session;
        return current != null && current.isIdle();
    }

    @Override
    public void opened(Connection opened) {
        connection = opened;
        if (told) {
            opened.abort();
            return;
        }
        ClientSession begun = new ClientSession(planFrom(opened), secured, opened::channelBinding, now(opened));
        session = begun;
        opened.tls().ifPresent(tls -> reached(opened, tls));
        advance(opened, begun);
    }

    /** Another transaction, of an idle session. */
    @Override
    public void begin(Delivery next) {
        delivery = next;
        told = false;
        Connection open = open();
        ClientSession current = running();
        current.begin(planFrom(open), now(open));
        giveUpWithReport();
        advance(open, current);
    }

    @Override
    public void quit() {
        Connection open = open();
        ClientSession current = running();
        current.quit(now(open));
        advance(open, current);
    }

    private SessionPlan planFrom(Connection open) {
        return delivery.plan().from(open.localAddress().getAddress());
    }

    private void giveUpWithReport() {
        CompletableFuture<?> report = delivery.report();
        int number = ++deliveries;
        Then.then(report, report, (done, error) -> {
            if (report.isCancelled()) {
                loop.events().execute(() -> giveUp(number));
            }
        });
    }

    /** Unless the session has gone on to the next one. Of a connection that is yet to be, it is told at once. */
    private void giveUp(int number) {
        if (number != deliveries || told) {
            return;
        }
        if (connection != null) {
            connection.abort();
        } else {
            told = true;
            delivery.ended().accept(givenUpConnecting());
        }
    }

    private void reached(Connection open, TlsSession tls) {
        String what = tls.toString();
        LOG.debug("{} {}: {}", hop.host(), open.remoteAddress(), what);
        DialogueListener listener = delivery.plan().dialogue();
        if (listener != null) {
            listener.secured(what);
        }
    }

    @Override
    public void received(Connection open, ByteBuffer in) {
        ClientSession current = running();
        current.receive(in, now(open));
        if (current.isTurning()) {
            turn(open);
        } else {
            advance(open, current);
        }
    }

    /** From now on it is for the other handler to give up: this one would not hear that the session has gone on. */
    private void turn(Connection open) {
        SessionHandler underTls = new SessionHandler(loop, place, hop, TlsMode.STARTTLS, delivery);
        underTls.connection = open;
        deliveries++;
        open.startTls(hop.context(), underTls);
    }

    @Override
    public void writable(Connection open) {
        ClientSession current = running();
        if (content != null) {
            current.contentProgressed(now(open));
        }
        advance(open, current);
    }

    @Override
    public void inputEnded(Connection open) {
        ClientSession current = running();
        current.connectionLost();
        advance(open, current);
    }

    @Override
    public void deadlineReached(Connection open) {
        ClientSession current = running();
        current.deadlineReached(now(open));
        advance(open, current);
    }

    /** Sends what there is to send; what the outcome is told after has gone out by then. */
    private void advance(Connection open, ClientSession current) {
        for (int room = current.room(); room > 0 && open.unsent() <= Connection.UNSENT_BOUND; room = current.room()) {
            current.send(open.output(room), now(open));
        }
        if (current.isContentDue()) {
            sendContent(open, current);
        }
        open.flush();
        SaslStep.Ask question = current.takeQuestion();
        if (question != null) {
            ask(open, current, question);
        }
        if (told && !current.isIdle()) {
            loop.pool().remove(this);
        }
        if (!current.isOver()) {
            open.deadline(current.deadline() - now(open));
        } else if (open.unsent() == 0) {
            open.close();
        } else {
            open.abort();
        }
        if (!told) {
            tell(current);
        }
    }

    /** Off the loop, and goes on by what is answered, if there is a session by then that waits for it. */
    private void ask(Connection open, ClientSession current, SaslStep.Ask question) {
        Then.then(question.by(loop.blocking()), delivery.report(), (octets, error) -> {
            if (error != null) {
                LOG.debug("AUTH at {}", hop.host(), Escaped.error(error));
            }
            try {
                open.loop().execute(() -> {
                    if (!open.isClosing() && !current.isOver()) {
                        current.answered(question, octets, now(open));
                        advance(open, current);
                    }
                });
            } catch (RejectedExecutionException e) {
                LOG.debug("the client was closed during AUTH at {}", hop.host());
            }
        });
    }

    private void sendContent(Connection open, ClientSession current) {
        try {
            ContentOut out = content;
            if (out == null) {
                out = ContentOut.open(delivery.plan().content().source(), current.isContentBinary(), loop.blocks());
                content = out;
            }
            if (out.sendTo(open)) {
                closeContent();
                current.contentSent(now(open));
            }
        } catch (IOException e) {
            current.contentFailed(e);
        }
    }

    private void closeContent() {
        if (content != null) {
            content.close();
            content = null;
        }
    }

    /** Gives the session to the next before anybody hears that it is free. */
    private void tell(ClientSession current) {
        SessionOutcome outcome = current.outcome().orElse(null);
        if (outcome == null) {
            return;
        }
        told = true;
        current.contentFailure().ifPresent(e -> LOG.warn("content for {} can't be read", hop.host(), e));
        Consumer<SessionOutcome> ended = delivery.ended();
        if (current.isIdle()) {
            loop.pool().ready(this);
        } else {
            loop.pool().remove(this);
        }
        ended.accept(outcome);
    }

    @Override
    public void closed(Connection gone, CloseCause cause) {
        cause.cause()
                .ifPresent(
                        e -> LOG.debug("{} {}: {}", hop.host(), gone.remoteAddress(), cause.kind(), Escaped.error(e)));
        closeContent();
        try {
            tellEnd(gone, cause);
        } finally {
            // After that, so that what has to be done again is in front of all who wait for the place.
            loop.pool().closed(this);
        }
    }

    private void tellEnd(Connection gone, CloseCause cause) {
        ClientSession current = session;
        if (current != null && !current.isOver()) {
            end(current, cause);
        }
        if (told) {
            return;
        }
        if (current != null) {
            tell(current);
        } else {
            told = true;
            delivery.ended().accept(neverOpened(gone, cause));
        }
    }

    private static void end(ClientSession current, CloseCause cause) {
        if (cause.kind() == CloseCause.Kind.LOCAL) {
            current.givenUp();
        } else if (cause.kind() == CloseCause.Kind.UNREADABLE) {
            current.contentFailed(
                    new IOException("its file can't be read", cause.cause().orElse(null)));
        } else {
            current.connectionLost();
        }
    }

    private SessionOutcome neverOpened(Connection connection, CloseCause cause) {
        String host = hop.host();
        return switch (cause.kind()) {
            case LOCAL -> givenUpConnecting();
            case NOT_CONNECTED ->
                new SessionOutcome.NotServed(
                        DeliveryStatus.NOT_SENT,
                        Reply.quoting(451, "4.4.1", host + " can't be reached at " + shown(connection.remoteAddress())),
                        remote(connection),
                        DeliveryPhase.CONNECT);
            case HANDSHAKE_FAILED, TRUNCATED, LOST, UNREADABLE -> noTls(connection, cause);
        };
    }

    private SessionOutcome givenUpConnecting() {
        return new SessionOutcome.NotServed(
                DeliveryStatus.NOT_SENT,
                Reply.quoting(451, "4.4.2", "given up while connecting to " + hop.host()),
                RemoteHost.named(hop.host()),
                DeliveryPhase.CONNECT);
    }

    private SessionOutcome noTls(Connection connection, CloseCause cause) {
        String host = hop.host();
        String reason = cause.verdict()
                .map(verdict -> "TLS to " + host + ": " + verdict.reason())
                .orElseGet(() -> "no TLS with " + host + ": the handshake failed");
        // RFC 8689 §4.2.1: for a message that requires it, a certificate that is none does not pass with time.
        return cause.verdict().isPresent()
                        && OfferedParameters.requiresTls(delivery.plan().envelope())
                ? new SessionOutcome.Unsuited(
                        Reply.quoting(550, "5.7.10", reason), remote(connection), DeliveryPhase.TLS)
                : new SessionOutcome.NoTls(Reply.quoting(451, "4.7.5", reason), remote(connection));
    }

    private RemoteHost remote(Connection gone) {
        return new RemoteHost(hop.host(), gone.remoteAddress(), null, Set.of());
    }

    private static String shown(InetSocketAddress address) {
        return "[" + address.getAddress().getHostAddress() + "]:" + address.getPort();
    }

    private Connection open() {
        Connection open = connection;
        if (open == null) {
            throw new IllegalStateException("not opened");
        }
        return open;
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
