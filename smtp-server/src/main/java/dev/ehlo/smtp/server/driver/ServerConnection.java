package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SessionSummary.End;
import dev.ehlo.smtp.server.limit.Place;
import dev.ehlo.smtp.server.session.HandlerCalls;
import dev.ehlo.smtp.server.session.Replies;
import dev.ehlo.smtp.server.session.Role;
import dev.ehlo.smtp.server.session.ServerSession;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import dev.ehlo.smtp.tls.reactor.EventLoop;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One connection from its arrival to its end: settles whether it is let in, begins its session, which a
 * {@link DrivenSession} drives, and tells of its end. After STARTTLS another one takes over. Used on its connection's
 * loop, but for what says otherwise.
 */
public final class ServerConnection implements ConnectionHandler, LiveConnection {
    private final ServerRuntime server;
    private final Role role;
    private final String id;
    private final SessionLog log;
    /** Decides in this connection; there is one already after STARTTLS. */
    private @Nullable HandlerCalls handler;
    /** Who is there; before the session knows more. */
    private @Nullable SessionInfo client;

    private @Nullable DrivenSession session;
    private @Nullable Connection connection;
    /** The peer is trusted to name the client by XCLIENT. */
    private boolean namesClients;
    /** What it comes to; null where nobody is let in. */
    private @Nullable SessionTally tally;
    /** Its place among the connections of the server; null if it can have none. */
    private @Nullable Place place;
    /** Why it can have none. */
    private @Nullable Refusal refusal;

    private volatile @Nullable EventLoop loop;
    /** The greeting has been held back as long as it should. */
    private boolean delayed;
    /** The client was gone before its session began. */
    private boolean left;
    /** STARTTLS was said: another one has taken over. */
    private boolean replaced;

    /** The connection is gone. */
    private boolean over;

    private End end = End.SERVER;

    /** A handler for a connection about to be accepted. */
    public ServerConnection(ServerRuntime server, Role role) {
        this(server, role, server.ids().get());
    }

    /** A handler for a connection about to be accepted, with that id. */
    ServerConnection(ServerRuntime server, Role role, String id) {
        this.server = server;
        this.role = role;
        this.id = id;
        this.log = new SessionLog(id);
    }

    /** A handler for a connection that another has begun, and that is in its place already. */
    ServerConnection(
            ServerRuntime server,
            Role role,
            SessionInfo client,
            Connection connection,
            Place place,
            @Nullable HandlerCalls handler,
            SessionTally tally) {
        this(server, role, client.id());
        this.client = client;
        this.connection = connection;
        this.loop = connection.loop();
        this.place = place;
        this.handler = handler;
        this.tally = tally;
        this.namesClients = role.takesXclientFrom(client.remoteAddress().getAddress());
    }

    @Override
    public void accepted(Connection accepted) {
        InetSocketAddress remote = accepted.remoteAddress();
        connection = accepted;
        loop = accepted.loop();
        SessionInfo info = SessionInfo.of(
                id, remote, accepted.localAddress(), role.profile().name(), server.names());
        client = info;
        namesClients = role.takesXclientFrom(remote.getAddress());
        Place asked = server.admission().place();
        if (server.strain().shedsConnections()) {
            refusal = Refusal.OVERLOAD;
        } else {
            refusal = namesClients ? asked.takeUnnamed() : asked.take(remote.getAddress());
        }
        if (refusal == null) {
            place = asked;
            server.live().add(this);
            tally = SessionTally.begin(server, info);
            return;
        }
        server.events().refused(refusal, remote, role.profile().name());
        if (role.profile().tls() == TlsMode.IMPLICIT) {
            // Without a word: to say one takes a handshake, which costs more than all that the limits are to save, and
            // which a flood of clients would be served then. A client takes the end of a connection as it takes 421.
            accepted.close();
        }
    }

