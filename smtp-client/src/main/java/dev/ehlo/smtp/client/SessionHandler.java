package dev.ehlo.smtp.client;

import dev.ehlo.smtp.client.sasl.SaslStep;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsSession;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import dev.ehlo.smtp.tls.reactor.Escaped;
import dev.ehlo.smtp.tls.reactor.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives one session over one connection, and tells the outcome of each transaction, once and in their order. STARTTLS
 * hands the connection to another handler with another session. {@link Pool} is told when it takes another delivery. Used
 * by the connection's loop; never waits, but for the files of content.
 */
final class SessionHandler implements ConnectionHandler, PooledSession {
    private static final Logger LOG = LoggerFactory.getLogger(SessionHandler.class);

    private final Loop loop;
    private final Place place;
    private final Hop hop;
    private final TlsMode secured;
    /** Those without an outcome; the last is the one that is sent. */
    private final ArrayDeque<Delivery> deliveries = new ArrayDeque<>();

    /** Of those, for which nobody waits any more. */
    private final List<Delivery> given = new ArrayList<>(0);

    private @Nullable Connection connection;
    private @Nullable ClientSession session;
    private @Nullable ContentOut content;
    /** Whether the pool has been told that another delivery can begin, and that the session is idle. */
    private boolean ready;

    private boolean readyIdle;
    /** Whether the pool has been told that none begins here any more. */
    private boolean removed;
    /** Whether {@link #advance} goes on by itself with what is begun meanwhile. */
    private boolean advancing;

    /**
     * What the sessions of one loop share.
     *
     * @param blocking runs what may block
     */
    record Loop(EventLoop events, Pool pool, ContentBlocks blocks, Executor blocking) {}

    /**
     * One transaction, and who waits for it.
     *
     * @param report when that is cancelled, the transaction is given up; whoever wants its outcome then looks at another
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
        deliveries.add(delivery);
        giveUpWithReport(delivery);
    }

    @Override
    public Place place() {
        return place;
    }

    @Override
    public boolean takesAnother() {
        return session != null && session.takesAnother(now(open()));
    }

    @Override
    public boolean isIdle() {
        return session != null && session.isIdle();
    }

    @Override
    public void opened(Connection opened) {
        connection = opened;
        if (deliveries.isEmpty()) {
            opened.abort();
            return;
        }
        SessionPlan plan =
                deliveries.getLast().plan().from(opened.localAddress().getAddress());
        TlsSession tls = opened.tls().orElse(null);
        if (tls != null) {
            reached(opened, tls, plan);
        }
        ClientSession begun = new ClientSession(
                plan, hop.reached(opened), secured, opened::channelBinding, loop.blocks(), now(opened));
        session = begun;
        advance(opened, begun);
    }

    @Override
    public void begin(Delivery next) {
        Connection open = open();
        ClientSession current = running();
        current.begin(next.plan(), now(open));
        deliveries.addLast(next);
        ready = false;
        readyIdle = false;
        giveUpWithReport(next);
        advance(open, current);
    }

    @Override
    public void quit() {
        Connection open = open();
        ClientSession current = running();
        current.quit(now(open));
        advance(open, current);
    }

    private void giveUpWithReport(Delivery delivery) {
        CompletableFuture<?> report = delivery.report();
        Then.then(report, report, (done, error) -> {
            if (report.isCancelled()) {
                loop.events().execute(() -> giveUp(delivery));
            }
        });
    }

    /**
     * Breaks off what is not out as a whole, and tells at once how far it was. With others on the same connection, which
     * are not to be harmed, that goes on until they are done.
     */
    private void giveUp(Delivery delivery) {
        int at = List.copyOf(deliveries).indexOf(delivery);
        if (at < 0 || given.contains(delivery)) {
            return;
        }
        Connection open = connection;
        if (open == null) {
            deliveries.removeLast();
            delivery.ended().accept(NeverOpened.givenUp(hop));
        } else if (deliveries.size() == 1) {
            remove();
            open.abort();
        } else {
            ClientSession current = running();
            if (at == deliveries.size() - 1 && isHandedOver()) {
                current.contentMayBeWhole(); // as the connection goes on with it
            }
            SessionOutcome soFar = current.giveUp(at, now(open));
            given.add(delivery);
            delivery.ended().accept(soFar);
            advance(open, current);
        }
    }

    private void reached(Connection open, TlsSession tls, SessionPlan plan) {
        String what = tls.toString();
        LOG.debug("{} {}: {}", hop.host(), open.remoteAddress(), what);
        if (hop.watch() != null) {
            hop.watch().secured(open, tls);
        }
        DialogueListener listener = plan.dialogue();
        if (listener != null) {
            listener.secured(what);
        }
    }

    @Override
    public void received(Connection open, ByteBuffer in) {
        ClientSession current = running();
        if (isHandedOver() && current.isContentDue()) {
            sendContent(open, current); // what comes may be the reply to it
        }
        current.receive(in, now(open));
        if (current.isTurning()) {
            turn(open);
        } else {
            advance(open, current);
        }
    }

