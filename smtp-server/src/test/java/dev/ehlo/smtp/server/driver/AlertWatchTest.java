package dev.ehlo.smtp.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.server.Alert;
import dev.ehlo.smtp.server.AlertThresholds;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.ServerEvents;
import dev.ehlo.smtp.server.limit.LoginNames;
import dev.ehlo.smtp.server.limit.NameHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AlertWatchTest {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final List<Alert> alerts = new ArrayList<>();
    private long now = Long.MAX_VALUE - 30 * MINUTE; // a clock of nanoseconds may wrap around
    private final AlertWatch watch = new AlertWatch(
            AlertThresholds.STANDARD.failedLogins(3, 5).refusedRecipients(10).unusualVolume(4, 100),
            new LoginNames(Set.of("example.org"), Octets::lowerAscii),
            () -> now,
            new ServerEvents() {
                @Override
                public void alert(Alert alert) {
                    alerts.add(alert);
                }
            });

    private void fail(String login, String address) {
        watch.loginFailed(Sessions.from(address), login, Mechanism.PLAIN, Refusal.BAD_CREDENTIALS);
    }

    private void send(String login, int recipients) {
        watch.transaction(Sessions.accepted(Sessions.from("192.0.2.7").loggedIn(login), recipients, 0));
    }

    @Test
    void tellsOncePerWindowOfALoginThatIsGuessedAtFromAnywhere() {
        for (int i = 0; i < 10; i++) {
            fail("alice", "192.0." + i + ".7");
        }
        assertThat(alerts).containsExactly(new Alert(Alert.Kind.FAILED_LOGINS_OF_LOGIN, "alice", 3, 600));
        now += 10 * MINUTE;
        fail("alice", "192.0.2.7");
        fail("alice", "192.0.2.7");
        assertThat(alerts).hasSize(1);
        fail("alice", "192.0.2.7");
        assertThat(alerts).hasSize(2);
    }

    @Test
    void countsALoginAsOneHoweverItIsWritten() {
        List<String> forms =
                List.of("alice", "ALICE", "alice@example.org", "ali\u00ADce", "\uFF41lice", "Alice@EXAMPLE.org");
        for (int i = 0; i < forms.size(); i++) {
            fail(forms.get(i), "192.0." + i + ".7");
        }
        assertThat(alerts).containsExactly(new Alert(Alert.Kind.FAILED_LOGINS_OF_LOGIN, "alice", 3, 600));
    }

    @Test
    void aLoginIsNotPushedOutByOthersOfItsHashCode() {
        fail("alice", "192.0.2.7");
        fail("alice", "192.0.3.7");
        // All of one String.hashCode, the first one and what stands in front of it alike.
        int last = 256;
        for (int i = 0; i < last; i++) {
            StringBuilder name = new StringBuilder();
            for (int bit = 0; bit < 8; bit++) {
                name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            now++;
            fail(name + "alice", "198." + i + ".2.7");
        }
        fail("alice", "192.0.4.7");
        assertThat(alerts).containsExactly(new Alert(Alert.Kind.FAILED_LOGINS_OF_LOGIN, "alice", 3, 600));
    }

    @Test
    void countsANetworkAsOneWhomeverItClaimsToBe() {
        for (int i = 0; i < 5; i++) {
            fail("u" + i, "192.0.2." + i);
            fail("v" + i, "2001:db8:0:1::" + i);
        }
        assertThat(alerts)
                .containsExactly(
                        new Alert(Alert.Kind.FAILED_LOGINS_OF_NETWORK, "192.0.2.0/24", 5, 600),
                        new Alert(Alert.Kind.FAILED_LOGINS_OF_NETWORK, "2001:db8:0:1:0:0:0:0/64", 5, 600));
    }

    @Test
    void tellsOfAClientThatAsksForManyRecipientsThatAreRefused() {
        watch.transaction(Sessions.accepted(Sessions.from("192.0.2.7"), 1, 9));
        assertThat(alerts).isEmpty();
        watch.transaction(Sessions.accepted(Sessions.from("192.0.2.8"), 1, 4));
        assertThat(alerts).containsExactly(new Alert(Alert.Kind.UNKNOWN_RECIPIENTS, "192.0.2.0/24", 13, 600));
    }

    @Test
    void tellsOfAVolumeFarAboveTheHabitOfALogin() {
        // Who sends much each hour is told of when nothing is known of him, and not for his habit.
        for (int hour = 0; hour < 5; hour++) {
            send("news", 300);
            send("alice", 20);
            now += 60 * MINUTE;
        }
        assertThat(alerts).containsExactly(new Alert(Alert.Kind.UNUSUAL_VOLUME, "news", 300, 3600));
        send("news", 1100);
        send("alice", 90);
        assertThat(alerts).hasSize(1);
        send("alice", 10);
        send("news", 100);
        assertThat(alerts)
                .endsWith(
                        new Alert(Alert.Kind.UNUSUAL_VOLUME, "alice", 100, 3600),
                        new Alert(Alert.Kind.UNUSUAL_VOLUME, "news", 1200, 3600));
    }

    @Test
    void keepsItsSizeAndWhatWasSeenLastWhateverManyClaimToBe() {
        Habits habits = new Habits(64, MINUTE);
        NameHash keys = new NameHash();
        long alice = keys.of("alice");
        for (int i = 0; i < 100_000; i++) {
            now++;
            habits.add(keys.of("guess" + i), 1, 0, 100, now);
            if (i % 2 == 0) {
                habits.add(alice, 1, 0, 100_000, now);
            }
        }
        // None of those that came once has pushed out who comes again and again.
        assertThat(habits.add(alice, 50_000, 0, 100_000, now)).isEqualTo(100_000);
    }
}
