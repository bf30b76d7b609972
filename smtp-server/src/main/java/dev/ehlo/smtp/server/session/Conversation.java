package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.TransactionSummary.Outcome;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of one session share: where it stands, what it knows, what it has used up, and how it replies and asks.
 * Made anew after STARTTLS, with all else.
 */
final class Conversation {
    final Role role;
    final HandlerCalls handler;
    final SessionDriver driver;
    SessionInfo info;
    State state;

    @Nullable
    Question<?> question;

    @Nullable
    Transaction transaction;

    @Nullable
    ContentReceiver content;
    /** Grows with each command, line and block. */
    long progress;
    /** Octets of content that have come, those of chunks that are refused included. */
    long contentOctets;

    private final SessionBudget budget;
    private boolean tooManyLogins;

    Conversation(Role role, HandlerCalls handler, SessionInfo info, SessionDriver driver, State state) {
        this.role = role;
        this.handler = handler;
        this.driver = driver;
        this.info = info;
        this.state = state;
        this.budget = new SessionBudget(role.limits());
    }

    Transaction transaction() {
        if (transaction == null) {
            throw new IllegalStateException("no transaction in " + state);
        }
        return transaction;
    }

    boolean isClosed() {
        return state == State.CLOSED;
    }

    /** Over, with nothing more said; a message not yet complete is forgotten. */
    void close() {
        close(null);
    }

    private void close(@Nullable Reply because) {
        state = State.CLOSED;
        forgetTransaction(because);
    }

    void begin(Transaction begun) {
        transaction = begun;
        driver.transactionBegan();
    }

    /** Forgets the envelope, and what has come of the content. RFC 5321 §4.1.1.5. */
    void forgetTransaction() {
        forgetTransaction(null);
    }

    /** As {@link #forgetTransaction()}, because the server refuses what has come. */
    void refuseTransaction(Reply reply) {
        if (transaction != null) {
            answered(transaction, octets(), reply);
            transaction = null;
        }
        forgetTransaction(reply);
    }

    private void forgetTransaction(@Nullable Reply because) {
        Transaction given = transaction;
        ContentReceiver unfinished = content;
        if (given != null) {
            transaction = null;
            driver.transactionEnded(given.abandoned(info, octets(), driver.nanoTime(), because));
        }
        if (unfinished != null) {
            content = null;
            unfinished.abort();
        }
    }

    private long octets() {
        return content == null ? 0 : content.octets();
    }

    /** The content was answered so. */
    void answered(Transaction ended, long octets, Reply reply) {
        Outcome outcome = reply.isPositive() ? Outcome.ACCEPTED : Outcome.REFUSED;
        driver.transactionEnded(ended.ended(info, octets, driver.nanoTime(), outcome, reply));
    }

    // Questions

    /** Asks the handler for a reply; where it fails, ours stands for it. */
    void askReply(Callable<Reply> work, Consumer<Reply> answered) {
        if (handler.mayBlock()) {
            Runnable failed = () -> answered.accept(Replies.LOCAL_ERROR.reply());
            question = Question.ofBlocking(() -> checked(work.call()), answered, failed);
        } else {
            // As askHere does, without an object for each command.
            answered.accept(replyOf(work));
        }
    }

    /** As {@link #askReply}, of a handler that answers when it can. */
    void awaitReply(Callable<CompletionStage<Reply>> work, Consumer<Reply> answered) {
        Runnable failed = () -> answered.accept(Replies.LOCAL_ERROR.reply());
        await(work, reply -> answered.accept(replyOf(() -> reply)), failed);
    }

    private Reply replyOf(Callable<Reply> work) {
        try {
            return checked(work.call());
        } catch (Throwable e) {
            driver.failed(e);
            return Replies.LOCAL_ERROR.reply();
        }
    }

    /** Asks the handler: here, unless it may block. */
    <T> void ask(Callable<T> work, Consumer<T> answered, Runnable failed) {
        if (handler.mayBlock()) {
            question = Question.ofBlocking(work, answered, failed);
        } else {
            askHere(work, answered, failed);
        }
    }

    <T> void askHere(Callable<T> work, Consumer<T> answered, Runnable failed) {
        T answer;
        try {
            answer = Objects.requireNonNull(work.call(), "no answer");
        } catch (Throwable e) {
            driver.failed(e);
            failed.run();
            return;
        }
        answered.accept(answer);
    }

    /** Asks at once; the answer may come at once, or is waited for. */
    <T> void await(Callable<CompletionStage<T>> work, Consumer<T> answered, Runnable failed) {
        CompletionStage<T> stage;
        try {
            stage = Objects.requireNonNull(work.call(), "no stage");
        } catch (Throwable e) {
            driver.failed(e);
            failed.run();
            return;
        }
        // Of others, such as those that may not be asked whether they are done, the driver is told.
        if (stage.getClass() == CompletableFuture.class && ((CompletableFuture<T>) stage).isDone()) {
            askHere(((CompletableFuture<T>) stage)::join, answered, failed);
        } else {
            question = Question.pending(stage, answered, failed);
        }
    }

    /** Whether who logged in may send in that name. */
    boolean isOwn(ReversePath reversePath) {
        Mailbox sender = reversePath.mailbox();
        String login = info.login().orElse(null);
        return sender == null || login == null || role.server().senderRule().owns(login, sender);
    }

