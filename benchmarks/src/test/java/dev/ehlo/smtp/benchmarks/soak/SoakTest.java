package dev.ehlo.smtp.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Mechanism;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Each crowd in small, where outcomes count and times do not; the profile {@code soak} runs them in full too. */
@Timeout(900)
class SoakTest {
    private static Site site;
    private static Soak soak;

    @BeforeAll
    static void start() throws Exception {
        site = new Site("--durability", "process");
        soak = new Soak(SoakSize.SMALL);
    }

    @AfterAll
    static void stop() {
        soak.close();
        site.close();
    }

    private static void holds(Finding finding) {
        System.out.println(finding.row());
        assertThat(finding.broken()).as(finding.row()).isEmpty();
    }

    @Test
    void servesThoseWhoSendBesideThoseWhoAreIdleAndLosesNothing() throws Exception {
        holds(soak.idleAndActive(site));
    }

    @Test
    void greetsWhoeverComesAndGoes() throws Exception {
        holds(soak.newcomers(site));
    }

    @Test
    void takesMailBesideSlowSenders() throws Exception {
        holds(soak.slowSenders(site));
    }

    @Test
    void letsUsersInWhilePasswordsAreGuessed() throws Exception {
        holds(soak.guessing(site));
    }

    @Test
    void refusesKnownAndUnknownUsersAlike() throws Exception {
        holds(soak.refusedLogins(site, Mechanism.PLAIN));
        holds(soak.refusedLogins(site, Mechanism.SCRAM_SHA_256));
    }

    @Test
    @EnabledIfSystemProperty(named = "soak.full", matches = "true")
    void holdsInFull() throws Exception {
        assertThat(Soak.run(SoakSize.FULL, Set.of())).allSatisfy(finding -> {
            assertThat(finding.broken()).as(finding.row()).isEmpty();
            assertThat(finding.slow()).as(finding.row()).isEmpty();
        });
    }
}
