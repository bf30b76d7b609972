package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.TestServers.await;
import static dev.ehlo.smtp.server.TestServers.builder;
import static dev.ehlo.smtp.server.TestServers.local;
import static dev.ehlo.smtp.server.TestServers.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that are silent, slow or gone, and handlers that are slow or fail. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class ServerUnderStrainTest {
    @Test
    void doesNotHoldATimeLimitAgainstAClientThatWaitsForTheHandler() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        SmtpHandler slow = new SmtpHandler() {
            @Override
            public Reply mail(SessionInfo session, ReversePath reversePath, EsmtpParameters parameters) {
                asked.countDown();
                await(release);
                return YES;
            }

            @Override
            public MessageSink data(SessionInfo session, Envelope envelope) throws IOException {
                throw new IOException("none");
            }
        };
        Profile hasty = local(Profile.mx()).timeouts(Duration.ofMillis(300), Duration.ofMillis(300));
        try (SmtpServer server = with(slow, false).listen(hasty).start();
                LineClient waiting = LineClient.connect(server.address("mx"));
                LineClient silent = LineClient.connect(server.address("mx"))) {
            waiting.expect("220 ").send("HELO x\r\n").expect("250 ");
            waiting.send("MAIL FROM:<>\r\n");
            await(asked);
            // Another session goes on meanwhile, and its time limit passes for it alone.
            silent.expect("220 ").send("NOOP\r\n").expect("250 ").expect("421 4.4.2 ");
            release.countDown();
            waiting.expect("250 ");
        }
    }

    @Test
    void letsABlockingSinkBeSlowerThanItsClient() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        SmtpHandler handler = (session, envelope) -> new MessageSink() {
            @Override
            public void write(ByteBuffer slice) {
                await(release);
                byte[] octets = new byte[slice.remaining()];
                slice.get(octets);
                taken.writeBytes(octets);
            }

            @Override
            public CompletionStage<Reply> complete() {
                return CompletableFuture.supplyAsync(() -> SmtpHandler.YES);
            }

            @Override
            public void abort() {
                throw new AssertionError();
            }
        };
        StringBuilder content = new StringBuilder();
        for (int i = 0; content.length() < 10 << 20; i++) {
            content.append("line ").append(i).append(" of a large message\r\n");
        }
        try (SmtpServer server =
                        with(handler, false).listen(local(Profile.mx())).start();
                LineClient client = LineClient.connect(server.address("mx"))) {
            client.expect("220 ").send("EHLO x\r\n").expect("250-");
            client.send("MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
                    .expect("250 ")
                    .expect("250 ")
                    .expect("354 ");
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                try {
                    client.send("\r\n" + content + ".\r\n");
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            try (LineClient other = LineClient.connect(server.address("mx"))) {
                other.expect("220 ").send("QUIT\r\n").expect("221 ");
            }
            assertThat(sent).isNotDone();
            release.countDown();
            client.expect("250 ");
            sent.join();
        }
        String text = taken.toString(StandardCharsets.US_ASCII);
        assertThat(text.substring(text.indexOf("\r\n\r\n") + 4)).isEqualTo(content.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"write", "complete"})
    void answersForABlockingSinkThatEndsInAnError(String where) throws Exception {
        CountDownLatch aborted = new CountDownLatch(1);
        SmtpHandler handler = (session, envelope) -> new MessageSink() {
            @Override
            public void write(ByteBuffer slice) {
                slice.position(slice.limit());
                failAt("write");
            }

            @Override
            public CompletionStage<Reply> complete() {
                failAt("complete");
                return CompletableFuture.completedFuture(SmtpHandler.YES);
            }

            @Override
            public void abort() {
                aborted.countDown();
                failAt("write");
            }

            private void failAt(String place) {
                if (where.equals(place)) {
                    throw new StackOverflowError("the secret of the house");
                }
            }
        };
        try (SmtpServer server =
                        with(handler, false).listen(local(Profile.mx())).start();
                LineClient client = LineClient.connect(server.address("mx"))) {
            client.expect("220 ").send("EHLO x\r\n").expect("250-");
            for (int octets : new int[] {1, 1 << 20}) {
                client.send("MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
                        .expect("250 ")
                        .expect("250 ")
                        .expect("354 ");
                client.send("\r\n" + "x".repeat(octets) + "\r\n.\r\n").expect("451 4.3.0 ");
            }
            if (where.equals("write")) {
                await(aborted);
            }
        }
    }

    @Test
    void answersForAHandlerAndAnAuthenticatorThatEndInAnError() throws IOException {
        SmtpHandler handler = new SmtpHandler() {
            @Override
            public Reply mail(SessionInfo session, ReversePath reversePath, EsmtpParameters parameters) {
                throw new StackOverflowError("the secret of the house");
            }

            @Override
            public MessageSink data(SessionInfo session, Envelope envelope) throws IOException {
                throw new IOException("none");
            }
        };
        SmtpServerBuilder builder = with(handler, false).authenticator((login, password) -> {
            if (password.equals("secret")) {
                return Optional.of(login);
            }
            throw new StackOverflowError("the secret of the house");
        });
        try (SmtpServer server = builder.listen(local(Profile.submissions())).start();
                LineClient client = LineClient.connectTls(server.address("submissions"))) {
            client.expect("220 ").send("EHLO x\r\n").expect("250-");
            client.send("AUTH PLAIN AGFsaWNlAHdyb25n\r\n").expect("454 4.7.0 ");
            client.send("AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n").expect("235 ");
            client.send("MAIL FROM:<alice@example.org>\r\n").expect("451 4.3.0 ");
            client.send("QUIT\r\n").expect("221 ").expectEnd();
        }
    }

    @Test
    void abortsAClientThatNeverReadsTheRepliesOfABlockingHandler() throws IOException {
        String[] lines = new String[20];
        Arrays.fill(lines, "long ".repeat(80));
        SmtpHandler talkative = new SmtpHandler() {
            @Override
            public Reply mail(SessionInfo session, ReversePath reversePath, EsmtpParameters parameters) {
                return Reply.of(250, List.of(lines));
            }

            @Override
            public MessageSink data(SessionInfo session, Envelope envelope) throws IOException {
                throw new IOException("none");
            }
        };
        Profile hasty = local(Profile.mx())
                .limits(SessionLimits.STANDARD
                        .times(SessionTimes.STANDARD.times(Duration.ofMillis(300), Duration.ofMillis(300)))
                        .maxIdleCommands(10_000_000));
        try (SmtpServer server = with(talkative, false).listen(hasty).start();
                LineClient client = LineClient.connectNarrow(server.address("mx"))) {
            client.expect("220 ").send("HELO x\r\n").expect("250 ");
            assertThatThrownBy(() -> {
                        while (true) {
                            client.send("MAIL FROM:<>\r\nRSET\r\n".repeat(100));
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
    }
}
