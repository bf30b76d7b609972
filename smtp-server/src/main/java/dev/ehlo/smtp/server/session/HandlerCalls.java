package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SmtpHandler;
import dev.ehlo.smtp.server.StagedHandler;
import java.util.function.Consumer;

/** The user's handler, as sessions ask it: the one place where it matters of which kind it is. */
public abstract class HandlerCalls {
    private HandlerCalls() {}

    /** A handler that may block, and so is asked by whoever {@linkplain Question#mayBlock may too}. */
    public static HandlerCalls blocking(SmtpHandler handler) {
        return new Plain(handler, true);
    }

    /** A handler that is asked where the session is driven. */
    public static HandlerCalls inline(SmtpHandler handler) {
        return new Plain(handler, false);
    }

    /** A handler that answers when it can. */
    public static HandlerCalls staged(StagedHandler handler) {
        return new Staged(handler);
    }

    /** Whether the handler, its sinks and what is asked along with it may block. */
    public abstract boolean mayBlock();

    /** The calls of the handler for one connection. */
    public abstract HandlerCalls forConnection(SessionInfo session);

    /** The last call; where the handler may be asked. */
    public abstract void disconnected(SessionInfo session);

    abstract void connected(Conversation conversation, Consumer<Reply> answered, Runnable failed);

    abstract void hello(Conversation conversation, SessionInfo candidate, Consumer<Reply> answered);

    abstract void mail(
            Conversation conversation, ReversePath reversePath, EsmtpParameters parameters, Consumer<Reply> answered);

    abstract void rcpt(Conversation conversation, Recipient recipient, Consumer<Reply> answered);

    /** Asks where the content goes. */
    abstract void data(Conversation conversation, Envelope envelope, Consumer<Target> answered, Runnable failed);

    private static final class Plain extends HandlerCalls {
        private final SmtpHandler handler;
        private final boolean mayBlock;

        Plain(SmtpHandler handler, boolean mayBlock) {
            this.handler = handler;
            this.mayBlock = mayBlock;
        }

        @Override
        public boolean mayBlock() {
            return mayBlock;
        }

        @Override
        public HandlerCalls forConnection(SessionInfo session) {
            return new Plain(handler.forConnection(session), mayBlock);
        }

        @Override
        public void disconnected(SessionInfo session) {
            handler.disconnected(session);
        }

        @Override
        void connected(Conversation conversation, Consumer<Reply> answered, Runnable failed) {
            conversation.ask(() -> Conversation.checked(handler.connected(conversation.info)), answered, failed);
        }

        @Override
        void hello(Conversation conversation, SessionInfo candidate, Consumer<Reply> answered) {
            conversation.askReply(() -> handler.hello(candidate), answered);
        }

        @Override
        void mail(
                Conversation conversation,
                ReversePath reversePath,
                EsmtpParameters parameters,
                Consumer<Reply> answered) {
            conversation.askReply(
                    () -> conversation.isOwn(reversePath)
                            ? handler.mail(conversation.info, reversePath, parameters)
                            : Replies.NOT_YOUR_MAILBOX.reply(),
                    answered);
        }

        @Override
        void rcpt(Conversation conversation, Recipient recipient, Consumer<Reply> answered) {
            conversation.askReply(() -> handler.rcpt(conversation.info, recipient), answered);
        }

        @Override
        void data(Conversation conversation, Envelope envelope, Consumer<Target> answered, Runnable failed) {
            conversation.ask(
                    () -> Target.of(handler.data(conversation.info, envelope), conversation), answered, failed);
        }
    }

    private static final class Staged extends HandlerCalls {
        private final StagedHandler handler;

        Staged(StagedHandler handler) {
            this.handler = handler;
        }

        @Override
        public boolean mayBlock() {
            return false;
        }

        @Override
        public HandlerCalls forConnection(SessionInfo session) {
            return new Staged(handler.forConnection(session));
        }

        @Override
        public void disconnected(SessionInfo session) {
            handler.disconnected(session);
        }

        @Override
        void connected(Conversation conversation, Consumer<Reply> answered, Runnable failed) {
            conversation.await(
                    () -> handler.connected(conversation.info).thenApply(Conversation::checked), answered, failed);
        }

        @Override
        void hello(Conversation conversation, SessionInfo candidate, Consumer<Reply> answered) {
            conversation.awaitReply(() -> handler.hello(candidate), answered);
        }

        @Override
        void mail(
                Conversation conversation,
                ReversePath reversePath,
                EsmtpParameters parameters,
                Consumer<Reply> answered) {
            if (conversation.isOwn(reversePath)) {
                conversation.awaitReply(() -> handler.mail(conversation.info, reversePath, parameters), answered);
            } else {
                answered.accept(Replies.NOT_YOUR_MAILBOX.reply());
            }
        }

        @Override
        void rcpt(Conversation conversation, Recipient recipient, Consumer<Reply> answered) {
            conversation.awaitReply(() -> handler.rcpt(conversation.info, recipient), answered);
        }

        @Override
        void data(Conversation conversation, Envelope envelope, Consumer<Target> answered, Runnable failed) {
            conversation.await(
                    () -> handler.data(conversation.info, envelope),
                    sink -> conversation.askHere(() -> Target.of(sink, conversation), answered, failed),
                    failed);
        }
    }
}