    /** What is neither yes nor no is as wrong as an exception. */
    static Reply checked(Reply reply) {
        if (reply.isIntermediate()) {
            throw new IllegalStateException("the handler answered with " + reply);
        }
        return reply;
    }

    // Replies

    /** Does what was asked, which brings no message on its way. */
    void idle(EncodedReply reply) {
        if (budget.isIdleTooMany()) {
            end(Replies.TOO_MANY_IDLE);
        } else {
            send(reply);
        }
    }

    void refuse(EncodedReply reply) {
        countError();
        send(reply);
    }

    void refuse(Reply reply) {
        countError();
        send(reply);
    }

    /** Refuses what is no error, and brings no message on its way all the same. */
    void refusedForNow(EncodedReply reply) {
        send(reply);
        if (budget.isIdleTooMany()) {
            end(Replies.TOO_MANY_IDLE);
        }
    }

    /** The one too many ends the session, and nothing is sent after it. */
    private void countError() {
        if (budget.isErrorTooMany()) {
            end(Replies.TOO_MANY_ERRORS);
        } else {
            holdBack();
        }
    }

    /** The error that is answered next costs its client time. */
    private void holdBack() {
        boolean trusted =
                info.login().isPresent() || role.isTrusted(info.remoteAddress().getAddress());
        long nanos = isClosed() ? 0 : budget.delayOfError(trusted);
        if (nanos > 0) {
            driver.holdBack(nanos);
        }
    }

    void refuseRecipient(Reply reply) {
        if (reply.code() >= 500) {
            // Who tries out which mailboxes there are is told slowly; whom greylisting sends away is not.
            holdBack();
        }
        send(reply);
        if (isClosed()) {
            return;
        }
        transaction().noteRefusedRecipient(reply);
        if (budget.isRefusedRecipientTooMany()) {
            end(Replies.TOO_MANY_REFUSED);
        }
    }

    /** One transaction more; false if that was one too many, and is refused, or the session over. RFC 9422 §4. */
    boolean beginsTransaction() {
        if (budget.isTransactionTooMany()) {
            end(Replies.TOO_MANY_TRANSACTIONS);
            return false;
        }
        long wait = driver.messageWait();
        if (wait > 0) {
            refuse(Replies.tooManyMessages(wait));
            return false;
        }
        return true;
    }

    /** Counts it, whatever the client says to that; {@link #refuseLogin} follows unless the connection is gone. */
    void loginFailed(String login, Mechanism mechanism, Refusal reason) {
        driver.loginFailed(login, mechanism, reason);
        tooManyLogins |= budget.isAuthFailureTooMany();
    }

    void refuseLogin(EncodedReply reply) {
        holdBack();
        send(reply);
        if (tooManyLogins) {
            end(Replies.TOO_MANY_LOGINS);
        }
    }

    /** What the handler does not want brings no message on its way, and costs it a question each time. */
    void refusedByHandler(Reply reply) {
        send(reply);
        if (budget.isIdleTooMany()) {
            end(Replies.TOO_MANY_IDLE);
        }
    }

    void messageAnswered(Reply reply) {
        if (reply.isPositive()) {
            budget.messageTaken();
            send(reply);
        } else {
            refusedByHandler(reply);
        }
    }

    /** Answers each recipient of a message by itself; 421 to one ends the session when all have theirs. RFC 2033 §4.2. */
    void messageAnswered(List<Reply> replies) {
        if (isClosed()) {
            return;
        }
        for (Reply reply : replies) {
            if (reply.isPositive()) {
                budget.messageTaken();
            }
            said(reply, ReplyOctets.put(reply, isEnhanced(), driver));
        }
        if (replies.stream().anyMatch(reply -> reply.code() == 421)) {
            close();
        }
    }

    void end(EncodedReply reply) {
        send(reply);
        close(reply.reply());
    }

    void send(EncodedReply reply) {
        if (isClosed()) {
            return;
        }
        if (isEnhanced() || reply.reply().enhanced() == null) {
            reply.writeTo(driver.room(reply.length()));
            said(reply.reply(), reply.length());
        } else {
            said(reply.reply(), ReplyOctets.put(reply.reply(), false, driver));
        }
    }

    /** Sends a reply of the handler's; 421 ends the session. RFC 5321 §3.8. */
    void send(Reply reply) {
        if (isClosed()) {
            return;
        }
        EncodedReply known = isEnhanced() ? role.knownReplies().find(reply) : null;
        if (known != null && known.length() <= SessionDriver.MAX_ROOM) {
            known.writeTo(driver.room(known.length()));
            said(reply, known.length());
        } else {
            said(reply, ReplyOctets.put(reply, isEnhanced(), driver));
        }
        if (reply.code() == 421) {
            close(reply);
        }
    }

    private void said(Reply reply, int octets) {
        driver.replied(reply, octets);
        if (reply.code() >= 400) {
            Refusal reason = Replies.reason(reply);
            if (reason != null) {
                driver.limited(reason);
            }
        }
    }

    private boolean isEnhanced() {
        return role.offers(Extension.ENHANCEDSTATUSCODES);
    }
}
