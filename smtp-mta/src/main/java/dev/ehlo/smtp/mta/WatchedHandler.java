package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.mta.selftest.Watch;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SmtpHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Passes all on to a handler, tells a watch of it before the client has its reply, and fails where the watch says. */
final class WatchedHandler implements SmtpHandler {
    private static final String FULL = "No space left on device, or so the rehearsal has it";

    private final SmtpHandler behind;
    private final Watch watch;

    WatchedHandler(SmtpHandler behind, Watch watch) {
        this.behind = behind;
        this.watch = watch;
    }

    private static InetAddress client(SessionInfo session) {
        return session.remoteAddress().getAddress();
    }

    @Override
    public Reply connected(SessionInfo session) {
        return behind.connected(session);
    }

    @Override
    public Reply hello(SessionInfo session) {
        return behind.hello(session);
    }

    @Override
    public Reply mail(SessionInfo session, ReversePath reversePath, EsmtpParameters parameters) {
        watch.ask(client(session), "MAIL " + reversePath + " " + parameters);
        return behind.mail(session, reversePath, parameters);
    }

    @Override
    public Reply rcpt(SessionInfo session, Recipient recipient) {
        watch.ask(client(session), "RCPT " + recipient);
        return behind.rcpt(session, recipient);
    }

    @Override
    public MessageSink data(SessionInfo session, Envelope envelope) throws IOException {
        if (watch.fails(client(session), Watch.Fault.OPEN)) {
            throw new IOException(FULL);
        }
        return new Copy(behind.data(session, envelope), session, envelope);
    }

    @Override
    public void disconnected(SessionInfo session) {
        behind.disconnected(session);
    }

    private final class Copy implements MessageSink {
        private final MessageSink sink;
        private final SessionInfo session;
        private final Envelope envelope;
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();

        Copy(MessageSink sink, SessionInfo session, Envelope envelope) {
            this.sink = sink;
            this.session = session;
            this.envelope = envelope;
        }

        @Override
        public Optional<Reply> refusal() {
            return sink.refusal();
        }

        @Override
        public void write(ByteBuffer slice) throws IOException {
            if (watch.fails(client(session), Watch.Fault.WRITE)) {
                throw new IOException(FULL);
            }
            byte[] octets = new byte[slice.remaining()];
            slice.duplicate().get(octets);
            content.writeBytes(octets);
            sink.write(slice);
        }

        @Override
        public void needsNoStuffing() {
            sink.needsNoStuffing();
        }

        @Override
        public CompletionStage<Reply> complete() {
            if (watch.fails(client(session), Watch.Fault.COMPLETE)) {
                sink.abort();
                return CompletableFuture.failedFuture(new IOException(FULL));
            }
            return sink.complete().thenApply(reply -> {
                if (reply.isPositive()) {
                    watch.take(client(session), message());
                }
                return reply;
            });
        }

        private Watch.Message message() {
            return new Watch.Message(
                    session.login().orElse(""),
                    envelope.reversePath().toString(),
                    envelope.recipients().stream().map(Recipient::toString).toList(),
                    content.toString(StandardCharsets.ISO_8859_1));
        }

        @Override
        public void abort() {
            sink.abort();
        }
    }
}
