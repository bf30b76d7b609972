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

/** Tokens that another host is asked about: what it is asked, and what is made of each answer. */
@Timeout(60)
class IntrospectedTokensTest {
    private final ManualClock clock = new ManualClock();
    private WebRig web;
    private IntrospectedTokens tokens;

    @BeforeEach
    void start() throws Exception {
        web = new WebRig();
        tokens = tokens(Optional.empty(), Set.of());
    }

    @AfterEach
    void close() throws IOException {
        web.close();
    }

    private IntrospectedTokens tokens(Optional<String> issuer, Set<String> audience) {
        TokenRules rules = new TokenRules(issuer, audience, "sub");
        return new IntrospectedTokens(web.url(), "mail", "se:cr%et", rules, clock, Duration.ofSeconds(30));
    }

    @Test
    void asksWithItsOwnLoginAndTheTokenEncoded() throws IOException {
        web.says("{\"active\":true,\"sub\":\"alice\"}");
        assertThat(tokens.login("a+b/c=&token=other")).contains("alice");
        assertThat(web.requests).containsExactly("token_type_hint=access_token&token=a%2Bb%2Fc%3D%26token%3Dother");
        assertThat(web.authorization).isEqualTo("Basic bWFpbDpzZSUzQWNyJTI1ZXQ="); // mail:se%3Acr%25et
    }

    @Test
    void asksAnewForEachLogin() throws IOException {
        web.says("{\"active\":true,\"sub\":\"alice\"}");
        assertThat(tokens.login("t")).isPresent();
        web.says("{\"active\":false}");
        assertThat(tokens.login("t")).isEmpty();
    }

    @Test
    void refusesATokenOfWhichTooLittleIsSaidOrWhichBreaksARule() throws IOException {
        tokens = tokens(Optional.of(Issuer.NAME), Set.of("ehlo"));
        String good = "{\"active\":true,\"sub\":\"alice\",\"iss\":\"" + Issuer.NAME + "\",\"aud\":[\"ehlo\",\"x\"]";
        long now = clock.instant().getEpochSecond();
        web.says(good + ",\"exp\":" + (now + 1) + "}");
        assertThat(tokens.login("t")).contains("alice");
        for (String answer : new String[] {
            "{\"active\":false,\"sub\":\"alice\"}",
            "{\"active\":true}",
            "{\"active\":true,\"sub\":\"\"}",
            "{\"active\":true,\"sub\":[\"alice\"]}",
            "{\"active\":true,\"sub\":\"alice\",\"aud\":\"ehlo\"}",
            good.replace("ehlo", "web") + "}",
            good.replace(Issuer.NAME, "https://elsewhere.example") + "}",
            good + ",\"exp\":" + (now - 61) + "}",
            good + ",\"nbf\":" + (now + 61) + "}"
        }) {
            web.says(answer);
            assertThat(tokens.login("t")).as(answer).isEmpty();
        }
    }

    @Test
    void saysThatItCannotTellWithoutAnAnswer() throws IOException {
        for (String answer : new String[] {"", "[]", "{}", "{\"active\":\"true\"}", "<html>"}) {
            web.says(answer);
            assertThatThrownBy(() -> tokens.login("t")).as(answer).isInstanceOf(IOException.class);
        }
        web.says("{\"active\":true,\"sub\":\"alice\"}");
        for (int status : new int[] {201, 302, 401, 500}) {
            web.status = status;
            assertThatThrownBy(() -> tokens.login("t")).hasMessageContaining(String.valueOf(status));
        }
        web.close();
        assertThatThrownBy(() -> tokens.login("t")).isInstanceOf(IOException.class);
    }
}
