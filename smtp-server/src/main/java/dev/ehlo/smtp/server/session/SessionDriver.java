package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.TransactionSummary;
import dev.ehlo.smtp.tls.ChannelBinding;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a session needs of whoever drives it. */
public interface SessionDriver {
    /** The most octets that {@link #room} is asked for. */
    int MAX_ROOM = 16 * 1024;

    /** A buffer for reply octets with room for that many, good until the next call. */
    ByteBuffer room(int octets);

    /**
     * The sink in a form that never blocks the session: itself, or one that hands over to another thread. Called where
     * the handler is asked.
     *
     * @param mayBlock whether the sink may block
     */
    MessageSink carry(MessageSink sink, boolean mayBlock);

    /**
     * The sink that was carried last is completed or aborted, or is about to be: whether it is behind is of no account
     * any more. Called where it is ended.
     */
    void sinkEnded();

    /** Something that is not the peer's fault went wrong, and was answered as such: for the log. From any thread. */
    void failed(Throwable cause);

    /** The time, in nanoseconds from whenever. */
    long nanoTime();

    /** What ties a login to the TLS connection, by data of that type; empty without. */
    Optional<ChannelBinding> channelBinding(String type);

    /** AUTH did let a login in, as {@link ServerSession#info} says. */
    void loggedIn(Mechanism mechanism);

    /** AUTH did not let that login in; empty if it is not known. */
    void loginFailed(String login, Mechanism mechanism, Refusal reason);

    /** A limit was met, or a rule broken, and is answered as such. */
    void limited(Refusal reason);

    /** That reply was put, in so many octets. */
    void replied(Reply reply, int octets);

    /** MAIL was accepted. */
    void transactionBegan();

    /** A transaction is over. */
    void transactionEnded(TransactionSummary summary);

    /** Whether the peer is trusted to tell by XCLIENT whom it speaks for. */
    boolean mayNameClients();

    /** Counts the connection for that client from now on; if there is no room for him, why. */
    @Nullable
    Refusal admit(InetAddress client);

    /** How many nanoseconds another transaction has to wait for; 0 if it may begin, and then it is counted. */
    long messageWait();

    /** How many nanoseconds another recipient has to wait for; 0 if it may come, and then it is counted. */
    long recipientWait();

    /** Whether no transaction is to begin, as the server is short of something. */
    boolean shedsTransactions();

    /** What is put from now on goes out after that time, and the session is not driven before. */
    void holdBack(long nanos);
}
