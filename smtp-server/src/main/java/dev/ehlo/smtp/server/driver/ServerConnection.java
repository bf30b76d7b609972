package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.server.PacedSink;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SessionSummary.End;
import dev.ehlo.smtp.server.TransactionSummary;
import dev.ehlo.smtp.server.limit.Place;
import dev.ehlo.smtp.server.session.HandlerCalls;
import dev.ehlo.smtp.server.session.Question;
import dev.ehlo.smtp.server.session.Replies;
import dev.ehlo.smtp.server.session.Role;
import dev.ehlo.smtp.server.session.ServerSession;
import dev.ehlo.smtp.server.session.SessionDriver;
import dev.ehlo.smtp.tls.ChannelBinding;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import dev.ehlo.smtp.tls.reactor.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Drives one session over one connection: steps while there is input, flushes once when there is none left, and pauses
 * reading while a question is open, a sink is behind, or the peer does not read its replies. After STARTTLS another one
 * takes over. Used on its connection's loop, but for what says otherwise.
 */
public final class ServerConnection implements ConnectionHandler, SessionDriver, LiveConnection {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final ServerRuntime server;
    private final Role role;
    private final String id;
    private final SessionLog log;
    private final PeerTime time;
    /** Decides in this connection; there is one already after STARTTLS. */
    private @Nullable HandlerCalls handler;
    /** Who is there; before the session knows more. */
    private @Nullable SessionInfo client;

    private @Nullable ServerSession session;
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
    private volatile @Nullable PacedSink sink;
    /** A question is open elsewhere. */
    private boolean asking;
    /** The reply to an error is held back. */
    private boolean holding;
    /** Octets were left with the connection, and are shown again when reading is resumed. */
    private boolean kept;

