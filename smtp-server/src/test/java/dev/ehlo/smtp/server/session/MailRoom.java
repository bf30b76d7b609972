package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SmtpHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;

/** A handler that keeps what it is given, and whose answer is in the local part of the recipient. */
public final class MailRoom implements SmtpHandler {
    /** A message that was completed. */
    public record Message(SessionInfo session, Envelope envelope, String content) {}

    public final List<Message> messages = Collections.synchronizedList(new ArrayList<>());
    public final BlockingQueue<Envelope> aborted = new LinkedBlockingQueue<>();
    /** The contents that were said to need no stuffing. */
    public final List<String> unstuffed = Collections.synchronizedList(new ArrayList<>());

    public final List<String> asked = Collections.synchronizedList(new ArrayList<>());

    @Override
    public Reply connected(SessionInfo session) {
        return session.remoteAddress().getAddress().getHostAddress().equals("192.0.2.66")
                ? refusal(554, "5.7.1", "not you")
                : SmtpHandler.super.connected(session);
    }

    @Override
    public Reply mail(SessionInfo session, ReversePath reversePath, EsmtpParameters parameters) {
        asked.add("MAIL " + reversePath + parameters);
        if (reversePath.toString().startsWith("throws@")) {
            throw new IllegalStateException("the secret of the house");
        }
        return reversePath.toString().startsWith("goaway@")
                ? refusal(421, "4.7.0", "go away")
                : SmtpHandler.super.mail(session, reversePath, parameters);
    }

    @Override
    public Reply rcpt(SessionInfo session, Recipient recipient) {
        asked.add("RCPT " + recipient);
        return switch (recipient.mailbox().localPart()) {
            case "nobody" -> refusal(550, "5.1.1", "no such user");
            case "leave" -> refusal(421, "4.7.0", "go away");
            case "throws" -> throw new IllegalStateException("the secret of the house");
            case "intermediate" -> Reply.of(354, "what?");
            default -> SmtpHandler.super.rcpt(session, recipient);
        };
    }

    @Override
    public MessageSink data(SessionInfo session, Envelope envelope) throws IOException {
        String first = envelope.recipients().get(0).mailbox().localPart();
        if (first.equals("unopened")) {
            throw new IOException("the secret of the house");
        }
        if (first.equals("full")) {
            return MessageSink.refusing(refusal(452, "4.3.1", "no room"));
        }
        return new Sink(session, envelope, first);
    }

    private static Reply refusal(int code, String enhanced, String text) {
        return Reply.of(code, enhanced, text);
    }

    private final class Sink implements MessageSink {
        private final SessionInfo session;
        private final Envelope envelope;
        private final String behaviour;
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private boolean needsNoStuffing;
        private boolean over;

        Sink(SessionInfo session, Envelope envelope, String behaviour) {
            this.session = session;
            this.envelope = envelope;
            this.behaviour = behaviour;
        }

        @Override
        public Optional<Reply> refusal() {
            return Optional.empty();
        }

        @Override
        public void write(ByteBuffer slice) throws IOException {
            if (over) {
                throw new AssertionError("written to after its end");
            }
            byte[] octets = new byte[slice.remaining()];
            slice.get(octets);
            content.writeBytes(octets);
            if (behaviour.equals("unwritable")
                    && content.toString(StandardCharsets.ISO_8859_1).contains("body")) {
                throw new IOException("the secret of the house");
            }
        }

        @Override
        public void needsNoStuffing() {
            if (over) {
                throw new AssertionError("told after its end");
            }
            needsNoStuffing = true;
        }

        @Override
        public CompletionStage<Reply> complete() {
            if (over) {
                throw new AssertionError("ended twice");
            }
            over = true;
            switch (behaviour) {
                case "uncompletable":
                    return CompletableFuture.failedFuture(new IOException("the secret of the house"));
                case "spam":
                    return CompletableFuture.completedFuture(MailRoom.refusal(554, "5.7.1", "no spam"));
                default:
                    if (needsNoStuffing) {
                        unstuffed.add(content.toString(StandardCharsets.ISO_8859_1));
                    }
                    messages.add(new Message(session, envelope, content.toString(StandardCharsets.ISO_8859_1)));
                    return CompletableFuture.completedFuture(Reply.of(250, "2.0.0", "queued as " + messages.size()));
            }
        }

        @Override
        public CompletionStage<List<Reply>> completeForEach(int recipients) {
            return complete()
                    .thenApply(reply -> behaviour.equals("miscounted")
                            ? Collections.nCopies(recipients + 1, reply)
                            : envelope.recipients().stream()
                                    .map(each -> switch (each.mailbox().localPart()) {
                                        case "overquota" -> MailRoom.refusal(452, "4.2.2", "mailbox full");
                                        case "goaway" -> MailRoom.refusal(421, "4.7.0", "go away");
                                        default -> reply;
                                    })
                                    .toList());
        }

        @Override
        public void abort() {
            if (over) {
                throw new AssertionError("ended twice");
            }
            over = true;
            aborted.add(envelope);
        }
    }
}