    /** From now on it is for the other handler to give up: this one would not hear that the session has gone on. */
    private void turn(Connection open) {
        SessionHandler underTls = new SessionHandler(loop, place, hop, TlsMode.STARTTLS, deliveries.removeFirst());
        underTls.connection = open;
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

    /** Puts what there is to put, also of what is begun by whoever hears of that, and sends it all at once. */
    private void advance(Connection open, ClientSession current) {
        if (advancing) {
            return;
        }
        advancing = true;
        try {
            do {
                put(open, current);
            } while (offer(open, current) || tell(current));
        } finally {
            advancing = false;
        }
        if (current.isOver() && content != null) {
            open.abort(); // and nothing of it goes out behind the outcome that was told
            return;
        }
        open.flush();
        if (isHandedOver()
                && !open.isClosing()
                && (open.unsent() == 0 || open.tls().isPresent())) {
            current.contentMayBeWhole(); // under TLS records go out also while others are read
        }
        SaslStep.Ask question = current.takeQuestion();
        if (question != null) {
            ask(open, current, question);
        }
        if (!current.isOver()) {
            open.deadline(current.deadline() - now(open));
        } else if (open.unsent() == 0) {
            open.close();
        } else {
            open.abort();
        }
    }

    private void put(Connection open, ClientSession current) {
        for (int room = current.room(); room > 0 && open.unsent() <= Connection.UNSENT_BOUND; room = current.room()) {
            current.send(open.output(room), now(open));
        }
        if (current.isContentDue()) {
            sendContent(open, current);
        }
    }

    /** Off the loop, and goes on by what is answered, if there is a session by then that waits for it. */
    private void ask(Connection open, ClientSession current, SaslStep.Ask question) {
        Then.then(question.by(loop.blocking()), deliveries.getFirst().report(), (octets, error) -> {
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
                Content next = deliveries.getLast().plan().content();
                out = ContentOut.open(next, current.isContentChunk(), loop.blocks());
                content = out;
            }
            if (out.sendTo(open)) {
                closeContent();
                current.contentSent(now(open));
            }
        } catch (IOException e) {
            closeContent();
            current.contentFailed(e, now(open));
        } catch (RuntimeException e) {
            closeContent();
            current.contentFailed(Content.failed(e), now(open));
        }
    }

    private boolean isHandedOver() {
        return content != null && content.isHandedOver();
    }

    private void closeContent() {
        if (content != null) {
            content.close();
            content = null;
        }
    }

    /**
     * Tells the pool whether it takes another delivery, before anybody hears that one has ended.
     *
     * @return whether the pool has begun one
     */
    private boolean offer(Connection open, ClientSession current) {
        boolean takes = current.takesAnother(now(open));
        boolean idle = takes && current.isIdle();
        if (!takes && current.isLast(now(open))) {
            remove();
        }
        if (!takes || ready && idle == readyIdle) {
            return false;
        }
        ready = true;
        readyIdle = idle;
        int before = deliveries.size();
        loop.pool().ready(this);
        return deliveries.size() > before || current.room() > 0;
    }

    private void remove() {
        if (!removed) {
            removed = true;
            loop.pool().remove(this);
        }
    }

    /** Tells one outcome, if there is one. */
    private boolean tell(ClientSession current) {
        SessionOutcome outcome = current.pollOutcome();
        if (outcome == null) {
            return false;
        }
        IOException failure = current.pollContentFailure();
        if (failure != null) {
            LOG.warn("content for {} can't be read", hop.host(), failure);
        }
        Delivery told = deliveries.removeFirst();
        if (!given.remove(told)) {
            told.ended().accept(outcome);
        }
        return true;
    }

    @Override
    public void closed(Connection gone, CloseCause cause) {
        cause.cause()
                .ifPresent(
                        e -> LOG.debug("{} {}: {}", hop.host(), gone.remoteAddress(), cause.kind(), Escaped.error(e)));
        closeContent();
        TlsWatch watch = hop.watch();
        if (watch != null && session == null && secured != TlsMode.NONE && cause.kind() != CloseCause.Kind.LOCAL) {
            watch.failed(gone, cause.verdict());
        } else if (watch != null && session != null && session.isWithoutTls()) {
            watch.notOffered(gone);
        }
        try {
            tellEnd(gone, cause);
        } finally {
            // After that, so that what has to be done again is in front of all who wait for the place.
            loop.pool().closed(this);
        }
    }

    private void tellEnd(Connection gone, CloseCause cause) {
        remove();
        ClientSession current = session;
        if (current != null) {
            if (!current.isOver()) {
                end(current, cause, now(gone));
            }
            while (tell(current)) {
                // Each one is told.
            }
        } else if (!deliveries.isEmpty()) {
            Delivery delivery = deliveries.removeFirst();
            delivery.ended().accept(NeverOpened.by(cause, hop, gone, delivery.plan()));
        }
    }

    private static void end(ClientSession current, CloseCause cause, long now) {
        if (cause.kind() == CloseCause.Kind.LOCAL) {
            current.givenUp();
            return;
        }
        if (cause.kind() == CloseCause.Kind.UNREADABLE && current.isSending()) {
            current.contentFailed(
                    new IOException("its file can't be read", cause.cause().orElse(null)), now);
        }
        if (!current.isOver()) {
            current.connectionLost();
        }
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
