package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.testkit.ManualClock;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose a token is here that is good elsewhere; the check takes a token for the login that it is the text of. */
class UserTokensTest {
    @TempDir
    private Path scratch;

    private Users users;
    private UserTokens tokens;

    @BeforeEach
    void add() throws Exception {
        users = new Users(scratch.resolve("users"), Set.of("localhost", "mail.example.org"), new ManualClock());
        users.add("alice", "x");
        tokens = new UserTokens(users, token -> token.equals("bad") ? Optional.empty() : Optional.of(token));
    }

    @Test
    void letsInAUserByEitherFormOfTheName() throws Exception {
        assertThat(tokens.validate("alice", "alice")).contains("alice");
        assertThat(tokens.validate("alice@mail.example.org", "Alice")).contains("alice");
        assertThat(tokens.validate("alice", "alice@mail.example.org")).contains("alice");
        assertThat(tokens.validate("", "alice")).contains("alice");
    }

    @Test
    void refusesWhoIsNoUserOrSaysAnotherName() throws Exception {
        assertThat(tokens.validate("alice", "bad")).isEmpty();
        assertThat(tokens.validate("", "bob")).isEmpty();
        assertThat(tokens.validate("bob", "alice")).isEmpty();
        assertThat(tokens.validate("alice@elsewhere.example", "alice")).isEmpty();
        assertThat(tokens.validate("alice", "alice@elsewhere.example")).isEmpty();
        users.remove("alice");
        assertThat(tokens.validate("alice", "alice")).isEmpty();
    }
}
