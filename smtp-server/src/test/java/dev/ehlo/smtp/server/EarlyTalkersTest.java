package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.TestServers.local;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that talk before the greeting, where the handler takes its time or the greeting is held back. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class EarlyTalkersTest {
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final Duration LONG = Duration.ofMinutes(4);

    private volatile CountDownLatch decided = new CountDownLatch(1);
    private volatile CompletableFuture<Reply> answer = new CompletableFuture<>();
    private final AtomicInteger asked = new AtomicInteger();

    /** Lets each client in when the latch has been let go, and blocks until then. */
    private final SmtpHandler blocking = new SmtpHandler() {
        @Override
        public Reply connected(SessionInfo session) {
            asked.incrementAndGet();
            TestServers.await(decided);
            return YES;
        }

        @Override
        public MessageSink data(SessionInfo session, Envelope envelope) throws IOException {
            throw new IOException("no place to put it");
        }
    };

    /** The same, in stages. */
    private final StagedHandler staged = new StagedHandler() {
        @Override
        public CompletionStage<Reply> connected(SessionInfo session) {
            asked.incrementAndGet();
            return answer;
        }

        @Override
        public CompletionStage<MessageSink> data(SessionInfo session, Envelope envelope) {
            return CompletableFuture.failedFuture(new IOException("no place to put it"));
        }
    };

    private void decide() {
        decided.countDown();
        answer.complete(SmtpHandler.YES);
    }

    private static LineClient connect(SmtpServer server, Profile profile) throws IOException {
        InetSocketAddress address = server.address(profile.name());
        return profile.tls() == TlsMode.IMPLICIT ? LineClient.connectTls(address) : LineClient.connect(address);
    }

    private void awaitAsked(int times) {
        while (asked.get() < times) {
            Thread.onSpinWait();
        }
    }

    private List<SmtpServerBuilder> slowServers() {
        return List.of(
                TestServers.builder().handler(blocking), TestServers.builder().stagedHandler(staged));
    }

    /** Starts a server whose handler was asked nothing yet, and lets nobody in. */
    private SmtpServer undecided(SmtpServerBuilder builder) throws IOException {
        asked.set(0);
        decided = new CountDownLatch(1);
        answer = new CompletableFuture<>();
        return builder.start();
    }

    @ParameterizedTest
    @EnumSource
    void areRefusedByServersWhileTheHandlerThinks(TlsMode mode) throws Exception {
        Profile profile = Profile.mx().tls(mode);
        for (SmtpServerBuilder builder : slowServers()) {
            try (SmtpServer server = undecided(builder.listen(local(profile)));
                    LineClient early = connect(server, profile);
                    LineClient patient = connect(server, profile)) {
                awaitAsked(2);
                early.send("EHLO x\r\n").expect("554 5.5.1 ").expectEnd();
                decide();
                patient.expect("220 ").send("EHLO x\r\n").expect("250-");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void areHeardAfterTheGreetingWhereUsersSubmit(TlsMode mode) throws Exception {
        Profile profile = Profile.submission().tls(mode);
        for (SmtpServerBuilder builder : slowServers()) {
            try (SmtpServer server = undecided(builder.listen(local(profile)));
                    LineClient early = connect(server, profile)) {
                awaitAsked(1);
                early.send("EHLO x\r\n");
                decide();
                early.expect("220 ").expect("250-");
            }
        }
    }

    @Test
    void areRefusedBehindAProxysHeader() throws Exception {
        Profile profile = Profile.mx().proxyFrom(List.of(Network.parse("127.0.0.0/8")));
        try (SmtpServer server = TestServers.builder()
                        .handler(blocking)
                        .listen(local(profile))
                        .start();
                LineClient early = connect(server, profile);
                LineClient later = connect(server, profile)) {
            early.send("PROXY UNKNOWN\r\nEHLO x\r\n").expect("554 5.5.1 ").expectEnd();
            assertThat(asked).hasValue(0);
            later.send("PROXY UNKNOWN\r\n");
            awaitAsked(1);
            later.send("EHLO x\r\n").expect("554 5.5.1 ").expectEnd();
            decide();
        }
    }

    @ParameterizedTest
    @EnumSource
    void areRefusedWhileTheGreetingIsHeldBackAndCostNoQuestion(TlsMode mode) throws Exception {
        Profile profile = Profile.mx().tls(mode).greetingDelay(LONG);
        try (SmtpServer server = TestServers.builder()
                        .handler(blocking)
                        .listen(local(profile))
                        .start();
                LineClient early = connect(server, profile);
                LineClient patient = connect(server, profile)) {
            early.send("E").expect("554 5.5.1 ").expectEnd();
            while (server.connections() < 1) { // the patient one, accepted on another loop
                Thread.onSpinWait();
            }
            CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> server.drain(Duration.ofSeconds(60)));
            patient.expectEnd();
            drained.get(60, TimeUnit.SECONDS);
            assertThat(server.connections()).isZero();
        }
        assertThat(asked).hasValue(0);
    }

    @ParameterizedTest
    @EnumSource
    void areWelcomeWhenTheyWait(TlsMode mode) throws Exception {
        decide();
        Profile profile = Profile.mx().tls(mode).greetingDelay(SHORT);
        long start = System.nanoTime();
        try (SmtpServer server = TestServers.builder()
                        .handler(blocking)
                        .listen(local(profile))
                        .start();
                LineClient patient = connect(server, profile)) {
            patient.expect("220 ");
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SHORT.toNanos());
            if (mode == TlsMode.STARTTLS) {
                patient.send("STARTTLS\r\n").expect("220 ");
                patient.turnToTls();
            }
            patient.send("EHLO x\r\n").expect("250-");
        }
    }

    @Test
    void areHeardAfterADelayedGreetingWhereUsersSubmit() throws Exception {
        decide();
        Profile profile = Profile.submission().greetingDelay(SHORT);
        try (SmtpServer server = TestServers.builder()
                        .handler(blocking)
                        .listen(local(profile))
                        .start();
                LineClient early = connect(server, profile)) {
            early.send("EHLO x\r\nNOOP\r\n").expect("220 ").expect("250-").expect("250 ");
        }
    }

    @Test
    void areNotWaitedForLongerThanTheyWait() {
        assertThatIllegalArgumentException().isThrownBy(() -> Profile.mx().greetingDelay(Duration.ofMinutes(5)));
        assertThatIllegalArgumentException().isThrownBy(() -> Profile.mx().greetingDelay(Duration.ofNanos(-1)));
        assertThat(Profile.mx().greetingDelay()).isZero();
        assertThat(Profile.mx().greetingDelay(SHORT)).isNotEqualTo(Profile.mx());
    }
}
