package dev.ehlo.smtp.server.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.server.Authenticator;
import dev.ehlo.smtp.server.session.Logins;
import dev.ehlo.smtp.testkit.TestCertificate;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SaslExchangesTest {
    private static final TestCertificate ALICE = TestCertificate.selfSigned("alice");

    private static Talk talk(Mechanism mechanism) {
        return new Talk(Logins.ALL, mechanism, "nonce", List.of(), List.of(ALICE.x509()));
    }

    private static String bearer(String header, String token) {
        return header + "\u0001host=mx.example.org\u0001port=587\u0001auth=Bearer " + token + "\u0001\u0001";
    }

    @Test
    void offersTheBestFirstAndWhatTheConnectionHasAllNeedsFor() {
        SaslMechanisms all = new SaslMechanisms(Logins.ALL, "", new byte[16], () -> "");
        assertThat(all.offered(true, true)).containsExactly(Mechanism.values());
        assertThat(all.offered(false, false))
                .containsExactly(
                        Mechanism.SCRAM_SHA_256,
                        Mechanism.SCRAM_SHA_1,
                        Mechanism.OAUTHBEARER,
                        Mechanism.XOAUTH2,
                        Mechanism.CRAM_MD5,
                        Mechanism.PLAIN,
                        Mechanism.LOGIN);
        SaslMechanisms passwords = new SaslMechanisms(Logins.PASSWORDS, "", new byte[16], () -> "");
        assertThat(passwords.offered(true, true)).containsExactly(Mechanism.PLAIN, Mechanism.LOGIN);
        assertThat(passwords.hasBound()).isFalse();
        assertThat(passwords.begin(Mechanism.CRAM_MD5, talk(Mechanism.PLAIN))).isNull();
        assertThat(all.begin(Mechanism.SCRAM_SHA_256_PLUS, talk(Mechanism.PLAIN)))
                .isNull();
        Talk withoutCertificate = new Talk(Logins.ALL, Mechanism.PLAIN, "", List.of());
        assertThat(all.begin(Mechanism.EXTERNAL, withoutCertificate)).isNull();
    }

    @Test
    void offersScramWithBindingAloneWhereThatIsNamedAlone() {
        Authenticator bound = new Authenticator() {
            @Override
            public Optional<String> authenticate(String login, String password) {
                return Optional.empty();
            }

            @Override
            public Set<Mechanism> mechanisms() {
                return Set.of(Mechanism.SCRAM_SHA_256_PLUS);
            }
        };
        SaslMechanisms mechanisms = new SaslMechanisms(bound, "", new byte[16], () -> "");
        assertThat(mechanisms.offered(true, true)).containsExactly(Mechanism.SCRAM_SHA_256_PLUS);
        assertThat(mechanisms.offered(false, true)).isEmpty();
        assertThat(mechanisms.begin(Mechanism.SCRAM_SHA_256, talk(Mechanism.PLAIN)))
                .isNull();
    }

    @Test
    void takesATokenInBothForms() {
        assertThat(talk(Mechanism.OAUTHBEARER).listen()).isEmpty();
        assertThat(talk(Mechanism.OAUTHBEARER).say(bearer("n,a=alice,", "of.alice")))
                .isEqualTo("accepted: alice");
        assertThat(talk(Mechanism.OAUTHBEARER).say(bearer("n,,", "of.alice"))).isEqualTo("accepted: alice");
        assertThat(talk(Mechanism.OAUTHBEARER).say("y,,\u0001auth=bEARER  of.alice\u0001\u0001"))
                .isEqualTo("accepted: alice");
        assertThat(talk(Mechanism.XOAUTH2).say("user=alice\u0001auth=Bearer of.alice\u0001\u0001"))
                .isEqualTo("accepted: alice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"of.bob", "", "of alice", "of.alice\u0007"})
    void tellsWhyATokenIsNotTaken(String token) {
        Talk talk = talk(Mechanism.OAUTHBEARER);
        assertThat(talk.say(bearer("n,a=alice,", token))).isEqualTo("denied: {\"status\":\"invalid_token\"}");
        assertThat(talk.exchange.login()).isEqualTo("alice");
        assertThat(talk(Mechanism.XOAUTH2).say("user=alice\u0001auth=Bearer " + token + "\u0001\u0001"))
                .startsWith("denied: ");
    }

    @Test
    void takesNoTokenOfAnotherNorWithoutScheme() {
        assertThat(talk(Mechanism.OAUTHBEARER).say(bearer("n,a=bob,", "of.alice")))
                .startsWith("denied: ");
        assertThat(talk(Mechanism.OAUTHBEARER).say("n,,\u0001auth=Basic of.alice\u0001\u0001"))
                .startsWith("denied: ");
        assertThat(talk(Mechanism.OAUTHBEARER).say("n,,\u0001host=x\u0001\u0001"))
                .startsWith("denied: ");
    }

    @Test
    void doesNotRefuseATokenThatNobodyCanBeAskedAbout() {
        assertThat(talk(Mechanism.OAUTHBEARER).say(bearer("n,,", "unreachable")))
                .isEqualTo("failed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\u0001\u0001",
                "n,,",
                "n,,\u0001auth=Bearer of.alice\u0001",
                "n,\u0001auth=Bearer of.alice\u0001\u0001",
                "n,alice,\u0001auth=Bearer of.alice\u0001\u0001",
                "n,a=al=ice,\u0001auth=Bearer of.alice\u0001\u0001",
                "n,a=,\u0001auth=Bearer of.alice\u0001\u0001",
                "p=tls-exporter,,\u0001auth=Bearer of.alice\u0001\u0001",
                "n,,\u0001auth=Bearer of.alice\u0001auth=Bearer of.alice\u0001\u0001",
                "n,,\u0001auth=Bearer of.alice\u0000\u0001\u0001",
                "user=alice\u0001auth=Bearer of.alice\u0001\u0001"
            })
    void refusesWhatIsNoTokenMessage(String message) {
        assertThat(talk(Mechanism.OAUTHBEARER).say(message)).isEqualTo("malformed");
    }

    @Test
    void letsInByCertificateAndAsNobodyElse() {
        assertThat(talk(Mechanism.EXTERNAL).listen()).isEmpty();
        assertThat(talk(Mechanism.EXTERNAL).say("")).isEqualTo("accepted: alice");
        assertThat(talk(Mechanism.EXTERNAL).say("alice")).isEqualTo("accepted: alice");
        assertThat(talk(Mechanism.EXTERNAL).say("bob")).isEqualTo("refused");
        assertThat(talk(Mechanism.EXTERNAL).say("al\u0007ice")).isEqualTo("refused");
        assertThat(talk(Mechanism.EXTERNAL).say("al\u0000ice")).isEqualTo("malformed");
        assertThat(talk(Mechanism.EXTERNAL).say("broken")).isEqualTo("failed");
    }

    /** The hash is that of {@code <nonce@mx.example.org>}, as {@code openssl dgst -md5 -hmac secret} has it. */
    @Test
    void takesAProofOfThePasswordByCramMd5() {
        Talk talk = talk(Mechanism.CRAM_MD5);
        assertThat(talk.exchange.isServerFirst()).isTrue();
        assertThat(talk.listen()).isEqualTo("<nonce@mx.example.org>");
        assertThat(talk.say("alice 5b1b8d0e6a4f3a0c4ccbd7e9c6a1f2d3")).isEqualTo("refused");
        assertThat(talk.say("nobody 5b1b8d0e6a4f3a0c4ccbd7e9c6a1f2d3")).isEqualTo("refused");
        assertThat(talk.say("broken 5b1b8d0e6a4f3a0c4ccbd7e9c6a1f2d3")).isEqualTo("failed");
        for (String message : List.of("", "alice", "alice 5b1b", " 5b1b8d0e6a4f3a0c4ccbd7e9c6a1f2d3")) {
            assertThat(talk.say(message)).isEqualTo("malformed");
        }
        assertThat(talk.say("alice 32bf9902a290bbefd9eaa76f08461bd0")).isEqualTo("accepted: alice");
    }

    @Test
    void preparesWhatIsSaidInClear() {
        assertThat(talk(Mechanism.PLAIN).say("\u0000al\u00adice\u0000secret")).isEqualTo("accepted: alice");
        assertThat(talk(Mechanism.PLAIN).say("\u0000alice\u0000sec\u0007ret")).isEqualTo("refused");
        assertThat(talk(Mechanism.PLAIN).say("\u0000" + "x".repeat(SaslText.MAX_LOGIN + 1) + "\u0000secret"))
                .isEqualTo("refused");
        assertThat(talk(Mechanism.PLAIN).say("\u0000alice\u0000")).isEqualTo("malformed");
        Talk login = talk(Mechanism.LOGIN);
        assertThat(login.listen()).isEqualTo("Username:");
        assertThat(login.say("al\u00adice")).isEqualTo("Password:");
        assertThat(login.say("secret")).isEqualTo("accepted: alice");
        Talk empty = talk(Mechanism.LOGIN);
        assertThat(empty.say("")).isEqualTo("Password:");
        assertThat(empty.say("")).isEqualTo("refused");
    }

    @Test
    void neverDrawsANonceTwice() {
        Supplier<String> nonces = SaslMechanisms.nonces(new SecureRandom());
        assertThat(nonces.get()).hasSize(24).doesNotContain(",", "=").isNotEqualTo(nonces.get());
    }
}
