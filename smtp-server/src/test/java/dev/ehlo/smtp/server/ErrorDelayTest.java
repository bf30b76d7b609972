package dev.ehlo.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ehlo.smtp.server.session.MailRoom;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that are made to wait for the replies to their errors, attack 24 of the list; the time is the test's. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class ErrorDelayTest {
    private static final ErrorDelay DELAY = new ErrorDelay(2, Duration.ofSeconds(10), Duration.ofSeconds(25));

    @RegisterExtension
    static final Siege siege = new Siege(
            profile -> profile.limits(SessionLimits.STANDARD.maxErrors(6).errorDelay(DELAY)));

    private static LineClient greeted(Entrance entrance) throws IOException {
        return entrance.open(siege.server).send("EHLO client.example\r\n").expect("250-");
    }

    private static void assertNothingSaid(LineClient client) throws IOException {
        siege.turn();
        assertThat(client.hasReply()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void e24MakesErrorsWaitLongerEachTimeWhatIsPipelinedBehindThemToo(Entrance entrance) throws IOException {
        try (LineClient client = greeted(entrance)) {
            client.send("FOO\r\n".repeat(7) + "NOOP\r\n");
            client.expect("500 ").expect("500 ");
            for (int seconds : new int[] {10, 20, 25, 25}) {
                siege.pass(Duration.ofSeconds(seconds - 1));
                assertNothingSaid(client);
                siege.pass(Duration.ofSeconds(2));
                client.expect("500 ");
            }
            client.expect("421 4.7.0 ").expectEnd();
        }
        siege.assertServesOthers();
    }

    @ParameterizedTest
    @EnumSource
    void makesNobodyWaitForWhatIsNoError(Entrance entrance) throws IOException {
        try (LineClient client = greeted(entrance)) {
            client.send("FOO\r\nNOOP\r\nFOO\r\nNOOP\r\nFOO\r\n");
            client.expect("500 ").expect("250 ").expect("500 ").expect("250 ");
            assertNothingSaid(client);
            siege.pass(Duration.ofSeconds(11));
            client.expect("500 ").send("NOOP\r\n").expect("250 ");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MX_IN_CLEAR", "MX_AFTER_STARTTLS"})
    void makesAGuesserOfMailboxesWait(Entrance entrance) throws IOException {
        try (LineClient client = greeted(entrance)) {
            client.send("MAIL FROM:<a@remote.example>\r\n" + "RCPT TO:<nobody@example.org>\r\n".repeat(3));
            client.expect("250 ").expect("550 ").expect("550 ");
            assertNothingSaid(client);
            siege.pass(Duration.ofSeconds(11));
            client.expect("550 ").send("RCPT TO:<b@example.org>\r\n").expect("250 ");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SUBMISSION", "SUBMISSIONS"})
    void makesNoUserWaitWhoHasLoggedIn(Entrance entrance) throws IOException {
        try (LineClient client = greeted(entrance)) {
            client.send(Entrance.LOGIN).expect("235 ");
            client.send("FOO\r\n".repeat(6) + "NOOP\r\n");
            for (int i = 0; i < 6; i++) {
                client.expect("500 ");
            }
            client.expect("250 ");
        }
    }

    @Test
    void letsAServerThatGoesDownNotWaitForThoseWhoWait() throws IOException {
        Profile slow = Profile.mx().limits(SessionLimits.STANDARD.errorDelay(DELAY));
        try (SmtpServer server = TestServers.with(new MailRoom(), true)
                        .deadlineClock(siege.clock::nanoTime)
                        .listen(TestServers.local(slow))
                        .start();
                LineClient client = Entrance.MX_IN_CLEAR.ready(server)) {
            client.send("FOO\r\n".repeat(3)).expect("500 ").expect("500 ");
            CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> server.drain(Duration.ofSeconds(20)));
            client.expect("500 ").expect("421 4.3.2 ").expectEnd();
            drained.join();
        }
    }

    @Test
    void growsUpToItsBound() {
        assertThat(DELAY.nanosOf(1)).isZero();
        assertThat(DELAY.nanosOf(2)).isZero();
        assertThat(DELAY.nanosOf(3)).isEqualTo(Duration.ofSeconds(10).toNanos());
        assertThat(DELAY.nanosOf(4)).isEqualTo(Duration.ofSeconds(20).toNanos());
        assertThat(DELAY.nanosOf(5)).isEqualTo(Duration.ofSeconds(25).toNanos());
        assertThat(DELAY.nanosOf(Integer.MAX_VALUE))
                .isEqualTo(Duration.ofSeconds(25).toNanos());
        assertThat(ErrorDelay.NONE.nanosOf(Integer.MAX_VALUE)).isZero();
    }

    @Test
    void isNeverLongerThanClientsWait() {
        Duration second = Duration.ofSeconds(1);
        assertThatIllegalArgumentException().isThrownBy(() -> new ErrorDelay(-1, second, second));
        assertThatIllegalArgumentException().isThrownBy(() -> new ErrorDelay(1, second.negated(), second));
        assertThatIllegalArgumentException().isThrownBy(() -> new ErrorDelay(1, second, Duration.ofMinutes(5)));
    }
}
