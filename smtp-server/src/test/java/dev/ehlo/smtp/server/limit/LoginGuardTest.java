package dev.ehlo.smtp.server.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.server.ServerLimits;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Attack 24 of THREATS.md, guessing at passwords, by a clock that stands still unless told. */
class LoginGuardTest {
    private static final int OF_LOGIN = 5;
    private static final int OF_NETWORK = 20;
    private static final Duration LONGEST = Duration.ofMinutes(15);
    private static final String ELSEWHERE = "203.0.113.1";

    private long now = Long.MAX_VALUE - Duration.ofMinutes(1).toNanos(); // it overflows while the tests run
    private final LoginGuard guard = guard(ServerLimits.STANDARD);

    private LoginGuard guard(ServerLimits limits) {
        return new LoginGuard(limits, Set.of("example.org"), () -> now);
    }

    private static InetAddress at(String address) {
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    /** As a server does with a wrong password; whether the authenticator was asked. */
    private boolean guess(String login, String address) {
        boolean may = guard.mayTry(login, at(address));
        if (may) {
            guard.failed(login, at(address));
        }
        return may;
    }

    private int guesses(int count, String login, String address) {
        int asked = 0;
        for (int i = 0; i < count; i++) {
            asked += guess(login, address) ? 1 : 0;
        }
        return asked;
    }

    private boolean logIn(String login, String address) {
        boolean may = guard.mayTry(login, at(address));
        if (may) {
            guard.succeeded(login, at(address));
        }
        return may;
    }

    @Test
    void locksOutWhoGuessesAtOneLogin() {
        assertThat(guesses(100, "alice", "192.0.2.1")).isEqualTo(OF_LOGIN);
    }

    @Test
    void doublesEachLockOutUpToTheLongest() {
        guesses(100, "alice", "192.0.2.1");
        for (long seconds = 1; seconds < 2 * LONGEST.toSeconds(); seconds *= 2) {
            Duration lockOut = Duration.ofSeconds(Math.min(seconds, LONGEST.toSeconds()));
            pass(lockOut.minusMillis(1));
            assertThat(guess("alice", "192.0.2.1")).as("before %s", lockOut).isFalse();
            pass(Duration.ofMillis(1));
            assertThat(guesses(10, "alice", "192.0.2.1"))
                    .as("after %s", lockOut)
                    .isEqualTo(1);
        }
    }

    @Test
    void isNotHeldToALockOutByWhoGoesOnGuessing() {
        guesses(100, "alice", "192.0.2.1");
        pass(Duration.ofMillis(999));
        assertThat(guesses(1000, "alice", "192.0.2.1")).isZero();
        pass(Duration.ofMillis(1));
        assertThat(logIn("alice", "192.0.2.1")).isTrue();
    }

    @Test
    void letsOneOfManyTryOnceALockOutIsOver() {
        guesses(100, "alice", "192.0.2.1");
        pass(Duration.ofSeconds(1));
        assertThat(guard.mayTry("alice", at("192.0.2.1"))).isTrue();
        assertThat(guard.mayTry("alice", at("192.0.2.1"))).isFalse();
        assertThat(guard.mayTry("alice", at(ELSEWHERE))).isFalse();
    }

    @Test
    void forgetsFailuresOneByOne() {
        guesses(OF_LOGIN, "alice", "192.0.2.1");
        pass(Failures.FORGOTTEN_EACH.multipliedBy(2));
        assertThat(guesses(100, "alice", "192.0.2.1")).isEqualTo(2);
        pass(Failures.FORGOTTEN_EACH.multipliedBy(Failures.MOST_BEYOND + OF_LOGIN));
        assertThat(guesses(100, "alice", "192.0.2.1")).isEqualTo(OF_LOGIN);
    }

    @Test
    void countsTheAddressesOfOneNetworkTogether() {
        int asked = 0;
        for (int i = 0; i < 250; i++) {
            asked += guesses(2, "login" + i, "192.0.2." + i);
        }
        assertThat(asked).isEqualTo(OF_NETWORK);
        asked = 0;
        for (int i = 0; i < 250; i++) {
            asked += guesses(2, "login" + i, "2001:db8::" + i + ":1");
        }
        assertThat(asked).isEqualTo(OF_NETWORK);
    }

    @Test
    void countsALoginHoweverItIsWritten() {
        String[] written = {"alice", "ALICE", "alice@example.org", "Alice@EXAMPLE.org", "\uff41lice"};
        int asked = 0;
        for (int i = 0; i < 100; i++) {
            asked += guesses(1, written[i % written.length], "198.51." + i + ".1");
        }
        assertThat(asked).isEqualTo(OF_LOGIN);
        assertThat(guess("alice@example.net", ELSEWHERE)).isTrue();
    }

    @Test
    void locksNobodyOutWhereHeHasLoggedInBefore() {
        assertThat(logIn("alice", ELSEWHERE)).isTrue();
        for (int i = 0; i < 1000; i++) {
            guesses(3, "alice", "198." + i / 250 + "." + i % 250 + ".1");
        }
        assertThat(guess("alice", "192.0.2.1")).isFalse();
        assertThat(logIn("alice", ELSEWHERE)).isTrue();
        pass(LoginGuard.KNOWN.dividedBy(2));
        assertThat(logIn("alice", ELSEWHERE)).isTrue();
    }

    @Test
    void letsInWhoIsAtHomeBesideAGuesserInHisNetwork() {
        assertThat(logIn("alice", "192.0.2.1")).isTrue();
        for (int i = 2; i < 250; i++) {
            guesses(10, "alice", "192.0.2." + i);
            guesses(10, "bob", "192.0.2." + i);
        }
        assertThat(logIn("alice", "192.0.2.1")).isTrue();
        assertThat(logIn("bob", "192.0.2.1")).isFalse();
    }

    @Test
    void limitsTheGuessesAtHomeAndInTheNetworkAroundIt() {
        logIn("alice", "192.0.2.1");
        assertThat(guesses(100, "alice", "192.0.2.1")).isEqualTo(OF_LOGIN);
        int asked = 0;
        for (int i = 2; i < 250; i++) {
            asked += guesses(10, "alice", "192.0.2." + i);
        }
        assertThat(asked).isEqualTo(OF_LOGIN);
    }

    @Test
    void isNotFooledByLoginsOfTheGuesserInBetween() {
        int asked = 0;
        for (int i = 0; i < 200; i++) {
            asked += guesses(1, "login" + i, "192.0.2.66");
            logIn("mallory", "192.0.2.66");
        }
        assertThat(asked).isEqualTo(OF_NETWORK);
    }

    @Test
    void hurtsNoOtherLogin() {
        guesses(1000, "alice", "192.0.2.1");
        assertThat(logIn("bob", ELSEWHERE)).isTrue();
        assertThat(logIn("bob", "192.0.2.1")).isTrue();
    }

    @Test
    void forgetsWhereALoginWasAtHome() {
        logIn("alice", "192.0.2.1");
        pass(LoginGuard.KNOWN.plusSeconds(1));
        for (int i = 0; i < 100; i++) {
            guess("alice", "198.51." + i + ".1");
        }
        assertThat(guess("alice", "192.0.2.1")).isFalse();
    }

    @Test
    void countsNoFailuresOfAnAllowedNetworkButThoseOfTheLogin() {
        LoginGuard lenient = guard(ServerLimits.STANDARD.allow(List.of(Network.parse("192.0.2.0/24"))));
        for (int i = 0; i < 1000; i++) {
            assertThat(lenient.mayTry("login" + i, at("192.0.2.1"))).isTrue();
            lenient.failed("login" + i, at("192.0.2.1"));
        }
        for (int i = 1; i < OF_LOGIN; i++) {
            lenient.failed("login0", at("192.0.2.1"));
        }
        assertThat(lenient.mayTry("login0", at("192.0.2.1"))).isFalse();
    }

    @Test
    void countsTriesWithoutALoginForTheNetworkAlone() {
        assertThat(guesses(100, "", "192.0.2.1")).isEqualTo(OF_NETWORK);
        assertThat(guess("", ELSEWHERE)).isTrue();
    }

    @Test
    void letsNoCrowdTryAtOnceBeforeTheFirstHasFailed() {
        int asked = 0;
        for (int i = 0; i < 10_000; i++) {
            asked += guard.mayTry("alice", at("198." + i / 250 + "." + i % 250 + ".1")) ? 1 : 0;
        }
        assertThat(asked).isEqualTo(300);
        for (int i = 0; i < 1000; i++) {
            asked += guard.mayTry("login" + i, at(ELSEWHERE)) ? 1 : 0;
        }
        assertThat(asked).isEqualTo(600);
    }

    @Test
    void letsAnyNumberTryWhereTheLoginIsAtHome() {
        logIn("alice", ELSEWHERE);
        for (int i = 0; i < 10_000; i++) {
            assertThat(logIn("alice", ELSEWHERE)).isTrue();
        }
    }

    @Test
    void knowsWhereSomebodyHasLoggedInUntilThatIsLongAgo() {
        assertThat(guard.isKnown("alice", at(ELSEWHERE))).isFalse();
        assertThat(logIn("alice", ELSEWHERE)).isTrue();
        assertThat(guard.isKnown("alice", at(ELSEWHERE))).isTrue();
        assertThat(guard.isKnown("alice", at("203.0.113.77"))).as("next door").isTrue();
        assertThat(guard.isKnown("alice", at("198.51.100.1"))).isFalse();
        assertThat(guard.isKnown("bob", at(ELSEWHERE))).isFalse();
        pass(LoginGuard.KNOWN.plusDays(1));
        assertThat(guard.isKnown("alice", at(ELSEWHERE))).isFalse();
    }
}
