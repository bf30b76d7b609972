package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SmtpHandler;
import dev.ehlo.smtp.server.StagedHandler;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The kinds of handler, each made of the same one. */
public enum HandlerKind {
    BLOCKING,
    INLINE,
    /** With stages that have completed, and don't say so before they are waited for. */
    STAGED;

    public HandlerCalls calls(SmtpHandler handler) {
        return switch (this) {
            case BLOCKING -> HandlerCalls.blocking(handler);
            case INLINE -> HandlerCalls.inline(handler);
            case STAGED -> HandlerCalls.staged(staged(handler));
        };
    }

    public static StagedHandler staged(SmtpHandler handler) {
        return new Stages(handler);
    }

    private record Stages(SmtpHandler handler) implements StagedHandler {
        private static <T> CompletionStage<T> stage(Callable<T> work) {
            try {
                return CompletableFuture.completedStage(work.call());
            } catch (Exception e) {
                return CompletableFuture.failedStage(e);
            }
        }

        @Override
        public CompletionStage<Reply> connected(SessionInfo session) {
            return stage(() -> handler.connected(session));
        }

        @Override
        public CompletionStage<Reply> hello(SessionInfo session) {
            return stage(() -> handler.hello(session));
        }

        @Override
        public CompletionStage<Reply> mail(SessionInfo session, ReversePath reversePath, EsmtpParameters parameters) {
            return stage(() -> handler.mail(session, reversePath, parameters));
        }

        @Override
        public CompletionStage<Reply> rcpt(SessionInfo session, Recipient recipient) {
            return stage(() -> handler.rcpt(session, recipient));
        }

        @Override
        public CompletionStage<MessageSink> data(SessionInfo session, Envelope envelope) {
            return stage(() -> handler.data(session, envelope));
        }
    }
}
