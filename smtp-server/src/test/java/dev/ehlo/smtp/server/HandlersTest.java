package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.TestServers.local;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.Reply;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a handler may be and do, over sockets. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class HandlersTest {
    private static final Reply TAKEN = Reply.of(250, "2.0.0", "taken");

    /** Keeps what one connection says, in a field. */
    private static final class Remembering implements SmtpHandler {
        private final BlockingQueue<String> ended;
        private final StringBuilder seen = new StringBuilder();

        Remembering(BlockingQueue<String> ended) {
            this.ended = ended;
        }

        @Override
        public SmtpHandler forConnection(SessionInfo session) {
            return new Remembering(ended);
        }

        @Override
        public Reply connected(SessionInfo session) {
            seen.append("connected ");
            return YES;
        }

        @Override
        public Reply hello(SessionInfo session) {
            seen.append(session.helo()).append(session.tls().isPresent() ? " (TLS) " : " ");
            return session.helo().equals("spammer") ? Reply.of(550, "5.7.1", "not you") : YES;
        }

        @Override
        public MessageSink data(SessionInfo session, Envelope envelope) {
            return MessageSink.refusing(Reply.of(554, "5.7.1", "no mail"));
        }

        @Override
        public void disconnected(SessionInfo session) {
            ended.add(seen.append("ended as ").append(session.helo()).toString());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHandlerOfItsOwnKeepsWhatBelongsToAConnection(boolean inline) throws Exception {
        BlockingQueue<String> ended = new LinkedBlockingQueue<>();
        try (SmtpServer server = TestServers.with(new Remembering(ended), inline)
                .listen(local(Profile.mx()))
                .start()) {
            try (LineClient one = LineClient.connect(server.address("mx"));
                    LineClient other = LineClient.connect(server.address("mx"))) {
                one.expect("220 ")
                        .send("EHLO one\r\n")
                        .expect("250-")
                        .send("STARTTLS\r\n")
                        .expect("220 ");
                other.expect("220 ").send("EHLO other\r\n").expect("250-");
                one.turnToTls();
                one.send("EHLO again\r\n")
                        .expect("250-")
                        .send("QUIT\r\n")
                        .expect("221 ")
                        .expectEnd();
                assertThat(ended.poll(60, TimeUnit.SECONDS)).isEqualTo("connected one again (TLS) ended as again");
            }
            assertThat(ended.poll(60, TimeUnit.SECONDS)).isEqualTo("connected other ended as other");
        }
        assertThat(ended).isEmpty();
    }

    @Test
    void tellsTheHandlerOfTheEndOfAHandshakeThatFails() throws Exception {
        BlockingQueue<String> ended = new LinkedBlockingQueue<>();
        try (SmtpServer server = TestServers.builder()
                .inlineHandler(new Remembering(ended))
                .listen(local(Profile.mx()))
                .start()) {
            try (LineClient client = LineClient.connect(server.address("mx"))) {
                client.expect("220 ")
                        .send("EHLO x\r\n")
                        .expect("250-")
                        .send("STARTTLS\r\n")
                        .expect("220 ");
                client.send("this is no handshake\r\n");
            }
            assertThat(ended.poll(60, TimeUnit.SECONDS)).isEqualTo("connected x ended as x");
        }
    }

    @Test
    void aRefusedHelloLeavesAllAsItWas() throws Exception {
        try (SmtpServer server = TestServers.builder()
                        .handler(new Remembering(new LinkedBlockingQueue<>()))
                        .listen(local(Profile.mx()))
                        .start();
                LineClient client = LineClient.connect(server.address("mx"))) {
            client.expect("220 ").send("EHLO spammer\r\n").expect("550 5.7.1 not you");
            client.send("MAIL FROM:<>\r\n").expect("503 ").send("EHLO one\r\n").expect("250-");
            client.send("MAIL FROM:<>\r\n")
                    .expect("250 ")
                    .send("HELO spammer\r\n")
                    .expect("550 ");
            client.send("RCPT TO:<b@example.org>\r\n").expect("250 ");
        }
    }

    /** Answers recipients when it is told to, and others at once. */
    private static final class Late implements StagedHandler {
        final BlockingQueue<CompletableFuture<Reply>> asked = new LinkedBlockingQueue<>();
        final MessageSink sink;
        volatile boolean isOver;

        Late(MessageSink sink) {
            this.sink = sink;
        }

        @Override
        public CompletionStage<Reply> rcpt(SessionInfo session, Recipient recipient) {
            CompletableFuture<Reply> reply = new CompletableFuture<>();
            asked.add(reply);
            return reply;
        }

        @Override
        public CompletionStage<MessageSink> data(SessionInfo session, Envelope envelope) {
            return CompletableFuture.completedFuture(sink);
        }

        @Override
        public void disconnected(SessionInfo session) {
            isOver = true;
        }

        CompletableFuture<Reply> next() throws InterruptedException {
            CompletableFuture<Reply> reply = asked.poll(60, TimeUnit.SECONDS);
            assertThat(reply).isNotNull();
            return reply;
        }
    }

    @Test
    void repliesKeepTheirOrderHoweverLateAStageCompletes() throws Exception {
        Late late = new Late(MessageSink.refusing(Reply.of(554, "5.7.1", "no mail")));
        try (SmtpServer server = TestServers.builder()
                        .stagedHandler(late)
                        .listen(local(Profile.mx()))
                        .start();
                LineClient client = LineClient.connect(server.address("mx"))) {
            client.expect("220 ").send("EHLO x\r\n").expect("250-");
            client.send("MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nNOOP\r\nDATA\r\n");
            late.next().complete(Reply.of(550, "5.1.1", "not a"));
            late.next().completeExceptionally(new IOException("the secret of the house"));
            client.expect("250 2.1.0 ").expect("550 5.1.1 not a").expect("451 4.3.0 ");
            client.expect("250 ").expect("554 5.5.1 ");
            client.send("RCPT TO:<c@example.org>\r\n");
            late.next().complete(null);
            client.expect("451 4.3.0 ").send("RCPT TO:<c@example.org>\r\nNOOP\r\n");
            late.next().complete(TAKEN);
            client.expect("250 2.0.0 taken").expect("250 ");
        }
    }

    @Test
    void whatCameOfAMessageIsToldWhileTheNextOneIsAskedAbout() throws Exception {
        Late late = new Late(new Narrow(1_000_000));
        try (SmtpServer server = TestServers.builder()
                        .stagedHandler(late)
                        .listen(local(Profile.mx()))
                        .start();
                LineClient client = LineClient.connect(server.address("mx"))) {
            client.expect("220 ").send("EHLO x\r\n").expect("250-");
            client.send("MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nDATA\r\n");
            late.next().complete(TAKEN);
            client.expect("250 ").expect("250 ").expect("354 ");
            client.send("\r\nfirst\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\n");
            CompletableFuture<Reply> second = late.next();
            client.expect("250 2.0.0 taken");
            second.complete(TAKEN);
            client.expect("250 ").expect("250 2.0.0 taken");
        }
    }

    @Test
    void aHandlerIsToldOfTheEndOnlyWhenItHasAnswered() throws Exception {
        Late late = new Late(MessageSink.refusing(Reply.of(554, "5.7.1", "no mail")));
        try (SmtpServer server = TestServers.builder()
                .stagedHandler(late)
                .listen(local(Profile.mx()))
                .start()) {
            CompletableFuture<Reply> asked;
            try (LineClient client = LineClient.connect(server.address("mx"))) {
                client.expect("220 ").send("EHLO x\r\n").expect("250-");
                client.send("MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\n");
                asked = late.next();
                server.drain(Duration.ofMillis(1));
            }
            assertThat(server.connections()).isZero();
            assertThat(late.isOver).isFalse();
            asked.complete(TAKEN);
            Awaitility.await().atMost(Duration.ofSeconds(40)).until(() -> late.isOver);
        }
    }

    /** Full from so many octets on, until it is emptied. */
    private static final class Narrow implements PacedSink {
        private final long capacity;
        final CountDownLatch filled = new CountDownLatch(1);
        final AtomicLong octets = new AtomicLong();
        volatile boolean full;
        private volatile Runnable room = () -> {};

        Narrow(long capacity) {
            this.capacity = capacity;
        }

        @Override
        public void onRoom(Runnable run) {
            room = run;
        }

        @Override
        public boolean isFull() {
            return full;
        }

        @Override
        public void write(ByteBuffer slice) {
            octets.addAndGet(slice.remaining());
            slice.position(slice.limit());
            if (octets.get() > capacity && filled.getCount() > 0) {
                full = true;
                filled.countDown();
            }
        }

        void empty() {
            full = false;
            room.run();
        }

        @Override
        public CompletionStage<Reply> complete() {
            return CompletableFuture.completedFuture(TAKEN);
        }

        @Override
        public void abort() {}
    }

    @Test
    void aSinkThatIsFullStopsTheClientAndNotTheLoop() throws Exception {
        Narrow sink = new Narrow(500_000);
        try (SmtpServer server = TestServers.builder()
                        .loops(1)
                        .stagedHandler((session, envelope) -> CompletableFuture.completedFuture(sink))
                        .listen(local(Profile.mx()))
                        .start();
                LineClient client = LineClient.connect(server.address("mx"));
                LineClient other = LineClient.connect(server.address("mx"))) {
            client.expect("220 ").send("EHLO x\r\n").expect("250-");
            client.send("MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nDATA\r\n");
            client.expect("250 ").expect("250 ").expect("354 ");
            String line = "x".repeat(998) + "\r\n";
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    client.send("\r\n").send(line.repeat(2000)).send(".\r\n");
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            TestServers.await(sink.filled);
            long stopped = sink.octets.get();
            other.expect("220 ").send("NOOP\r\n").expect("250 ");
            assertThat(sink.octets.get()).isBetween(stopped, stopped + 64 * 1024);
            sink.empty();
            sending.get(60, TimeUnit.SECONDS);
            client.expect("250 2.0.0 taken");
            assertThat(sink.octets.get()).isGreaterThan(2_000_000);
        }
    }

    @Test
    void aSinkThatIsAbortedWhileItIsFullHoldsNobodyUp() throws Exception {
        Narrow sink = new Narrow(1000);
        try (SmtpServer server = TestServers.builder()
                        .stagedHandler((session, envelope) -> CompletableFuture.completedFuture(sink))
                        .listen(local(Profile.mx()))
                        .start();
                LineClient client = LineClient.connect(server.address("mx"))) {
            client.expect("220 ").send("EHLO x\r\n").expect("250-");
            client.send("MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nDATA\r\n");
            client.expect("250 ").expect("250 ").expect("354 ");
            client.send("\r\n" + "x".repeat(900) + "\n" + "x".repeat(900) + "\r\n.\r\n");
            client.expect("550 5.6.11 ").send("NOOP\r\n").expect("250 ");
            assertThat(sink.full).isTrue();
        }
    }

    @Test
    void aHandlerThatAnswersAsTheServerClosesIsToldOfTheEnd() throws Exception {
        BlockingQueue<String> ended = new LinkedBlockingQueue<>();
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        SmtpHandler slow = new SmtpHandler() {
            @Override
            public Reply rcpt(SessionInfo session, Recipient recipient) {
                asked.countDown();
                TestServers.await(closing);
                return RECIPIENT_OK;
            }

            @Override
            public MessageSink data(SessionInfo session, Envelope envelope) {
                return MessageSink.refusing(Reply.of(554, "5.7.1", "no mail"));
            }

            @Override
            public void disconnected(SessionInfo session) {
                ended.add(session.helo());
            }
        };
        SmtpServer server =
                TestServers.builder().handler(slow).listen(local(Profile.mx())).start();
        CompletableFuture<Void> closed;
        try (LineClient client = LineClient.connect(server.address("mx"))) {
            client.expect("220 ").send("EHLO x\r\n").expect("250-");
            client.send("MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\n");
            TestServers.await(asked);
            closed = CompletableFuture.runAsync(server::close);
            Awaitility.await().atMost(Duration.ofSeconds(40)).until(() -> server.connections() == 0);
            closing.countDown();
        }
        closed.get(60, TimeUnit.SECONDS);
        assertThat(ended).containsExactly("x");
    }

    @Test
    void servesSeveralOfAKindByName() throws Exception {
        try (SmtpServer server = TestServers.builder()
                .handler(new Remembering(new LinkedBlockingQueue<>()))
                .listen(local(Profile.mx()))
                .listen(local(Profile.mx().named("mx-2").maxMessageOctets(5)))
                .start()) {
            for (String name : List.of("mx", "mx-2")) {
                try (LineClient client = LineClient.connect(server.address(name))) {
                    String ehlo = client.expect("220 ").send("EHLO x\r\n").reply();
                    assertThat(ehlo.contains("SIZE 5\n")).isEqualTo(name.equals("mx-2"));
                }
            }
        }
    }
}
