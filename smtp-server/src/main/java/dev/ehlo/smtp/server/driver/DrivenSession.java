package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.PacedSink;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SessionSummary.End;
import dev.ehlo.smtp.server.SessionTimes;
import dev.ehlo.smtp.server.TransactionSummary;
import dev.ehlo.smtp.server.limit.Place;
import dev.ehlo.smtp.server.session.Question;
import dev.ehlo.smtp.server.session.ServerSession;
import dev.ehlo.smtp.server.session.SessionDriver;
import dev.ehlo.smtp.tls.ChannelBinding;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A session that is driven over a connection: steps while there is input, flushes once when there is none left, and pauses
 * reading while a question is open, a sink is behind, a reply is held back, or the peer does not read its replies. Used on
 * its connection's loop, but for what says otherwise.
 */
final class DrivenSession implements SessionDriver {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final ServerConnection owner;
    private final ServerRuntime server;
    private final Connection connection;
    private final Place place;
    private final SessionTally tally;
    private final SessionLog log;
    private final PeerTime time;
    private ServerSession session;
    private volatile @Nullable PacedSink sink;
    /** The peer is trusted to name the client by XCLIENT. */
    private final boolean namesClients;
    /** Who talks before the greeting is refused. */
    private boolean silenceAwaited;
    /** A question is open elsewhere. */
    private boolean asking;
    /** The reply to an error is held back. */
    private boolean holding;
    /** Octets were left with the connection, and are shown again when reading is resumed. */
    private boolean kept;

    private boolean paused;
    private boolean inputEnded;
    /** What came of a message may not have been sent yet. */
    private boolean untold;

    /** The session that {@code begun} makes, over a connection that stands. */
    DrivenSession(
            ServerConnection owner,
            ServerRuntime server,
            Connection connection,
            Place place,
            SessionTally tally,
            SessionLog log,
            SessionTimes times,
            Function<SessionDriver, ServerSession> begun,
            boolean namesClients,
            boolean silenceAwaited) {
        this.owner = owner;
        this.server = server;
        this.connection = connection;
        this.place = place;
        this.tally = tally;
        this.log = log;
        this.time = new PeerTime(times);
        this.namesClients = namesClients;
        this.silenceAwaited = silenceAwaited;
        this.session = begun.apply(this);
    }

    /** Goes on without anything new from the peer. */
    void advance() {
        advance(NOTHING);
    }

    void received(ByteBuffer in) {
        kept = false;
        int before = in.position();
        advance(in);
        tally.took(in.position() - before);
    }

    /** Whether what comes now comes before the greeting that is to be waited for. */
    boolean isTooEarly() {
        return silenceAwaited && session.isBeforeGreeting();
    }

    void inputEnded() {
        inputEnded = true;
        if (!asking && !kept) {
            connection.close();
        }
    }

    /** Whether a question is open, and with it an answer to come. */
    boolean isAsking() {
        return asking;
    }

    SessionInfo info() {
        return session.info();
    }

    void deadlineReached() {
        if (holding) {
            holding = false;
            connection.flush();
            resume();
            return;
        }
        time.reset();
        if (connection.unsent() > 0) {
            connection.abort();
        } else {
            session.timedOut();
            connection.flush();
            connection.close();
        }
    }

    /** The connection is gone; why the session ended. */
    End lost(CloseCause cause) {
        End end = tally.gone(info(), cause, session.isQuit(), inputEnded);
        session.lost();
        return end;
    }

    /** The server goes down: what is under way is ended, and no reply held back any longer. */
    void drain() {
        session.drain();
        if (holding) {
            holding = false;
            connection.clearDeadline();
        }
        if (!asking) {
            advance();
        }
    }

    private void advance(ByteBuffer in) {
        ServerSession current = session;
        while (!isHeldUp()) {
            switch (current.step(in)) {
                case AGAIN:
                    break;
                case NEED_INPUT:
                    waitForInput();
                    return;
                case ASK:
                    put(current.question());
                    break;
                case NEW_CLIENT:
                    current = current.successor();
                    session = current;
                    time.reset();
                    silenceAwaited = false; // XCLIENT may have more pipelined behind it
                    place.loggedOut();
                    current.info().login().ifPresent(place::loggedIn);
                    log.newClient(current.info());
                    break;
                case START_TLS:
                    place.loggedOut();
                    tally.handshakeBegins();
                    owner.startTls();
                    return;
                case CLOSE:
                    connection.flush();
                    if (current.isQuit() && !in.hasRemaining()) {
                        connection.finish();
                    } else {
                        connection.close();
                    }
                    return;
            }
        }
        kept |= in.hasRemaining();
        pause();
    }

