package dev.ehlo.smtp.server.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.server.Authenticator;
import dev.ehlo.smtp.server.ScramCredential;
import dev.ehlo.smtp.server.ScramKey;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The examples of the RFCs, octet for octet. */
class ScramVectorsTest {
    private static Authenticator knowing(Mechanism mechanism, String salt) {
        ScramCredential user = new ScramCredential(
                        "user", mechanism, Base64.getDecoder().decode(salt), 4096, List.of())
                .with("other", "eraser")
                .with(ScramKey.OWN, "pencil");
        return new Authenticator() {
            @Override
            public Optional<String> authenticate(String login, String password) {
                return Optional.empty();
            }

            @Override
            public Set<Mechanism> mechanisms() {
                return Set.of(mechanism);
            }

            @Override
            public Optional<ScramCredential> scram(String login, Mechanism asked) {
                return login.equals("user") && asked == mechanism ? Optional.of(user) : Optional.empty();
            }
        };
    }

    /** RFC 5802 §5. */
    @Test
    void ofScramSha1() {
        Authenticator logins = knowing(Mechanism.SCRAM_SHA_1, "QSXCR+Q6sek8bf92");
        Talk talk = new Talk(logins, Mechanism.SCRAM_SHA_1, "3rfcNHYJY1ZVvWVs7j", List.of());
        assertThat(talk.listen()).isEmpty();
        assertThat(talk.say("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"))
                .isEqualTo("r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096");
        assertThat(talk.say("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="))
                .isEqualTo("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
        assertThat(talk.say("")).isEqualTo("accepted: user");
    }

    /** RFC 7677 §3. */
    @Test
    void ofScramSha256() {
        Authenticator logins = knowing(Mechanism.SCRAM_SHA_256, "W22ZaJ0SNY7soEsUEjb6gQ==");
        Talk talk = new Talk(logins, Mechanism.SCRAM_SHA_256, Talk.NONCE, List.of());
        assertThat(talk.say("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"))
                .isEqualTo("r=rOprNGfwEbeRWgbNEkqO" + Talk.NONCE + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        assertThat(talk.say("c=biws,r=rOprNGfwEbeRWgbNEkqO" + Talk.NONCE
                        + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="))
                .isEqualTo("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        assertThat(talk.exchange.login()).isEqualTo("user");
        assertThat(talk.say("")).isEqualTo("accepted: user");
    }
}
