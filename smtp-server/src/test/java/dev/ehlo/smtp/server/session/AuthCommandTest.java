package dev.ehlo.smtp.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.SessionLimits;
import dev.ehlo.smtp.server.sasl.ReferenceClient;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the session makes of logins: whom it lets try, what it counts, and when it asks. */
class AuthCommandTest {
    private static final Profile PATIENT = Profile.submissions()
            .limits(SessionLimits.STANDARD.maxAuthFailures(1000).maxErrors(1000));
    private static final String WRONG = "AUTH PLAIN AGFsaWNlAHdyb25n\r\n";
    private static final String RIGHT = "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n";
    private static final String BAD_TOKEN =
            "AUTH XOAUTH2 " + base64("user=alice\u0001auth=Bearer x\u0001\u0001") + "\r\n";

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static MachinePeer greeted(MachinePeer peer) {
        assertThat(peer.say("")).startsWith("220 ");
        assertThat(peer.say("EHLO client.example\r\n")).startsWith("250");
        return peer;
    }

    @Test
    void doesNotListenToWhoGuesses() {
        MachinePeer peer = greeted(new MachinePeer(PATIENT, "192.0.2.7"));
        for (int i = 0; i < 5; i++) {
            assertThat(peer.say(WRONG)).startsWith("535 5.7.8 ");
        }
        assertThat(peer.say(WRONG)).startsWith("454 4.7.0 ");
        assertThat(peer.say(RIGHT)).as("what is right is not told either").startsWith("454 4.7.0 ");
        assertThat(peer.failedLogins).hasSize(7);
        assertThat(peer.failures).isEmpty();
    }

    @Test
    void countsALoginAsOneHoweverItIsWritten() {
        MachinePeer peer = greeted(new MachinePeer(PATIENT, "192.0.2.7"));
        // Of characters that SASLprep makes nothing of.
        for (String alice : List.of("a\u00adlice", "al\u00adice", "ali\u2060ce", "alic\ufeffe", "alice\ufe0f")) {
            assertThat(peer.say(plain(alice, "wrong"))).startsWith("535 5.7.8 ");
        }
        assertThat(peer.say(WRONG)).startsWith("454 4.7.0 ");
        assertThat(peer.say(plain("\u00adalice", "wrong"))).startsWith("454 4.7.0 ");
        MachinePeer owner = greeted(new MachinePeer(PATIENT, "192.0.2.7"));
        assertThat(owner.say(plain("al\u00adice", "secret"))).startsWith("235 ");
    }

    private static String plain(String login, String password) {
        return "AUTH PLAIN " + base64('\0' + login + '\0' + password) + "\r\n";
    }

    @Test
    void endsWithWhoGoesOnAskingWhatCannotBeTold() {
        Profile profile = Profile.submissions().limits(SessionLimits.STANDARD.maxIdleCommands(3));
        MachinePeer peer = greeted(new MachinePeer(profile, Logins.ALL));
        String unreachable = "AUTH XOAUTH2 " + base64("user=\u0001auth=Bearer unreachable\u0001\u0001") + "\r\n";
        for (int i = 0; i < 2; i++) {
            assertThat(peer.say(unreachable)).startsWith("454 4.7.0 ");
        }
        peer.say(unreachable + unreachable);
        assertThat(peer.isClosed()).isTrue();
    }

    @Test
    void countsATokenThatWasDeniedWhateverTheClientSaysToThat() {
        MachinePeer peer = greeted(new MachinePeer(Profile.submissions(), Logins.ALL));
        assertThat(peer.say(BAD_TOKEN)).startsWith("334 ");
        assertThat(peer.failedLogins).containsExactly("alice");
        assertThat(peer.say("*\r\n")).startsWith("501 ");
        assertThat(peer.say(BAD_TOKEN + "\r\n")).contains("\n535 ");
        assertThat(peer.say(BAD_TOKEN + "*\r\n")).contains("\n501 ").contains("\n421 ");
        assertThat(peer.isClosed()).isTrue();
    }

    @Test
    void countsAFailureWhoseClientIsGone() {
        MachinePeer peer = greeted(new MachinePeer(PATIENT, "192.0.2.7"));
        peer.holdQuestions = true;
        assertThat(peer.say(WRONG)).isEmpty();
        peer.session().lost();
        peer.settle(peer.session().question());
        assertThat(peer.failedLogins).containsExactly("alice");
        assertThat(peer.taken()).isEmpty();
        assertThat(peer.session().info().login()).isEmpty();
    }

    @Test
    void letsNobodyInWhoseConnectionIsGone() {
        MachinePeer peer = greeted(new MachinePeer(PATIENT, "192.0.2.7"));
        peer.holdQuestions = true;
        peer.say(RIGHT);
        peer.session().lost();
        peer.settle(peer.session().question());
        assertThat(peer.session().info().login()).isEmpty();
        assertThat(peer.taken()).isEmpty();
    }

    @Test
    void asksForKeysAndVerdictsAndStandsStillMeanwhile() {
        MachinePeer peer = greeted(new MachinePeer(PATIENT, Logins.ALL));
        ReferenceClient client = new ReferenceClient("SHA-256", "alice", "secret", "client", "n,,", new byte[0]);
        peer.holdQuestions = true;
        assertThat(peer.say("AUTH SCRAM-SHA-256 " + base64(client.first()) + "\r\nNOOP\r\n"))
                .isEmpty();
        assertThat(peer.session().question().mayBlock()).isTrue();
    }

    @Test
    void takesNoLineThatIsTooLong() {
        MachinePeer peer = greeted(new MachinePeer(PATIENT, Logins.ALL));
        peer.say("AUTH SCRAM-SHA-256\r\n");
        assertThat(peer.say("A".repeat(12_287) + "\r\n")).startsWith("500 5.5.6 ");
        peer.say("AUTH SCRAM-SHA-256\r\n");
        // As long as may be, and no message of SCRAM.
        assertThat(peer.say("A".repeat(12_284) + "\r\n")).startsWith("501 5.5.2 ");
        assertThat(peer.say("AUTH SCRAM-SHA-256 " + "A".repeat(12_288) + "\r\n"))
                .startsWith("500 ");
        assertThat(peer.say("NOOP\r\n")).startsWith("250 ");
    }

    @Test
    void offersWhatTheConnectionHasAllNeedsFor() {
        MachinePeer peer = new MachinePeer(PATIENT, Logins.ALL);
        assertThat(peer.say("EHLO x\r\n")).contains(" SCRAM-SHA-256-PLUS ").contains(" EXTERNAL ");
        MachinePeer unbound = new MachinePeer(PATIENT, Logins.ALL);
        unbound.binding = null;
        assertThat(unbound.say("EHLO x\r\n"))
                .contains("AUTH SCRAM-SHA-256 SCRAM-SHA-1 ")
                .doesNotContain("-PLUS");
        assertThat(unbound.say("AUTH SCRAM-SHA-256-PLUS\r\n")).startsWith("504 ");
        // Not offered, and the client says so.
        assertThat(unbound.say("AUTH SCRAM-SHA-256 " + base64("y,,n=alice,r=client") + "\r\n"))
                .startsWith("334 ");
        MachinePeer passwords = new MachinePeer(PATIENT, (login, password) -> Optional.empty());
        assertThat(passwords.say("EHLO x\r\n")).contains("AUTH PLAIN LOGIN").doesNotContain("SCRAM");
        assertThat(passwords.say("AUTH CRAM-MD5\r\n")).startsWith("504 ");
    }
}