    private boolean paused;
    private boolean inputEnded;
    /** The greeting has been held back as long as it should. */
    private boolean delayed;
    /** Who talks before the greeting is refused. */
    private boolean silenceAwaited;
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
        this.time = new PeerTime(role.profile().limits().times());
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
        if (handler == null && !delayed && !role.profile().greetingDelay().isZero()) {
            delayed = true;
            opened.handOver(new GreetingDelay(this, role));
            return;
        }
        SessionInfo known = Objects.requireNonNull(client);
        SessionInfo info = opened.tls().map(known::underTls).orElse(known);
        client = info;
        if (info.tls().isPresent()) {
            tally().underTls(info);
        }
        if (handler == null) {
            handler = role.server().handler().forConnection(info);
            session = ServerSession.connected(role, handler, info, this);
            silenceAwaited = role.isSilenceAwaited();
        } else {
            session = ServerSession.afterStartTls(role, handler, info, this);
        }
        log.opened(info);
        advance(opened, NOTHING);
    }

    /** Tells a client why it is not served, and ends its connection. */
    static void refuse(Connection connection, EncodedReply reply) {
        reply.writeTo(connection.output(reply.length()));
        connection.flush();
        connection.close();
    }

    @Override
    public void received(Connection from, ByteBuffer in) {
        kept = false;
        if (isTooEarly()) {
            refuseEarly(from);
        } else {
            int before = in.position();
            advance(from, in);
            tally().took(in.position() - before);
        }
    }

    /** Ends a connection whose client did not wait for the greeting. */
    void refuseEarly(Connection early) {
        tally().limited(Objects.requireNonNull(client), Refusal.EARLY_TALKER);
        refuse(early, Replies.TALKED_EARLY);
    }

    private boolean isTooEarly() {
        return silenceAwaited && session().isBeforeGreeting();
    }

    @Override
    public void writable(Connection to) {
        resume(to);
    }

    @Override
    public void inputEnded(Connection ended) {
        inputEnded = true;
        if (!asking && !kept) {
            ended.close();
        }
    }

    @Override
    public void deadlineReached(Connection late) {
        if (holding) {
            holding = false;
            late.flush();
            resume(late);
            return;
        }
        time.reset();
        if (late.unsent() > 0) {
            late.abort();
        } else {
            session().timedOut();
            late.flush();
            late.close();
        }
    }

    @Override
    public void closed(Connection gone, CloseCause cause) {
        log.closed(cause);
        try {
            over = true;
            if (tally != null) {
                boolean quit = session != null && session.isQuit();
                end = tally.gone(info(), cause, quit, inputEnded);
            }
            if (session != null) {
                session.lost();
            }
            if (!asking) {
                disconnected();
            }
        } finally {
            server.live().remove(this);
            if (place != null) {
                place.giveBack();
            }
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
            if (holding) {
                holding = false;
                connection().clearDeadline();
            }
            if (!asking) {
                advance(connection(), NOTHING);
            }
        });
    }

    @Override
    public void abort() {
        onLoop(() -> connection().abort());
    }

    private void advance(Connection on, ByteBuffer in) {
        ServerSession current = session();
        while (!isHeldUp(on)) {
            switch (current.step(in)) {
                case AGAIN:
                    break;
                case NEED_INPUT:
                    waitForInput(on);
                    return;
                case ASK:
                    put(current.question());
                    break;
                case NEW_CLIENT:
                    current = current.successor();
                    session = current;
                    time.reset();
                    silenceAwaited = false; // XCLIENT may have more pipelined behind it
                    log.newClient(current.info());
                    break;
                case START_TLS:
                    startTls(on);
                    return;
                case CLOSE:
                    on.flush();
                    if (current.isQuit() && !in.hasRemaining()) {
                        on.finish();
                    } else {
                        on.close();
                    }
                    return;
            }
        }
        kept |= in.hasRemaining();
        pause(on);
    }

    private boolean isHeldUp(Connection on) {
        if (asking || holding) {
            return true;
        }
        if (on.unsent() > Connection.UNSENT_BOUND) {
            on.flush();
        }
        PacedSink current = sink;
        return on.unsent() > Connection.UNSENT_BOUND || current != null && current.isFull();
    }

    private void waitForInput(Connection on) {
        PacedSink current = sink;
        if (current != null) {
            current.handOver();
        }
        on.flush();
        if (inputEnded) {
            on.close();
        } else if (isHeldUp(on)) {
            pause(on);
        } else {
            runTime(on);
        }
    }

    private void pause(Connection on) {
        paused = true;
        if (!isTooEarly()) {
            on.pauseReading();
        }
        if (holding) {
            return;
        }
        if (!asking && on.unsent() > Connection.UNSENT_BOUND) {
            runTime(on);
        } else {
            stopTime(on);
        }
    }

    private void resume(Connection on) {
        if (!paused || on.isClosing()) {
            return;
        }
        if (isHeldUp(on)) {
            // By another reason than before, perhaps: whose time runs is to be settled anew.
            pause(on);
            return;
        }
        paused = false;
        on.resumeReading();
        if (!kept) {
            advance(on, NOTHING);
        }
    }

    private void runTime(Connection on) {
        ServerSession current = session();
        long left = time.run(on.loop().nanoTime(), current.phase(), current.progress(), current.contentOctets());
        if (left != PeerTime.UNCHANGED) {
            on.deadline(left);
        }
    }

    private void stopTime(Connection on) {
        time.stop(on.loop().nanoTime());
        on.clearDeadline();
    }

    private void startTls(Connection on) {
        ServerConnection next = new ServerConnection(server, role, info(), on, place(), handler, tally());
        place().loggedOut();
        next.namesClients = namesClients;
        tally().handshakeBegins();
        replaced = true;
        on.startTls(Objects.requireNonNull(server.tls()), next);
        server.live().remove(this);
        server.live().add(next);
    }

    // Questions

    private <T> void put(Question<T> question) {
        if (question.mayBlock()) {
            server.workers().execute(() -> settleLater(question, question.ask()));
        } else {
            settleLater(question, question.ask());
        }
        // It is settled on this loop, and so not before.
        asking = true;
    }

    private <T> void settleLater(Question<T> question, CompletionStage<T> stage) {
        stage.whenComplete((value, error) -> {
            if (!onLoop(() -> settled(question, value, error))) {
                // The server is closed, and the session lost: a sink that comes now is let go of.
                settle(question, value, error);
            }
        });
    }

    private <T> void settled(Question<T> question, @Nullable T value, @Nullable Throwable error) {
        asking = false;
        try {
            settle(question, value, error);
        } finally {
            if (over) {
                disconnected();
            }
        }
        if (!over) {
            resume(connection());
        }
    }

    private <T> void settle(Question<T> question, @Nullable T value, @Nullable Throwable error) {
        if (error != null || value == null) {
            log.failed(error == null ? new NullPointerException("no answer") : error);
            session().answerFailed(question);
        } else {
            session().answer(question, value);
        }
    }

    /** Runs the task on the loop, if that is there; a defect in it ends this connection and no other. */
    private boolean onLoop(Runnable task) {
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

    // What the session needs

    @Override
    public ByteBuffer room(int octets) {
        return connection().output(octets);
    }

    @Override
    public MessageSink carry(MessageSink given, boolean mayBlock) {
        MessageSink carried = given;
        if (given instanceof WorkerSink blocking) {
            carried = blocking.on(server.workers());
        } else if (mayBlock) {
            carried = new OffloadedSink(given, server.workers());
        }
        if (carried instanceof PacedSink paced) {
            paced.onRoom(() -> onLoop(() -> resume(connection())));
            sink = paced;
        }
        return carried;
    }

    @Override
    public void sinkEnded() {
        sink = null;
    }

    @Override
    public boolean mayNameClients() {
        return namesClients;
    }

    @Override
    public @Nullable Refusal admit(InetAddress named) {
        return place().countFor(named);
    }

    @Override
    public long messageWait() {
        return place().messageWait();
    }

    @Override
    public long recipientWait() {
        return place().recipientWait();
    }

    @Override
    public boolean shedsTransactions() {
        return server.strain().shedsTransactions();
    }

    @Override
    public void holdBack(long nanos) {
        Connection on = connection();
        on.flush();
        stopTime(on);
        holding = true;
        on.deadline(nanos);
    }

    @Override
    public void failed(Throwable cause) {
        log.failed(cause);
    }

    @Override
    public long nanoTime() {
        return tally().nanoTime();
    }

    @Override
    public Optional<ChannelBinding> channelBinding(String type) {
        return connection().channelBinding(type);
    }

    @Override
    public void loggedIn(Mechanism mechanism) {
        info().login().ifPresent(place()::loggedIn);
        tally().loggedIn(info(), mechanism);
    }

    @Override
    public void loginFailed(String login, Mechanism mechanism, Refusal reason) {
        tally().loginFailed(info(), login, mechanism, reason);
    }

    @Override
    public void limited(Refusal reason) {
        tally().limited(info(), reason);
    }

    @Override
    public void replied(Reply reply, int octets) {
        tally().replied(info(), reply, octets);
    }

    @Override
    public void transactionBegan() {
        tally().transactionBegan();
    }

    @Override
    public void transactionEnded(TransactionSummary summary) {
        tally().transactionEnded(summary);
    }

    private Place place() {
        return Objects.requireNonNull(place);
    }

    private SessionTally tally() {
        return Objects.requireNonNull(tally);
    }

    private SessionInfo info() {
        return session == null ? Objects.requireNonNull(client) : session.info();
    }

    private ServerSession session() {
        return Objects.requireNonNull(session);
    }

    private Connection connection() {
        return Objects.requireNonNull(connection);
    }
}
