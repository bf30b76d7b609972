package dev.ehlo.smtp.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.Purpose;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SmtpHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A {@link MailRoom} with a guard: whatever the client said, only what the profile allows is asked, and in order. */
final class WatchfulHandler implements SmtpHandler {
    /** What was asked, in order. */
    final List<String> log = new ArrayList<>();

    private final MailRoom room = new MailRoom();
    private final Profile profile;
    private final List<Sink> sinks = new ArrayList<>();
    private boolean tls;
    private boolean greeted;
    private @Nullable ReversePath reversePath;
    private EsmtpParameters parameters = EsmtpParameters.NONE;
    private final List<Recipient> recipients = new ArrayList<>();

    WatchfulHandler(Profile profile) {
        this.profile = profile;
    }

    /** What the handler itself does wrong, as its client wants it to; all else is the session's fault. */
    static void isMishap(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        assertThat(cause).isNotInstanceOf(Error.class);
        assertThat(cause).message().matches("the secret of the house|the (handler|sink) answered .*");
    }

    /** No state survives: who goes on is greeted anew, and has no transaction. RFC 3207 §4.2. */
    void turnedToTls() {
        greeted = false;
        reversePath = null;
        tls = true;
    }

    /** The session is over: every sink has come to its one end. */
    void checkEnds() {
        assertThat(sinks).allSatisfy(sink -> assertThat(sink.ends).isEqualTo(1));
    }

    @Override
    public Reply hello(SessionInfo session) {
        log.add("HELLO " + session.helo() + ' ' + session.esmtp());
        greeted = true;
        reversePath = null;
        return room.hello(session);
    }

    @Override
    public Reply mail(SessionInfo session, ReversePath path, EsmtpParameters given) {
        log.add("MAIL " + path + ' ' + given);
        assertThat(greeted).isTrue();
        if (tls) {
            assertThat(session.tls()).isPresent();
        }
        if (profile.isSubmission()) {
            assertThat(session.tls()).isPresent();
            assertThat(session.login()).contains("alice");
            assertThat(path.toString().toLowerCase(Locale.ROOT)).isIn("", "alice@example.org");
        } else {
            assertThat(session.login()).isEmpty();
        }
        Reply reply = room.mail(session, path, given);
        if (reply.isPositive()) {
            reversePath = path;
            parameters = given;
            recipients.clear();
        }
        return reply;
    }

    @Override
    public Reply rcpt(SessionInfo session, Recipient recipient) {
        log.add("RCPT " + recipient);
        assertThat(reversePath).isNotNull();
        assertThat(recipients).hasSizeLessThan(profile.limits().maxRecipients());
        if (profile.purpose() == Purpose.RELAY) {
            assertThat(recipient.mailbox()).satisfies(WatchfulHandler::isOurs);
        }
        Reply reply = room.rcpt(session, recipient);
        if (reply.isPositive()) {
            recipients.add(recipient);
        }
        return reply;
    }

    /** What a stranger may send to, said otherwise than the server says it. */
    private static void isOurs(Mailbox mailbox) {
        String text = mailbox.toString().toLowerCase(Locale.ROOT);
        if (!text.equals("postmaster")) {
            assertThat(text).endsWith("@example.org");
            assertThat(text.substring(0, text.length() - "@example.org".length()))
                    .doesNotContain("@", "%", "!");
        }
    }

    @Override
    public MessageSink data(SessionInfo session, Envelope envelope) throws IOException {
        log.add("DATA " + envelope.reversePath() + ' ' + envelope.parameters() + ' ' + envelope.recipients());
        assertThat(envelope.reversePath()).isEqualTo(reversePath);
        assertThat(envelope.parameters()).isEqualTo(parameters);
        assertThat(envelope.recipients()).isEqualTo(recipients).isNotEmpty();
        Sink sink = new Sink(room.data(session, envelope));
        sinks.add(sink);
        return sink;
    }

    private final class Sink implements MessageSink {
        private final MessageSink to;
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private int ends;
        private boolean begun;

        Sink(MessageSink to) {
            this.to = to;
        }

        @Override
        public Optional<Reply> refusal() {
            return to.refusal();
        }

        @Override
        public void write(ByteBuffer slice) throws IOException {
            assertThat(ends).isZero();
            begun = true;
            byte[] octets = new byte[slice.remaining()];
            slice.duplicate().get(octets);
            content.writeBytes(octets);
            to.write(slice);
        }

        @Override
        public CompletionStage<Reply> complete() {
            return completed(to::complete);
        }

        @Override
        public CompletionStage<List<Reply>> completeForEach(int count) {
            assertThat(count).isEqualTo(recipients.size());
            return completed(() -> to.completeForEach(count));
        }

        private <T> T completed(Supplier<T> completion) {
            log.add("COMPLETE " + content.toString(StandardCharsets.ISO_8859_1));
            end();
            return completion.get();
        }

        @Override
        public void abort() {
            log.add("ABORT");
            end();
            to.abort();
        }

        private void end() {
            ends++;
            if (begun) {
                // Content ends its transaction, whatever becomes of it.
                reversePath = null;
            }
        }
    }
}
