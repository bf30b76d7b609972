package dev.ehlo.smtp.client.sasl;

import static dev.ehlo.smtp.client.sasl.SaslVectorsTest.octets;
import static dev.ehlo.smtp.client.sasl.SaslVectorsTest.said;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How tokens are asked for. */
class TokenTest {
    private final List<Optional<String>> refused = new ArrayList<>();

    @Test
    void asksForAnotherTokenOnceAndSaysWhichWasRefused() {
        TokenExchange first = exchange("one", "two", "three");
        assertThat(first.again()).as("nothing was refused yet").isNull();
        assertThat(said(first, first.begin())).contains("Bearer one\1");
        SaslExchange second = Objects.requireNonNull(first.again());
        assertThat(said(second, second.begin())).contains("Bearer two\1");
        assertThat(second.again()).isNull();
        assertThat(refused).containsExactly(Optional.empty(), Optional.of("one"));
    }

    @Test
    void doesNotSayTheSameTokenAgain() {
        TokenExchange first = exchange("one", "one");
        said(first, first.begin());
        SaslExchange second = Objects.requireNonNull(first.again());
        SaslStep.Ask ask = (SaslStep.Ask) second.begin();
        assertThat(second.answered(ask.by(Runnable::run).join())).isInstanceOf(SaslStep.GiveUp.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\r\nRSET", "a\1b", "a\0", "caf\u00e9", "\u760d\u760a"})
    void saysNothingThatIsNoToken(String token) {
        TokenExchange exchange = exchange(token);
        SaslStep.Ask ask = (SaslStep.Ask) exchange.begin();
        SaslStep step = exchange.answered(ask.by(Runnable::run).join());
        assertThat(step).isInstanceOf(SaslStep.GiveUp.class);
        assertThat(token.isEmpty() ? "" : step.toString()).doesNotContain(token.isEmpty() ? "x" : token);
        assertThat(exchange.isComplete()).isFalse();
    }

    @Test
    void givesUpWhereThereIsNone() {
        TokenExchange exchange = TokenExchange.xoauth2(
                "user", last -> CompletableFuture.failedFuture(new IllegalStateException("down")));
        SaslStep.Ask ask = (SaslStep.Ask) exchange.begin();
        assertThat(ask.by(Runnable::run)).isCompletedExceptionally();
        assertThat(exchange.answered(null)).isInstanceOf(SaslStep.GiveUp.class);
    }

    @Test
    void endsNoFieldByTheNameOfTheUser() {
        TokenExchange exchange =
                TokenExchange.oauthBearer("a,n=b", "host", 25, last -> CompletableFuture.completedFuture("t"));
        assertThat(said(exchange, exchange.begin())).startsWith("n,a=a=2Cn=3Db,\1host=host\1port=25\1");
    }

    @Test
    void hasNothingToSayToASecondError() {
        TokenExchange exchange = exchange("one");
        said(exchange, exchange.begin());
        said(exchange, exchange.answer(octets("{}")));
        assertThat(exchange.answer(octets("{}"))).isInstanceOf(SaslStep.GiveUp.class);
    }

    private TokenExchange exchange(String... tokens) {
        return TokenExchange.oauthBearer("user", "host", 25, last -> {
            refused.add(last);
            return CompletableFuture.completedFuture(tokens[refused.size() - 1]);
        });
    }
}
