package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.TestServers.await;
import static dev.ehlo.smtp.server.TestServers.local;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many logins at once of whom nobody knows, and one of somebody who was there before. Attack 24 of THREATS.md. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class StrangersTest {
    private static final int AT_ONCE = Math.max(4, Runtime.getRuntime().availableProcessors());

    private static String plain(String login, String password) {
        byte[] octets = ("\0" + login + '\0' + password).getBytes(StandardCharsets.UTF_8);
        return "AUTH PLAIN " + Base64.getEncoder().encodeToString(octets) + "\r\n";
    }

    @Test
    void leaveAUserWhoIsKnownThereHisTurnAndTakeTheirsAFewAtATime() throws Exception {
        CountDownLatch asked = new CountDownLatch(AT_ONCE);
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger strangers = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        SmtpServerBuilder building = TestServers.builder()
                .inlineHandler((session, envelope) -> MessageSink.refusing(Reply.of(554, "5.7.1", "No mail")))
                .limits(ServerLimits.STANDARD.failedLogins(1000, 1000))
                .authenticator((login, password) -> {
                    if (login.equals("alice")) {
                        return Optional.of(login);
                    }
                    most.accumulateAndGet(strangers.incrementAndGet(), Math::max);
                    asked.countDown();
                    await(release);
                    strangers.decrementAndGet();
                    return Optional.empty();
                });
        List<LineClient> guessers = new ArrayList<>();
        try (SmtpServer server = building.listen(local(Profile.submissions())).start()) {
            logIn(server);
            for (int i = 0; i < AT_ONCE + 3; i++) {
                LineClient guesser = LineClient.connectTls(server.address("submissions"));
                guessers.add(guesser);
                guesser.expect("220 ").send("EHLO x\r\n").expect("250-").send(plain("guess" + i, "wrong"));
            }
            await(asked);
            logIn(server);
            release.countDown();
            for (LineClient guesser : guessers) {
                guesser.expect("535 5.7.8 ");
            }
            assertThat(most.get()).isEqualTo(AT_ONCE);
        } finally {
            release.countDown();
            for (LineClient guesser : guessers) {
                guesser.close();
            }
        }
    }

    private static void logIn(SmtpServer server) throws Exception {
        try (LineClient client = LineClient.connectTls(server.address("submissions"))) {
            client.expect("220 ")
                    .send("EHLO x\r\n")
                    .expect("250-")
                    .send(plain("alice", "right"))
                    .expect("235 ");
        }
    }
}
