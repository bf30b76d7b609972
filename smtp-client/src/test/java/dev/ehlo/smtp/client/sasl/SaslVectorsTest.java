package dev.ehlo.smtp.client.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.sasl.ScramHash;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The dialogues that the RFCs show, octet for octet. */
class SaslVectorsTest {
    @Test
    void scramSha1OfRfc5802() {
        ScramExchange exchange = new ScramExchange(
                ScramHash.SHA_1, "user", new ScramPassword("pencil"), ScramBinding.NONE, "fyko+d2lbbFgONRv9qkxdawL");
        assertThat(said(exchange, exchange.begin())).isEqualTo("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
        assertThat(said(
                        exchange,
                        exchange.answer(
                                octets("r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"))))
                .isEqualTo("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
        assertThat(exchange.isComplete()).isFalse();
        assertThat(said(exchange, exchange.answer(octets("v=rmF9pqV8S7suAoZWja4dJRkFsKQ="))))
                .isEmpty();
        assertThat(exchange.isComplete()).isTrue();
    }

    @Test
    void scramSha256OfRfc7677() {
        ScramExchange exchange = new ScramExchange(
                ScramHash.SHA_256, "user", new ScramPassword("pencil"), ScramBinding.NONE, "rOprNGfwEbeRWgbNEkqO");
        assertThat(said(exchange, exchange.begin())).isEqualTo("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        assertThat(said(
                        exchange,
                        exchange.answer(octets("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                                + "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"))))
                .isEqualTo("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                        + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        assertThat(said(exchange, exchange.answer(octets("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="))))
                .isEmpty();
        assertThat(exchange.isComplete()).isTrue();
    }

    @Test
    void cramMd5OfRfc2195() {
        CramMd5Exchange exchange = new CramMd5Exchange("tim", "tanstaaftanstaaf");
        assertThat(exchange.begin()).isEqualTo(new SaslStep.Listen());
        assertThat(said(exchange, exchange.answer(octets("<1896.697170952@postoffice.reston.mci.net>"))))
                .isEqualTo("tim b913a602c7eda7a495b4e6e7334d3890");
        assertThat(exchange.isComplete()).isTrue();
    }

    @Test
    void oauthBearerOfRfc7628() {
        List<Optional<String>> refused = new ArrayList<>();
        TokenExchange exchange = TokenExchange.oauthBearer("user@example.com", "server.example.com", 143, last -> {
            refused.add(last);
            return CompletableFuture.completedFuture("vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==");
        });
        String said = said(exchange, exchange.begin());
        assertThat(Base64.getEncoder().encodeToString(octets(said)))
                .isEqualTo("bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyI"
                        + "HZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB");
        assertThat(exchange.isComplete()).isTrue();
        assertThat(refused).containsExactly(Optional.empty());
        assertThat(said(exchange, exchange.answer(octets("{\"status\":\"invalid_token\"}"))))
                .isEqualTo("\u0001");
        assertThat(exchange.isComplete()).isFalse();
    }

    @Test
    void xoauth2AsGoogleShowsIt() {
        TokenExchange exchange = TokenExchange.xoauth2(
                "someuser@example.com",
                last -> CompletableFuture.completedFuture("ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"));
        assertThat(Base64.getEncoder().encodeToString(octets(said(exchange, exchange.begin()))))
                .isEqualTo("dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSF"
                        + "JoZG1semRHRXVZMjl0Q2cBAQ==");
        assertThat(said(exchange, exchange.answer(octets("{}")))).isEmpty();
    }

    @Test
    void plainLoginAndExternal() {
        PlainExchange plain = new PlainExchange("tim", "tanstaaftanstaaf");
        assertThat(said(plain, plain.begin())).isEqualTo("\0tim\0tanstaaftanstaaf");
        LoginExchange login = new LoginExchange("tim", "secret");
        assertThat(login.begin()).isEqualTo(new SaslStep.Listen());
        assertThat(said(login, login.answer(octets("Username:")))).isEqualTo("tim");
        assertThat(login.isComplete()).isFalse();
        assertThat(said(login, login.answer(octets("Password:")))).isEqualTo("secret");
        assertThat(login.isComplete()).isTrue();
        assertThat(login.answer(octets("Once more:"))).isInstanceOf(SaslStep.GiveUp.class);
        ExternalExchange external = new ExternalExchange();
        assertThat(said(external, external.begin())).isEmpty();
    }

    /** What is said, once what is asked for has been answered. */
    static String said(SaslExchange exchange, SaslStep step) {
        SaslStep next = step instanceof SaslStep.Ask ask
                ? exchange.answered(ask.by(Runnable::run).join())
                : step;
        return new String(((SaslStep.Say) next).message(), UTF_8);
    }

    static byte[] octets(String text) {
        return text.getBytes(UTF_8);
    }
}