    @Override
    public void opened(Connection opened) {
        if (refusal != null) {
            refuse(opened, Replies.toConnection(refusal));
            return;
        }
        SessionInfo known = Objects.requireNonNull(client);
        SessionInfo info = opened.tls().map(known::underTls).orElse(known);
        client = info;
        if (info.tls().isPresent() && known.tls().isEmpty()) {
            tally().underTls(info);
        }
        if (handler == null && !delayed && !role.profile().greetingDelay().isZero()) {
            delayed = true;
            opened.handOver(new GreetingDelay(this, role));
            return;
        }
        boolean begins = handler == null;
        HandlerCalls decides = handler == null ? role.server().handler().forConnection(info) : handler;
        handler = decides;
        DrivenSession driven = new DrivenSession(
                this,
                server,
                opened,
                Objects.requireNonNull(place),
                tally(),
                log,
                role.profile().limits().times(),
                driver -> begins
                        ? ServerSession.connected(role, decides, info, driver)
                        : ServerSession.afterStartTls(role, decides, info, driver),
                namesClients,
                begins && role.isSilenceAwaited());
        session = driven;
        log.opened(info);
        driven.advance();
    }

    /** Tells a client why it is not served, and ends its connection. */
    static void refuse(Connection connection, EncodedReply reply) {
        reply.writeTo(connection.output(reply.length()));
        connection.flush();
        connection.close();
    }

    @Override
    public void received(Connection from, ByteBuffer in) {
        if (session().isTooEarly()) {
            refuseEarly(from);
        } else {
            session().received(in);
        }
    }

    /** Ends a connection whose client did not wait for the greeting. */
    void refuseEarly(Connection early) {
        tally().limited(Objects.requireNonNull(client), Refusal.EARLY_TALKER);
        refuse(early, Replies.TALKED_EARLY);
    }

    @Override
    public void writable(Connection to) {
        session().resume();
    }

    @Override
    public void inputEnded(Connection ended) {
        if (session == null) {
            left = true;
            ended.close();
        } else {
            session.inputEnded();
        }
    }

    @Override
    public void deadlineReached(Connection late) {
        session().deadlineReached();
    }

    @Override
    public void closed(Connection gone, CloseCause cause) {
        log.closed(cause);
        try {
            over = true;
            if (session != null) {
                end = session.lost(cause);
            } else if (tally != null) {
                end = tally.gone(info(), cause, false, left);
            }
            if (session == null || !session.isAsking()) {
                disconnected();
            }
        } finally {
            server.live().remove(this);
            if (place != null) {
                place.giveBack();
            }
        }
    }

    /** No answer of the handler is waited for any more. */
    void answered() {
        if (over) {
            disconnected();
        }
    }

    /** Tells the handler, once none of its answers is waited for. */
    private void disconnected() {
        HandlerCalls told = handler;
        SessionInfo last = info();
        if (tally != null) {
            tally.end(last, end);
        }
        if (told == null) {
            return;
        }
        if (told.mayBlock()) {
            try {
                server.workers().execute(() -> tell(told, last));
                return;
            } catch (RejectedExecutionException e) {
                log.gone("the workers are");
            }
        }
        tell(told, last);
    }

    private void tell(HandlerCalls told, SessionInfo last) {
        try {
            told.disconnected(last);
        } catch (Throwable e) {
            log.failed(e);
        }
    }

    /** Ends a handshake at once. */
    @Override
    public void drain() {
        onLoop(() -> {
            if (replaced) {
                return;
            }
            if (session == null) {
                connection().close();
                return;
            }
            session.drain();
        });
    }

    @Override
    public void abort() {
        onLoop(() -> connection().abort());
    }

    /** Gives the connection to another, which goes on under TLS. */
    void startTls() {
        Connection on = connection();
        ServerConnection next =
                new ServerConnection(server, role, info(), on, Objects.requireNonNull(place), handler, tally());
        next.namesClients = namesClients;
        replaced = true;
        on.startTls(Objects.requireNonNull(server.tls()), next);
        server.live().remove(this);
        server.live().add(next);
    }

    /** Runs the task on the loop, if that is there; a defect in it ends this connection and no other. */
    boolean onLoop(Runnable task) {
        EventLoop executor = Objects.requireNonNull(loop);
        try {
            executor.execute(() -> {
                try {
                    task.run();
                } catch (Throwable e) {
                    log.failed(e);
                    connection().abort();
                }
            });
            return true;
        } catch (RejectedExecutionException e) {
            log.gone("the loop is");
            return false;
        }
    }

    private SessionTally tally() {
        return Objects.requireNonNull(tally);
    }

    private SessionInfo info() {
        return session == null ? Objects.requireNonNull(client) : session.info();
    }

    private DrivenSession session() {
        return Objects.requireNonNull(session);
    }

    private Connection connection() {
        return Objects.requireNonNull(connection);
    }
}
