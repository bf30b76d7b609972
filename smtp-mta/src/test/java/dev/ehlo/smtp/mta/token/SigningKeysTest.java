package dev.ehlo.smtp.mta.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.testkit.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Keys that come from a web server: how often it is asked, and what becomes of bad answers. */
@Timeout(60)
class SigningKeysTest {
    private final ManualClock clock = new ManualClock();
    private final Issuer first = new Issuer("first");
    private final Issuer second = new Issuer("second");
    private WebRig web;
    private SignedTokens tokens;

    @BeforeEach
    void publish() throws Exception {
        web = new WebRig();
        web.says(Issuer.jwks(first));
        tokens = tokens(Duration.ofSeconds(30));
    }

    @AfterEach
    void close() throws IOException {
        web.close();
    }

    private SignedTokens tokens(Duration patience) {
        TokenRules rules = new TokenRules(Optional.of(Issuer.NAME), Set.of(Issuer.AUDIENCE), "sub");
        return new SignedTokens(new SigningKeys(web.url(), clock, patience), rules, clock);
    }

    private Optional<String> login(Issuer issuer) throws IOException {
        return tokens.login(issuer.token("alice", clock.instant()));
    }

    @Test
    void asksOnceForManyTokens() throws IOException {
        for (int i = 0; i < 10; i++) {
            assertThat(login(first)).contains("alice");
        }
        assertThat(web.requests).hasSize(1);
    }

    @Test
    void asksAgainForAKeyItDoesNotKnowButNotTwiceWithinThePause() throws IOException {
        assertThat(login(first)).isPresent();
        for (int i = 0; i < 10; i++) {
            assertThat(login(second)).isEmpty();
        }
        assertThat(web.requests).as("unknown keys made up").hasSize(1);
        web.says(Issuer.jwks(first, second));
        clock.advance(SigningKeys.PAUSE);
        assertThat(login(second)).contains("alice");
        assertThat(login(first)).contains("alice");
        assertThat(web.requests).hasSize(2);
    }

    @Test
    void forgetsAKeyThatIsWithdrawn() throws IOException {
        assertThat(login(first)).isPresent();
        web.says(Issuer.jwks(second));
        clock.advance(SigningKeys.REREAD);
        assertThat(login(first)).isEmpty();
        assertThat(login(second)).isPresent();
    }

    @Test
    void usesTheOldKeysForAWhileWhenThereAreNoNewOnes() throws IOException {
        assertThat(login(first)).isPresent();
        web.status = 503;
        clock.advance(SigningKeys.REREAD);
        assertThat(login(first)).isPresent();
        assertThat(login(first)).isPresent();
        assertThat(web.requests).hasSize(2);
        clock.advance(SigningKeys.KEPT);
        assertThatThrownBy(() -> login(first)).isInstanceOf(IOException.class).hasMessageContaining("503");
        web.status = 200;
        clock.advance(SigningKeys.PAUSE);
        assertThat(login(first)).isPresent();
    }

    @Test
    void followsNoRedirect() {
        web.status = 302;
        assertThatThrownBy(() -> login(first)).isInstanceOf(IOException.class).hasMessageContaining("302");
        assertThat(web.requests).hasSize(1);
    }

    @Test
    void readsNoMoreThanItsBound() {
        web.answer = new byte[HttpEndpoint.MAX_OCTETS + 1];
        assertThatThrownBy(() -> login(first)).isInstanceOf(IOException.class).hasMessageContaining("more than");
    }

    @Test
    void waitsNoLongerThanItsTime() {
        web.isSilent = true;
        tokens = tokens(Duration.ofMillis(50));
        assertThatThrownBy(() -> login(first)).isInstanceOf(IOException.class).hasMessageContaining("50 ms");
    }

    @Test
    void takesNoSetWithoutASoundKey() {
        for (String answer : new String[] {"{\"keys\":[]}", "{}", "[]", "<html>", ""}) {
            web.says(answer);
            clock.advance(SigningKeys.PAUSE);
            assertThatThrownBy(() -> login(first)).as(answer).isInstanceOf(IOException.class);
        }
    }

    @Test
    void asksOnlyOverHttpsBesideThisHost() {
        for (String url : new String[] {
            "http://id.example.org/keys", "http://localhost.example.org/", "https://u:p@id.example.org/", "https://"
        }) {
            assertThatThrownBy(() -> new SigningKeys(url, clock))
                    .as(url)
                    .isInstanceOf(IllegalArgumentException.class)
                    .message()
                    .doesNotContain("u:p");
        }
        new SigningKeys("https://id.example.org/keys", clock);
        new SigningKeys("http://localhost:8080/keys", clock);
    }
}