    private boolean isHeldUp() {
        if (asking || holding) {
            return true;
        }
        if (connection.unsent() > Connection.UNSENT_BOUND) {
            connection.flush();
        }
        PacedSink current = sink;
        return connection.unsent() > Connection.UNSENT_BOUND || current != null && current.isFull();
    }

    private void flush() {
        untold = false;
        connection.flush();
    }

    private void waitForInput() {
        PacedSink current = sink;
        if (current != null) {
            current.handOver();
        }
        flush();
        if (inputEnded) {
            connection.close();
        } else if (isHeldUp()) {
            pause();
        } else {
            runTime();
        }
    }

    private void pause() {
        paused = true;
        if (untold) {
            // Behind it stands a question that may take its time; a peer that is cut off meanwhile would send again.
            flush();
        }
        if (!isTooEarly()) {
            connection.pauseReading();
        }
        if (holding) {
            return;
        }
        if (!asking && connection.unsent() > Connection.UNSENT_BOUND) {
            runTime();
        } else {
            stopTime();
        }
    }

    void resume() {
        if (!paused || connection.isClosing()) {
            return;
        }
        if (isHeldUp()) {
            // By another reason than before, perhaps: whose time runs is to be settled anew.
            pause();
            return;
        }
        paused = false;
        connection.resumeReading();
        if (!kept) {
            advance();
        }
    }

    private void runTime() {
        long now = connection.loop().nanoTime();
        long left = time.run(now, session.phase(), session.progress(), session.contentOctets());
        if (left != PeerTime.UNCHANGED) {
            connection.deadline(left);
        }
    }

    private void stopTime() {
        time.stop(connection.loop().nanoTime());
        connection.clearDeadline();
    }

    private <T> void put(Question<T> question) {
        server.workers().ask(question, stage -> settleLater(question, stage));
        // It is settled on this loop, and so not before.
        asking = true;
    }

    private <T> void settleLater(Question<T> question, CompletionStage<T> stage) {
        stage.whenComplete((value, error) -> {
            if (!owner.onLoop(() -> settled(question, value, error))) {
                // The server is closed, and the session lost: a sink that comes now is let go of.
                try {
                    settle(question, value, error);
                } finally {
                    owner.answered();
                }
            }
        });
    }

    private <T> void settled(Question<T> question, @Nullable T value, @Nullable Throwable error) {
        asking = false;
        try {
            settle(question, value, error);
        } finally {
            owner.answered();
        }
        resume();
    }

    private <T> void settle(Question<T> question, @Nullable T value, @Nullable Throwable error) {
        if (error instanceof Workers.Crowded) {
            limited(Refusal.OVERLOAD);
            session.answerFailed(question);
        } else if (error != null || value == null) {
            log.failed(error == null ? new NullPointerException("no answer") : error);
            session.answerFailed(question);
        } else {
            session.answer(question, value);
        }
    }

    @Override
    public ByteBuffer room(int octets) {
        return connection.output(octets);
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
            paced.onRoom(() -> owner.onLoop(this::resume));
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
        return place.countFor(named);
    }

    @Override
    public long messageWait() {
        return place.messageWait();
    }

    @Override
    public long recipientWait() {
        return place.recipientWait();
    }

    @Override
    public boolean shedsTransactions() {
        return server.strain().shedsTransactions();
    }

    @Override
    public void holdBack(long nanos) {
        connection.flush();
        stopTime();
        holding = true;
        connection.deadline(nanos);
    }

    @Override
    public void failed(Throwable cause) {
        log.failed(cause);
    }

    @Override
    public long nanoTime() {
        return tally.nanoTime();
    }

    @Override
    public Optional<ChannelBinding> channelBinding(String type) {
        return connection.channelBinding(type);
    }

    @Override
    public void loggedIn(Mechanism mechanism) {
        info().login().ifPresent(place::loggedIn);
        tally.loggedIn(info(), mechanism);
    }

    @Override
    public void loginFailed(String login, Mechanism mechanism, Refusal reason) {
        tally.loginFailed(info(), login, mechanism, reason);
    }

    @Override
    public void limited(Refusal reason) {
        tally.limited(info(), reason);
    }

    @Override
    public void replied(Reply reply, int octets) {
        tally.replied(info(), reply, octets);
    }

    @Override
    public void transactionBegan() {
        tally.transactionBegan();
    }

    @Override
    public void transactionEnded(TransactionSummary summary) {
        untold = true;
        tally.transactionEnded(summary);
    }
}
