package dev.ehlo.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.Mechanism;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AuthenticatorTest {
    private final Authenticator passwords =
            (login, password) -> password.equals("secret") ? Optional.of(login) : Optional.empty();

    @Test
    void knowsPasswordsAloneUnlessItSaysMore() throws IOException {
        assertThat(passwords.mechanisms()).containsExactlyInAnyOrder(Mechanism.PLAIN, Mechanism.LOGIN);
        assertThat(passwords.scram("alice", Mechanism.SCRAM_SHA_256)).isEmpty();
        assertThat(passwords.token("alice", "t")).isEmpty();
        assertThat(passwords.external(List.of(), "")).isEmpty();
        assertThat(passwords.secret("alice")).isEmpty();
        assertThat(passwords.canonical("ALICE")).isEqualTo("alice");
    }

    @Test
    void asksAValidatorForTokensAndItselfForAllElse() throws IOException {
        Authenticator both = passwords.withTokens((login, token) -> {
            if (token.equals("unreachable")) {
                throw new IOException("issuer gone");
            }
            return token.equals("of.alice") && (login.isEmpty() || login.equals("alice"))
                    ? Optional.of("alice")
                    : Optional.empty();
        });
        assertThat(both.mechanisms())
                .containsExactlyInAnyOrder(Mechanism.PLAIN, Mechanism.LOGIN, Mechanism.OAUTHBEARER, Mechanism.XOAUTH2);
        assertThat(both.authenticate("alice", "secret")).contains("alice");
        assertThat(both.token("", "of.alice")).contains("alice");
        assertThat(both.token("bob", "of.alice")).isEmpty();
        assertThatThrownBy(() -> both.token("", "unreachable")).isInstanceOf(IOException.class);
        assertThat(both.canonical("ALICE")).isEqualTo("alice");
        assertThat(both.scram("alice", Mechanism.SCRAM_SHA_1)).isEmpty();
        assertThat(both.external(List.of(), "")).isEmpty();
        assertThat(both.secret("alice")).isEmpty();
        assertThat(both.scramIterations()).isEqualTo(ScramCredential.ITERATIONS);
    }
}
