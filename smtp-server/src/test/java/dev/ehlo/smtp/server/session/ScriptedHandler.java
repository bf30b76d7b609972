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
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A handler that answers each question as its script says, and writes down what it and its sinks were asked. */
final class ScriptedHandler implements SmtpHandler {
    static final Reply NO = Reply.of(550, "5.7.1", "no");
    static final Reply ENDS = Reply.of(421, "4.7.0", "go away");
    private static final Reply INTERMEDIATE = Reply.of(354, "what?");

    /** The answers to come, one for each question. */
    final Deque<Turn.Act> script = new ArrayDeque<>();
    /** What was asked, in order. */
    final List<String> log = new ArrayList<>();
    /** Completes the stages that are late. */
    private final Deque<Runnable> late = new ArrayDeque<>();

    HandlerCalls calls(HandlerKind kind) {
        return kind == HandlerKind.STAGED ? HandlerCalls.staged(new Stages()) : kind.calls(this);
    }

    /** Completes a stage that is late; false if there is none. */
    boolean release() {
        Runnable next = late.poll();
        if (next == null) {
            return false;
        }
        next.run();
        return true;
    }

    private Reply answer(String question) {
        log.add(question);
        return reply(script.remove().answer());
    }

    private static Reply reply(Turn.Answer answer) {
        return switch (answer) {
            case YES -> YES;
            case NO -> NO;
            case ENDS -> ENDS;
            case INTERMEDIATE -> INTERMEDIATE;
            case NOTHING, NO_STAGE -> null;
            case THROWS -> throw new IllegalStateException("the secret of the house");
            case BREAKS -> throw new StackOverflowError("the secret of the house");
        };
    }

    @Override
    public Reply connected(SessionInfo session) {
        return answer("CONNECTED");
    }

    @Override
    public Reply hello(SessionInfo session) {
        return answer("HELLO " + session.helo() + (session.esmtp() ? " extended" : ""));
    }

    @Override
    public Reply mail(SessionInfo session, ReversePath reversePath, EsmtpParameters parameters) {
        return answer("MAIL " + reversePath + ' ' + parameters);
    }

    @Override
    public Reply rcpt(SessionInfo session, Recipient recipient) {
        return answer("RCPT " + recipient.mailbox() + ' ' + recipient.parameters());
    }

    @Override
    public MessageSink data(SessionInfo session, Envelope envelope) throws IOException {
        StringBuilder question = new StringBuilder("DATA " + envelope.reversePath() + ' ' + envelope.parameters());
        envelope.recipients().forEach(each -> question.append(' ').append(each.mailbox()));
        log.add(question.toString());
        Turn.Answer answer = script.remove().answer();
        return switch (answer) {
            case NOTHING, NO_STAGE -> null;
            case THROWS -> throw new IOException("the secret of the house");
            default -> new Sink(answer);
        };
    }

    /** The stage that the act asks for, with what comes of the work. */
    private <T> CompletionStage<T> staged(Turn.Act act, Callable<T> work) {
        CompletableFuture<T> stage = new CompletableFuture<>();
        Runnable completion;
        try {
            T value = work.call();
            completion = () -> stage.complete(value);
        } catch (Exception e) {
            completion = () -> stage.completeExceptionally(e);
        }
        if (act.late()) {
            late.add(completion);
        } else {
            completion.run();
        }
        return act.answer() == Turn.Answer.NO_STAGE ? null : stage;
    }

    private final class Stages implements StagedHandler {
        @Override
        public CompletionStage<Reply> connected(SessionInfo session) {
            return staged(script.element(), () -> ScriptedHandler.this.connected(session));
        }

        @Override
        public CompletionStage<Reply> hello(SessionInfo session) {
            return staged(script.element(), () -> ScriptedHandler.this.hello(session));
        }

        @Override
        public CompletionStage<Reply> mail(SessionInfo session, ReversePath reversePath, EsmtpParameters parameters) {
            return staged(script.element(), () -> ScriptedHandler.this.mail(session, reversePath, parameters));
        }

        @Override
        public CompletionStage<Reply> rcpt(SessionInfo session, Recipient recipient) {
            return staged(script.element(), () -> ScriptedHandler.this.rcpt(session, recipient));
        }

        @Override
        public CompletionStage<MessageSink> data(SessionInfo session, Envelope envelope) {
            return staged(script.element(), () -> ScriptedHandler.this.data(session, envelope));
        }
    }

    private final class Sink implements MessageSink {
        private final Turn.Answer beginning;
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private boolean over;

        Sink(Turn.Answer beginning) {
            this.beginning = beginning;
        }

        @Override
        public Optional<Reply> refusal() {
            return beginning == Turn.Answer.YES || beginning == Turn.Answer.BREAKS
                    ? Optional.empty()
                    : Optional.ofNullable(reply(beginning));
        }

        @Override
        public void write(ByteBuffer slice) throws IOException {
            if (over) {
                throw new AssertionError("written to after its end");
            }
            if (beginning == Turn.Answer.BREAKS) {
                throw new IOException("the secret of the house");
            }
            byte[] octets = new byte[slice.remaining()];
            slice.get(octets);
            content.writeBytes(octets);
        }

        @Override
        public CompletionStage<Reply> complete() {
            end("COMPLETE " + content.toString(StandardCharsets.ISO_8859_1));
            Turn.Act act = script.remove();
            return staged(act, () -> reply(act.answer()));
        }

        @Override
        public void abort() {
            end("ABORT");
        }

        /** Twice would be in the log twice. */
        private void end(String how) {
            log.add(how);
            over = true;
        }
    }
}
